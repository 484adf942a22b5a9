"""The output formats of grades, beside the grader's own table and page; the grading page and the command share them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final

from lab.handin.grader.grading import Grade
from lab.handin.grader.report import page, table_bytes
from lab.handin.reports.feedback import feedback_zip
from lab.handin.reports.gradescope import gradescope_zip
from lab.handin.reports.wide import wide_csv

_ZIP: Final = "application/zip"


@dataclass(frozen=True)
class Format:
    """One format: the ending that follows the table's name, a label, the MIME type, and the function that writes it."""

    ending: str
    label: str
    mime: str
    write: Callable[[Sequence[Grade], datetime], bytes]


FORMATS: Final[Mapping[str, Format]] = MappingProxyType(
    {
        "csv": Format("-lms.csv", "Table for Canvas or Moodle", "text/csv", lambda grades, _: wide_csv(grades)),
        "gradescope": Format("-gradescope.zip", "Gradescope's results", _ZIP, gradescope_zip),
        "feedback": Format("-feedback.zip", "Feedback for each learner", _ZIP, feedback_zip),
    }
)


@dataclass(frozen=True)
class File:
    """A file to download: its name, a label, its MIME type, and its bytes."""

    name: str
    label: str
    mime: str
    data: bytes


def files_of(grades: Sequence[Grade], at: datetime, left_out: Sequence[str] = ()) -> tuple[File, ...]:
    """Return all files for the grades of a class, with the same names as from the command."""
    return (
        File("grades.html", "Page with the reasons", "text/html", page(grades, at, left_out).encode()),
        *(File(f"grades{each.ending}", each.label, each.mime, each.write(grades, at)) for each in FORMATS.values()),
        File("grades.csv", "Table of all results", "text/csv", table_bytes(grades)),
    )
