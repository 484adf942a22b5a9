"""Mistakes in declaring the schema."""

import re
from typing import Final

from lab.cells.advice import TYPE_OF_FIELD
from lab.engine.conditions import is_condition
from lab.judge.evidence import Evidence
from lab.judge.mistake import Mistake, program
from lab.lesson.steps.schema import STEP
from lab.records import COLUMNS


def _class_for_type(evidence: Evidence) -> str:
    if evidence.refused(TYPE_OF_FIELD) is None and not is_condition("no-type", evidence.error):
        return ""
    called = re.search(r"\b(\w+Type)\b(?=\s*[,)])", evidence.text)
    if not called:
        return ""
    name = called.group(1)
    return f"`{name}` is the class of a type. Call it to make the type: `{name}()`, with parentheses."


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
            said += f" With this schema, {evidence.read_from} gives these nulls: {', '.join(nulls)}."
        else:
            said += (
                f" With this schema, {evidence.read_from} gives no null at all, so nothing looks wrong, and yet "
                "everything is."
            )
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
        nulls = f" In {evidence.read_from} {count} of {len(evidence.table.rows)} timestamps become null."
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


MISTAKES: Final = (
    Mistake(
        "type-not-called",
        "A type without its parentheses",
        _class_for_type,
        (
            program(
                STEP,
                """
                from pyspark.sql.types import *

                logSchema = StructType([
                    StructField("serverID", StringType),
                    StructField("severity", IntegerType),
                    StructField("timestamp", IntegerType),
                ])
                """,
            ),
            program(
                STEP,
                """
                from pyspark.sql.types import *

                logSchema = StructType().add("serverID", StringType).add("severity", IntegerType).add("timestamp", IntegerType)
                """,
            ),
        ),
        (STEP,),
    ),
    Mistake(
        "column-order",
        "Columns in another order",
        _order,
        (
            program(
                STEP,
                """
                from pyspark.sql.types import IntegerType, StringType, StructField, StructType

                logSchema = StructType([
                    StructField("timestamp", IntegerType()),
                    StructField("severity", IntegerType()),
                    StructField("serverID", StringType()),
                ])
                """,
            ),
            program(STEP, 'logSchema = "serverID STRING, timestamp INT, severity INT"'),
        ),
        (STEP,),
    ),
    Mistake(
        "timestamp-type",
        "The timestamp as a clock time",
        _timestamp_type,
        (
            program(STEP, 'logSchema = "serverID STRING, severity INT, timestamp TIMESTAMP"'),
            program(
                STEP,
                """
                from pyspark.sql.types import *

                logSchema = StructType().add("serverID", StringType()).add("severity", IntegerType()).add("timestamp", DateType())
                """,
            ),
        ),
        (STEP,),
    ),
    Mistake(
        "text-for-number",
        "Numbers as text",
        _text_for_number,
        (program(STEP, 'logSchema = "serverID STRING, severity STRING, timestamp STRING"'),),
        (STEP,),
    ),
    Mistake(
        "schema-names",
        "Columns under other names",
        _names,
        (program(STEP, 'logSchema = "server STRING, severity INT, time INT"'),),
        (STEP,),
    ),
)
