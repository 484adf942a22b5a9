"""Messages for what the lab does not perform: what it is, and what to use instead."""

import difflib
from collections.abc import Iterable
from types import MappingProxyType
from typing import Final

from lab.cells.articles import a
from lab.cells.spark_functions import words
from lab.engine.failures import Refusal

MAX_NAMES: Final = 14
# Codes of refusals. The lab recognises mistakes by them.
UNDEFINED: Final = "undefined-name"
OUTSIDE: Final = "outside-bucket"
TYPE_OF_FIELD: Final = "type-of-field"


class Refused(Exception):  # noqa: N818  # it is no error of the lab's
    """Something that the lab does not perform. The evaluator adds its line and column, and raises it as a CellError.

    The message is for people; code tells refusals apart by `code` and `subject`.
    """

    def __init__(self, message: str, code: str = "refused", subject: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.subject = subject

    @property
    def value(self) -> Refusal:
        """The code and the subject, without the message."""
        return Refusal(self.code, self.subject)


class Mistaken(Refused):
    """Something that Python or Spark would refuse, too: a mistake in the code, not a limit of the lab."""


class Undefined(Mistaken):
    """A name or an attribute that does not exist, neither in Python nor here. A cell may catch it as Python's error.

    `kind` is the class of that error. `name` is the undefined name; empty for an attribute.
    """

    def __init__(self, kind: type[Exception], message: str, name: str = "") -> None:
        super().__init__(message, UNDEFINED if name else "undefined-attribute", name)
        self.kind = kind
        self.name = name


class Endless(Mistaken):
    """A wait that never ends: the statements after it would never run."""


_FILES: Final = "Files are read with spark.read and spark.readStream, and written with write and writeStream."
_BUCKET: Final = (
    "The files are there already: copy_s3_file_to_live_folder(...) delivers them, empty_s3_folder() empties the folder."
)
_NO_SYSTEM: Final = "Nothing outside Spark and your three folders can be reached from a cell."
_SPARK: Final = "A session is there already, under the name spark."
_OBJECTS: Final = "Functions (def) and DataFrames are all that this lab needs."
_COLUMNS: Final = "Use the functions of pyspark.sql.functions, such as F.when and F.col, which Spark runs by itself."
_ROWS: Final = "Use DataFrame methods such as select, where and groupBy."
_BATCH: Final = "Use foreachBatch, which gives each micro-batch as a DataFrame."
_F_STRING: Final = 'Use an f-string: f"batch {batch_id}".'
_WATCH: Final = 'Use format("memory") with a queryName, and read its table with spark.sql.'
_SETTINGS: Final = "The lab has set up Spark already, for everybody on this server."
_VIEWS: Final = 'Use spark.sql("SHOW TABLES") to see your tables.'
_GENERATED: Final = "Read a file of your bucket with spark.read instead."

# The key is the name of what is refused: an import, a name, an attribute or a statement.
ADVICE: Final = MappingProxyType(
    {
        # Imports.
        "sys": _NO_SYSTEM,
        "subprocess": _NO_SYSTEM,
        "socket": _NO_SYSTEM,
        "requests": _NO_SYSTEM,
        "botocore": _BUCKET,
        "s3fs": _BUCKET,
        "pandas": "Use toPandas() of a DataFrame to get a pandas table.",
        "numpy": "Use the functions of pyspark.sql.functions.",
        "threading": "A streaming query runs in the background by itself.",
        "Window": "Use groupBy and agg.",
        # Names.
        "open": _FILES,
        "input": "Write the value into the cell.",
        "exec": "Write the code into the cell itself.",
        "eval": "Write the code into the cell itself.",
        "compile": "Write the code into the cell itself.",
        "__import__": "Use an import statement, such as from pyspark.sql import functions as F.",
        "__builtins__": _NO_SYSTEM,
        "getattr": "Write the attribute itself: frame.columns.",
        "setattr": _OBJECTS,
        "globals": "Use the names themselves.",
        "locals": "Use the names themselves.",
        "vars": "Use the names themselves.",
        "dir": "The documentation of PySpark lists what there is; printSchema() shows the columns.",
        "help": "The documentation of PySpark lists what there is; printSchema() shows the columns.",
        "iter": "Use a for loop.",
        "next": "Take the first of a list: values[0].",
        "hasattr": "Use print(type(x)) to see what something is.",
        "sc": _ROWS,
        "sqlContext": _SPARK,
        "sqlc": _SPARK,
        # Statements.
        "try": "Write except, without a star.",
        "with": _FILES,
        "class": _OBJECTS,
        "yield": "Return a list instead.",
        "async": "A streaming query runs in the background by itself.",
        "await": "A streaming query runs in the background by itself.",
        "match": "Use if and elif.",
        "@": "Call the function by its name.",
        # Attributes.
        "cwd": _NO_SYSTEM,
        "home": _NO_SYSTEM,
        "builder": _SPARK,
        "newSession": _SPARK,
        "sparkContext": _ROWS,
        "conf": _SETTINGS,
        "catalog": _VIEWS,
        "rdd": _ROWS,
        "mapInPandas": _COLUMNS,
        "mapInArrow": _COLUMNS,
        "applyInPandas": _COLUMNS,
        "foreachPartition": _ROWS,
        "udf": _COLUMNS,
        "udtf": _COLUMNS,
        "pandas_udf": _COLUMNS,
        "call_function": _COLUMNS,
        "call_udf": _COLUMNS,
        "java_method": _NO_SYSTEM,
        "reflect": _NO_SYSTEM,
        "try_reflect": _NO_SYSTEM,
        "createDataFrame": _GENERATED,
        "foreach": _BATCH,
        "saveAsTable": "Use csv(path) with a folder in your bucket, or createOrReplaceTempView(name) for a table.",
        "insertInto": "Use csv(path) with a folder in your bucket.",
        "writeTo": "Use write, and csv(path) with a folder in your bucket.",
        "jdbc": _FILES,
        "console": "It prints where you cannot see it: " + _WATCH[0].lower() + _WATCH[1:],
        "kafka": "Read csv files from your bucket instead.",
        "rate": "Read csv files from your bucket instead.",
        "crossJoin": "Use join with the columns to join on.",
        "checkpoint": "Use the option checkpointLocation of writeStream.",
        "continuous": 'Use processingTime, such as trigger(processingTime="1 second").',
        "addListener": "Use lastProgress and recentProgress of a query.",
        "format_map": _F_STRING,
        "to_csv": "Use write.csv(path) of a Spark DataFrame.",
        "apply": _COLUMNS,
        "pipe": _COLUMNS,
        "query": "Use where() of a Spark DataFrame.",
        "cleanSource": "Delivered files stay where they are until empty_s3_folder() is called.",
        "sourceArchiveDir": "Delivered files stay where they are until empty_s3_folder() is called.",
        "repeat": "Texts of that size help nobody here.",
        "sequence": "Read rows from files instead.",
    }
)
# For attributes whose advice depends on the type.
ADVICE_BY_TYPE: Final = MappingProxyType(
    {
        ("SparkSession", "stop"): "Spark is shared by everybody on this server: stop your query instead.",
        ("SparkSession", "range"): _GENERATED,
        ("DataFrame", "map"): _COLUMNS,
        ("DataFrame", "foreach"): "Use collect() and a for loop, or foreachBatch of writeStream.",
        ("DataFrame", "iterrows"): "Use collect() and a for loop, or toPandas().iterrows().",
        ("DataFrame", "start"): "A query is started from its writer: df.writeStream. ... .start().",
        ("DataFrame", "query"): "Use where().",
        ("DataFrame", "outputMode"): "It belongs to the writer: df.writeStream.outputMode(...).",
        ("DataFrame", "csv"): "It belongs to the writer: df.write.csv(path).",
        ("GroupedData", "apply"): "Use agg.",
        ("GroupedData", "alias"): 'Use agg, and alias inside it: agg(F.count("*").alias("n")).',
        ("Column", "over"): "Use groupBy and agg.",
        ("StreamingQuery", "awaitAnyTermination"): "It belongs to spark.streams.",
        ("DataStreamWriter", "awaitTermination"): "Call start() first, which gives the query.",
    }
)

# The most useful names: a list of a type's names begins with them.
_FIRST: Final = words(
    """
    select where groupBy agg withColumn orderBy show count toPandas columns printSchema writeStream write cast isNull
    isin otherwise format option outputMode queryName start csv schema read readStream sql table
    """
)


def refused(what: str, advice: str = "", code: str = "not-used", subject: str = "") -> Refused:
    """Return the refusal of something that is not in the vocabulary."""
    return Refused(f"The lab's cells do not use {what}. {advice}".rstrip(), code, subject)


def refused_name(name: str, what: str = "") -> Refused:
    """Return the refusal of a name, with the advice for it, if there is any."""
    return refused(what or repr(name), ADVICE.get(name, ""), subject=name)


def refused_attribute(title: str, name: str, offered: Iterable[str], *, exists: bool) -> Refused:
    """Return the refusal of an attribute or method that a type does not offer to a cell.

    `exists` says whether Python's or Spark's own type has it, as far as the lab knows.
    """
    names = sorted(offered, key=lambda known: (known not in _FIRST, known))
    if name.startswith("_"):
        return refused(f"{name!r} of {a(title)}", "Names that begin with an underscore belong to Python itself.")
    advice = ADVICE_BY_TYPE.get((title, name)) or ADVICE.get(name, "")
    if not advice:
        advice = did_you_mean(name, names)
    if not advice and names:
        more = ", ..." if len(names) > MAX_NAMES else ""
        advice = f"{a(title, upper=True)} offers {', '.join(names[:MAX_NAMES])}{more}."
    if exists or ADVICE.get(name):
        return refused(f"{name!r} of {a(title)}", advice)
    return Undefined(AttributeError, f"{a(title, upper=True)} has no {name!r}. {advice}".rstrip())


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a question that suggests the known name most like this one; empty when none is close."""
    names = list(known)
    close = difflib.get_close_matches(name.lower(), {other.lower() for other in names}, n=3, cutoff=0.75)
    likely = [other for other in names if other.lower() in close]
    best = max(likely, key=lambda other: difflib.SequenceMatcher(None, name, other).ratio(), default="")
    return f"Did you mean '{best}'?" if best else ""
