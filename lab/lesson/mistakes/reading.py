"""Mistakes in the schema and in the stream."""

import re
from collections import Counter
from typing import Final

from lab.lesson.evidence import Evidence
from lab.lesson.mistakes.mistake import Mistake, program, raised
from lab.records import COLUMNS


def _order(evidence: Evidence) -> str:
    if not evidence.schema:
        return ""
    names = tuple(name for name, _ in evidence.schema)
    if names == COLUMNS or sorted(names) != sorted(COLUMNS):
        return ""
    said = f"CSV goes by position: `{names[0]}` gets the first value of a line, whatever it is called."
    if evidence.table:
        rows = evidence.table.rows
        nulls = [
            f"{name} {sum(row[index] is None for row in rows)} of {len(rows)}"
            for index, name in enumerate(names)
            if any(row[index] is None for row in rows)
        ]
        if nulls:
            said += f" With this schema, s115.csv gives these nulls: {', '.join(nulls)}."
        else:
            said += " With this schema, s115.csv gives no null at all, so nothing looks wrong, and yet everything is."
    return f"{said} The line is {', '.join(COLUMNS)}."


def _timestamp_type(evidence: Evidence) -> str:
    kinds = dict(evidence.schema or ())
    kind = kinds.get("timestamp", "")
    if not kind.startswith(("timestamp", "date")):
        return ""
    nulls = ""
    if evidence.table:
        position = evidence.table.columns.index("timestamp")
        count = sum(row[position] is None for row in evidence.table.rows)
        nulls = f" In s115.csv {count} of {len(evidence.table.rows)} timestamps become null."
    return f"`timestamp` counts time units from 1. It is a counter, not a time of day: {kind} does not fit.{nulls} Use a whole number."


def _text_for_number(evidence: Evidence) -> str:
    kinds = dict(evidence.schema or ())
    wrong = [name for name in ("severity", "timestamp") if kinds.get(name) in {"string", "double", "float", "boolean"}]
    if not wrong:
        return ""
    return (
        f"{' and '.join(f'`{name}`' for name in wrong)} would be of type {kinds[wrong[0]]}. Severities are compared and timestamps "
        "subtracted, as whole numbers: use IntegerType."
    )


def _names(evidence: Evidence) -> str:
    if not evidence.schema:
        return ""
    names = [name for name, _ in evidence.schema]
    missing = [name for name in COLUMNS if name not in names]
    if not missing:
        return ""
    return (
        f"The schema has the columns {', '.join(names)}, so {', '.join(missing)} cannot be found by this name later. A record is "
        "serverID, severity, timestamp."
    )


def _no_stream(evidence: Evidence) -> str:
    if evidence.frame is None or evidence.frame.streaming:
        return ""
    return (
        "`spark.read` reads what is there now, once. `spark.readStream` reads that, and every file that comes later: this "
        "lab needs the stream."
    )


def _unfinished(evidence: Evidence) -> str:
    if evidence.kind != "DataStreamReader":
        return ""
    return (
        "This is a reader, which does not know yet what to read. Finish with `.csv(…)` and the address of the live folder, or "
        '`.format("csv").load(…)`.'
    )


def _header(evidence: Evidence) -> str:
    if not evidence.tables or not evidence.expected or not evidence.difference:
        return ""
    got, expected = evidence.tables[-1].rows, evidence.expected[-1].rows
    first = Counter(tuple(file.records[0]) for file in evidence.deliveries)
    if Counter(expected) - Counter(got) != first:
        return ""
    return (
        f"You have {len(got)} of {len(expected)} records: the first one of every file is lost. With `header` Spark takes it "
        "for column names, and the log files have none. Leave the option out."
    )


def _other_folder(evidence: Evidence) -> str:
    if not evidence.tables or not evidence.expected or not evidence.difference:
        return ""
    got = {row[0] for row in evidence.tables[-1].rows}
    if got != {"s1", "s2"}:
        return ""
    return (
        f"The stream gave {len(evidence.tables[-1].rows)} rows of the four log files at once: it reads LogData, where they "
        "lie from the beginning. Deliveries go to LogDataLive, `s3_log_data_live_uri`."
    )


def _address_in_quotes(evidence: Evidence) -> str:
    found = re.search(r"the address '(s3_\w+|LogData\w*/?|Lab9Output/?)'", evidence.error)
    if not found:
        return ""
    return (
        f"'{found.group(1)}' in quotes is a text, and no address of a folder. The addresses are in three variables, to be written "
        "without quotes: `s3_log_data_uri`, `s3_log_data_live_uri`, `s3_lab9_output_uri`."
    )


