"""The schema, the stream, and what goes wrong without anybody noticing."""

from typing import Final

from lab.lesson.steps.step import Step, cell, prose

READING: Final = (
    Step(
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
            Define `logSchema`: the three columns of a log record, in the order in which they stand on a line, each with
            its type.
        """),
        starter=cell("""
            from pyspark.sql.types import IntegerType, StringType, StructField, StructType

            logSchema = ??
        """),
        hints=(
            prose("""
                Look at a line of a log file, such as `s1,2,3`. Which of its three values is a name, and which would
                you want to subtract or compare as numbers?
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
            CSV has no names and no types inside, so the position decides which value lands in which column. `timestamp`
            is an integer and no date or time: the report subtracts timestamps. The same schema can be written as text,
            `"serverID STRING, severity INT, timestamp INT"`.
        """),
    ),
    Step(
        "schema-right",
        "With logSchema",
        cell("""
            spark.read.schema(logSchema).csv(s3_log_data_uri + "s115.csv").toPandas()
        """),
        needs=("schema",),
    ),
    Step(
        "schema-order",
        "Columns in another order",
        cell("""
            wrongOrder = "timestamp INT, severity INT, serverID STRING"
            spark.read.schema(wrongOrder).csv(s3_log_data_uri + "s115.csv").toPandas()
        """),
    ),
    Step(
        "schema-header",
        "A header that is not there",
        cell("""
            spark.read.schema(logSchema).option("header", "true").csv(s3_log_data_uri + "s115.csv").toPandas()
        """),
        needs=("schema",),
    ),
    Step(
        "schema-clock",
        "The timestamp as a clock",
        cell("""
            clock = "serverID STRING, severity INT, timestamp TIMESTAMP"
            spark.read.schema(clock).csv(s3_log_data_uri + "s115.csv").toPandas()
        """),
    ),
    Step(
        "read-stream",
        "Open the stream",
        cell("""
            streamingLogData = spark.readStream.schema(logSchema).csv(s3_log_data_live_uri)

            print("is it a stream?", streamingLogData.isStreaming)
            print("queries running:", len(spark.streams.active))
            streamingLogData.printSchema()
        """),
        needs=("schema",),
        variable="streamingLogData",
        task=prose("""
            Define `streamingLogData`: a stream of the csv files in the live folder, `s3_log_data_live_uri`, read with
            `logSchema`.
        """),
        starter=cell("""
            streamingLogData = spark.readStream.??

            print("is it a stream?", streamingLogData.isStreaming)
            print("queries running:", len(spark.streams.active))
            streamingLogData.printSchema()
        """),
        hints=(
            prose("""
                If these were files that are all there already, how would you have Spark read them? And which of the
                three folders do deliveries go to?
            """),
            prose("""
                `spark.readStream` is used like `spark.read`: first `.schema(…)`, then `.csv(…)` with the address of the
                folder. The schema is the variable of the step before.
            """),
            prose("""
                `spark.readStream.schema(logSchema).csv(…)`, with the address of the *live* folder inside the last
                parentheses: `s3_log_data_live_uri`.
            """),
        ),
        why=prose("""
            A stream needs its schema declared, since the files that it will read are not there yet. Nothing is read by
            this cell: it describes a table without an end. There is no header option, because the log files have none.
        """),
    ),
    Step(
        "peek",
        "Peek at the rows",
        cell("""
            peekQuery = (
                streamingLogData.writeStream
                .queryName("peek")
                .outputMode("append")
                .format("memory")
                .start()
            )
        """),
        needs=("read-stream",),
        variable="peekQuery",
        streams=True,
    ),
)
