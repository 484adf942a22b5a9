"""Mistakes with schemas, addresses and the types of values, which can be made in several steps."""

import re
from typing import Final

from lab.cells.advice import OUTSIDE
from lab.engine.conditions import is_condition
from lab.judge.evidence import Evidence
from lab.judge.mistake import Mistake, program, raised
from lab.lesson.steps.read_stream import STEP as READ_STREAM
from lab.lesson.steps.schema import STEP as SCHEMA
from lab.lesson.steps.sev0 import STEP as SEV0
from lab.lesson.steps.volume_report import STEP as VOLUME_REPORT


def _colons(evidence: Evidence) -> str:
    if not is_condition("not-parsed", evidence.error) or not re.search(r"""["']\s*\w+\s*:\s*\w+""", evidence.text):
        return ""
    return (
        "Where files are read, Spark refuses a schema with colons. In such a text a blank stands between a name and its type: "
        '"serverID STRING, severity INT, timestamp INT".'
    )


def _address_in_quotes(evidence: Evidence) -> str:
    name = evidence.refused(OUTSIDE) or ""
    if not re.fullmatch(r"s3_\w+|LogData\w*/?|Lab9Output/?", name):
        return ""
    return (
        f"'{name}' in quotes is a text, and no address of a folder. The addresses are in three variables, to be written "
        "without quotes: `s3_log_data_uri`, `s3_log_data_live_uri`, `s3_lab9_output_uri`."
    )


def _other_bucket(evidence: Evidence) -> str:
    address = evidence.refused(OUTSIDE) or ""
    if not re.fullmatch(r"\w+://?[^']*", address):
        return ""
    return (
        f"`{address}` is not in your bucket, which the sidebar shows. Write the variable instead of an address, "
        "`s3_log_data_live_uri` say: so the same code runs wherever the bucket is, in a folder or on S3."
    )


READING: Final = (
    Mistake(
        "other-bucket",
        "The address of somebody else's bucket",
        _other_bucket,
        (
            program(
                READ_STREAM,
                'streamingLogData = spark.readStream.schema(logSchema).csv("s3://spark-bucket-week9/live/")',
            ),
            program(
                READ_STREAM,
                'streamingLogData = spark.readStream.schema(logSchema).csv("s3a://spark-bucket-week9/live/")',
            ),
        ),
    ),
    Mistake(
        "address-in-quotes",
        "A variable in quotes",
        _address_in_quotes,
        (program(READ_STREAM, 'streamingLogData = spark.readStream.schema(logSchema).csv("s3_log_data_live_uri")'),),
    ),
    Mistake(
        "no-schema",
        "A stream without a schema",
        raised(
            "no-schema",
            "A stream needs its schema declared: its files have not arrived yet, so Spark cannot guess it. Put "
            "`.schema(logSchema)` before `.csv(…)`.",
        ),
        (
            program(READ_STREAM, "streamingLogData = spark.readStream.csv(s3_log_data_live_uri)"),
            program(READ_STREAM, 'streamingLogData = spark.readStream.format("csv").load(s3_log_data_live_uri)'),
        ),
    ),
    Mistake(
        "schema-colons",
        "Colons in a schema",
        _colons,
        (
            program(SCHEMA, 'logSchema = "serverID: string, severity: int, timestamp: int"'),
            program(
                READ_STREAM,
                """
                streamingLogData = spark.readStream.schema("serverID: string, severity: int, timestamp: int").csv(
                    s3_log_data_live_uri
                )
                """,
            ),
        ),
        (SCHEMA, READ_STREAM),
    ),
    Mistake(
        "type-as-text",
        "A type under another name",
        raised(
            "type-not-parsed",
            "`StructType.add` takes a type as an object, `IntegerType()` say. As a text it knows a type under its long name alone: "
            "'integer', 'long' or 'string', and not 'int'.",
        ),
        (
            program(
                SCHEMA,
                """
                from pyspark.sql.types import StructType

                logSchema = StructType().add("serverID", "string").add("severity", "int").add("timestamp", "int")
                """,
            ),
        ),
        (SCHEMA, READ_STREAM),
    ),
    Mistake(
        "severity-as-text",
        "SEV2 as a text",
        raised(
            "cast-of-severity",
            "The severity is compared with a text such as 'SEV2', which cannot be turned into a number. In the files it is "
            "0, 1 or 2; SEV2 is only how people call a 2.",
        ),
        (
            program(
                VOLUME_REPORT,
                """
                from pyspark.sql import functions as F

                volumeReportDataFrame = streamingLogData.groupBy("serverID").agg(
                    (F.count_if(F.col("severity") == 'SEV2') / (F.max("timestamp") - F.min("timestamp") + 1)).alias("avgVolume")
                )
                """,
            ),
            program(SEV0, """sev0 = streamingLogData.where("severity = 'SEV0'").select("serverID", "timestamp")"""),
        ),
        (VOLUME_REPORT, SEV0),
    ),
)
