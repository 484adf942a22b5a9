"""Mistakes in stopping every query."""

from typing import Final

from lab.judge.evidence import Evidence
from lab.judge.mistake import Mistake, program
from lab.judge.statements import names_method
from lab.lesson.steps.stop import STEP


def _not_called(evidence: Evidence) -> str:
    if not evidence.running or not evidence.difference or not names_method(evidence.text, "stop"):
        return ""
    return f"{evidence.difference.sentence} `.stop` without parentheses only names the method: call it, `.stop()`."


MISTAKES: Final = (
    Mistake(
        "stop-not-called",
        "`stop` without its parentheses",
        _not_called,
        (
            program(
                STEP,
                """
                for query in spark.streams.active:
                    query.stop
                """,
            ),
            program(STEP, "[query.stop for query in spark.streams.active]"),
        ),
        (STEP,),
    ),
)
