"""Mistakes in opening the stream."""

import re
from collections import Counter
from typing import Final

from lab.engine.conditions import is_condition
from lab.judge.evidence import Evidence
from lab.judge.mistake import Mistake, program, raised
from lab.lesson.steps.read_stream import STEP


def _schema_in_quotes(evidence: Evidence) -> str:
    found = re.search(r"""schema\(\s*["'](\w+)["']\s*\)""", evidence.text)
    if not found or not is_condition("not-parsed", evidence.error):
        return ""
    name = found.group(1)
    return f"`{name}` in quotes is a text, and no schema. Write the variable without quotes: `.schema({name})`."


_OTHER: Final = re.compile(r"""\.(json|orc|parquet|xml)\(|format\(\s*["'](json|orc|parquet|xml|text)["']""")


def _other_format(evidence: Evidence) -> str:
    found = _OTHER.search(evidence.text)
    if not found or not evidence.is_decided:
        return ""
    return (
        f"The log files are csv files, and your code reads them as {found.group(1) or found.group(2)}. Use `.csv(…)`."
    )


def _no_format(evidence: Evidence) -> str:
    if not evidence.is_decided or ".load(" not in evidence.text or re.search(r"\bformat\s*[(=]", evidence.text):
        return ""
    return (
        'Without a format, `.load(…)` expects Parquet files, and the log files are csv files. Write `.format("csv")` before it, '
        "or use `.csv(…)`."
    )


def _separator(evidence: Evidence) -> str:
    if not evidence.tables or not evidence.difference:
        return ""
    unparted = next((row[0] for row in evidence.tables[-1].rows if isinstance(row[0], str) and "," in row[0]), "")
    if not unparted:
        return ""
    return (
        f"Spark did not part the lines at their commas: `serverID` is `{unparted}`. Leave the separator (`sep` or `delimiter`) "
        "out: csv means a comma."
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
        "This is a reader that does not know yet what to read. Finish with `.csv(…)` and the address of the live folder, or with "
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
    if evidence.difference is None or evidence.difference.kind != "other-folder":
        return ""
    return (
        f"The stream gave {len(evidence.difference.got)} rows of the four log files at once: it reads LogData, where they "
        "lie from the beginning. Deliveries go to LogDataLive, `s3_log_data_live_uri`."
    )


MISTAKES: Final = (
    Mistake(
        "schema-in-quotes",
        "The schema in quotes",
        _schema_in_quotes,
        (program(STEP, 'streamingLogData = spark.readStream.schema("logSchema").csv(s3_log_data_live_uri)'),),
        (STEP,),
    ),
    Mistake(
        "other-format",
        "Another format than csv",
        _other_format,
        (program(STEP, "streamingLogData = spark.readStream.schema(logSchema).json(s3_log_data_live_uri)"),),
        (STEP,),
    ),
    Mistake(
        "format-left-out",
        "`load` without a format",
        _no_format,
        (program(STEP, "streamingLogData = spark.readStream.schema(logSchema).load(s3_log_data_live_uri)"),),
        (STEP,),
    ),
    Mistake(
        "other-separator",
        "Another separator than a comma",
        _separator,
        (
            program(
                STEP,
                """
                streamingLogData = spark.readStream.schema(logSchema).option("sep", ";").csv(s3_log_data_live_uri)
                """,
            ),
        ),
        (STEP,),
    ),
    Mistake(
        "no-folder",
        "A stream of one file",
        raised(
            "no-path",
            "There is no such folder. A stream reads a folder, not one file, for its files come one after another: give it "
            "`s3_log_data_live_uri`.",
        ),
        (
            program(
                STEP,
                'streamingLogData = spark.readStream.schema(logSchema).csv(s3_log_data_live_uri + "s115.csv")',
            ),
        ),
        (STEP,),
    ),
    Mistake(
        "no-stream",
        "`read` instead of `readStream`",
        _no_stream,
        (program(STEP, "streamingLogData = spark.read.schema(logSchema).csv(s3_log_data_live_uri)"),),
        (STEP,),
    ),
    Mistake(
        "unfinished-reader",
        "A reader that reads nothing yet",
        _unfinished,
        (program(STEP, "streamingLogData = spark.readStream.schema(logSchema)"),),
        (STEP,),
    ),
    Mistake(
        "header",
        "A header that is not there",
        _header,
        (
            program(
                STEP,
                """
                streamingLogData = spark.readStream.schema(logSchema).option("header", True).csv(s3_log_data_live_uri)
                """,
            ),
        ),
        (STEP,),
    ),
    Mistake(
        "other-folder",
        "A stream of the wrong folder",
        _other_folder,
        (program(STEP, "streamingLogData = spark.readStream.schema(logSchema).csv(s3_log_data_uri)"),),
        (STEP,),
    ),
)