def _other_bucket(evidence: Evidence) -> str:
    found = re.search(r"the address '(\w+://?[^']*)', which is outside your bucket", evidence.error)
    if not found:
        return ""
    return (
        f"`{found.group(1)}` is not in your bucket, which the sidebar shows. Write the variable instead of an address, "
        "`s3_log_data_live_uri` say: so the same code runs wherever the bucket is, in a folder or on S3."
    )


READING: Final = (
    Mistake(
        "other-bucket",
        "The address of somebody else's bucket",
        _other_bucket,
        (
            program(
                "read-stream",
                'streamingLogData = spark.readStream.schema(logSchema).csv("s3://spark-bucket-week9/LogDataLive/")',
            ),
            program(
                "read-stream",
                'streamingLogData = spark.readStream.schema(logSchema).csv("s3a://spark-bucket-week9/LogDataLive/")',
            ),
        ),
    ),
    Mistake(
        "address-in-quotes",
        "A variable in quotes",
        _address_in_quotes,
        (program("read-stream", 'streamingLogData = spark.readStream.schema(logSchema).csv("s3_log_data_live_uri")'),),
    ),
    Mistake(
        "no-folder",
        "A stream of one file",
        raised(
            r"PATH_NOT_FOUND|Path does not exist",
            "There is no such folder. A stream reads a folder, not one file, for its files come one after another: give it "
            "`s3_log_data_live_uri`.",
        ),
        (
            program(
                "read-stream",
                'streamingLogData = spark.readStream.schema(logSchema).csv(s3_log_data_live_uri + "s115.csv")',
            ),
        ),
        ("read-stream",),
    ),
    Mistake(
        "no-schema",
        "A stream without a schema",
        raised(
            "Schema must be specified",
            "A stream needs its schema declared: the files it will read have not arrived, so there is nothing to guess it "
            "from. Put `.schema(logSchema)` before `.csv(…)`.",
        ),
        (
            program("read-stream", "streamingLogData = spark.readStream.csv(s3_log_data_live_uri)"),
            program("read-stream", 'streamingLogData = spark.readStream.format("csv").load(s3_log_data_live_uri)'),
        ),
    ),
    Mistake(
        "column-order",
        "Columns in another order",
        _order,
        (
            program(
                "schema",
                """
                from pyspark.sql.types import IntegerType, StringType, StructField, StructType

                logSchema = StructType([
                    StructField("timestamp", IntegerType()),
                    StructField("severity", IntegerType()),
                    StructField("serverID", StringType()),
                ])
                """,
            ),
            program("schema", 'logSchema = "serverID STRING, timestamp INT, severity INT"'),
        ),
        ("schema",),
    ),
    Mistake(
        "timestamp-type",
        "The timestamp as a clock time",
        _timestamp_type,
        (
            program("schema", 'logSchema = "serverID STRING, severity INT, timestamp TIMESTAMP"'),
            program(
                "schema",
                """
                from pyspark.sql.types import *

                logSchema = StructType().add("serverID", StringType()).add("severity", IntegerType()).add("timestamp", DateType())
                """,
            ),
        ),
        ("schema",),
    ),
    Mistake(
        "text-for-number",
        "Numbers as text",
        _text_for_number,
        (program("schema", 'logSchema = "serverID STRING, severity STRING, timestamp STRING"'),),
        ("schema",),
    ),
    Mistake(
        "schema-names",
        "Columns under other names",
        _names,
        (program("schema", 'logSchema = "server STRING, severity INT, time INT"'),),
        ("schema",),
    ),
    Mistake(
        "no-stream",
        "`read` instead of `readStream`",
        _no_stream,
        (program("read-stream", "streamingLogData = spark.read.schema(logSchema).csv(s3_log_data_live_uri)"),),
        ("read-stream",),
    ),
    Mistake(
        "unfinished-reader",
        "A reader that reads nothing yet",
        _unfinished,
        (program("read-stream", "streamingLogData = spark.readStream.schema(logSchema)"),),
        ("read-stream",),
    ),
    Mistake(
        "header",
        "A header that is not there",
        _header,
        (
            program(
                "read-stream",
                """
                streamingLogData = spark.readStream.schema(logSchema).option("header", True).csv(s3_log_data_live_uri)
                """,
            ),
        ),
        ("read-stream",),
    ),
    Mistake(
        "other-folder",
        "A stream of the wrong folder",
        _other_folder,
        (program("read-stream", "streamingLogData = spark.readStream.schema(logSchema).csv(s3_log_data_uri)"),),
        ("read-stream",),
    ),
)
