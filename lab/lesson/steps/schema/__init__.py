"""The schema of a log record, which the learner declares."""

from lab.judge.step import Step, cell, prose

STEP = Step(
    "schema",
    "Declare the schema",
    cell("""
        from pyspark.sql.types import IntegerType, StringType, StructField, StructType

        logSchema = StructType([
            StructField("serverID", StringType()),
            StructField("severity", IntegerType()),
            StructField("timestamp", IntegerType()),
        ])
    """),
    variable="logSchema",
    task=prose("""
        Define `logSchema`: the three columns of a log record, in the order of a line, each with its type.
    """),
    starter=cell("""
        from pyspark.sql.types import IntegerType, StringType, StructField, StructType

        logSchema = ??
    """),
    hints=(
        prose("""
            Look at a line of a log file, such as `s1,2,3`. Which of the three values is a name? Which will you
            subtract or compare as numbers?
        """),
        prose("""
            A `StructType` takes a list of fields. A field is `StructField(name, type)`, and a type is made by
            calling it: `StringType()`, `IntegerType()`. The order of the list is the order on the line.
        """),
        prose("""
            It begins with `logSchema = StructType([StructField("serverID", StringType()), …])`. Two more fields
            follow, `severity` and `timestamp`, both whole numbers.
        """),
    ),
    why=prose("""
        A csv file has no names and no types, so Spark goes by position. `timestamp` is a whole number, because the
        report subtracts timestamps. You can write the same schema as text:
        `"serverID STRING, severity INT, timestamp INT"`.
    """),
    page="schema",
    part="stream",
    passed="Right: three columns, in the order of the line, each with a type that fits.",
)
