"""The grades of a class as two files: a table for a spreadsheet, and a page to read."""

import base64
import csv
import io
import os
import re
import tempfile
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

import jinja2

from lab import __version__
from lab.charts.grades import GradeRow, grades_svg, grades_words, shortened
from lab.errors import LabError
from lab.handin.grader.grading import Grade
from lab.handin.grader.submission import SUFFIX
from lab.lesson.results import GROUPS
from lab.system import retry_while_in_use

COLUMNS: Final = (
    "learner",
    "file",
    "result",
    "points",
    "out_of",
    "reason",
    "claimed",
    "recomputed",
    "seed",
    "notes",
    "log_files",
    "counts",
)
TOTAL: Final = "total"
_TITLES: Final = {group.id: group.title for group in GROUPS}
# Short enough for the columns of the picture.
SHORT: Final = {"volume-first": "Vol. 1", "volume-second": "Vol. 2", "log-first": "Log 1", "log-second": "Log 2"}
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
# A spreadsheet reads a text that begins so as a formula, which could start programs or use the network.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def check_place(path: Path, notebooks: Sequence[Path] = (), more: Sequence[Path] = ()) -> None:
    """Raise LabError if the report cannot be written to a path; called before anything is graded.

    It must not replace anything else, such as one of the `notebooks`. `more` are other files that will be written.
    """
    places = (path, page_beside(path), *more)
    if path.suffix.lower() == SUFFIX or {place.resolve() for place in places} & {each.resolve() for each in notebooks}:
        raise LabError(f"{path} is, or would be, a notebook.", "Name the table, such as grades.csv.")
    if os.path.isdir(path):  # noqa: PTH112 - of a name that is too long, `Path.is_dir` raises
        raise LabError(f"{path} is a folder.", "Name a file in it, such as grades.csv.")
    if path.suffix.lower() == ".html":
        raise LabError(f"{path} would be the page beside the table.", "Name the table, such as grades.csv.")
    if not path.parent.is_dir():
        raise LabError(f"There is no folder {path.parent}.", "Make it, or name another place with --out.")
    try:
        # Try the same kind of temporary file as for the real write: the name may be too long.
        for place in places:
            with _temporary(place):
                pass
    except OSError as error:
        raise LabError(
            f"Nothing can be written to {path} ({error.strerror}).", "Name another place with --out."
        ) from error
    for place in places:
        if place.exists() and not place.is_file():
            raise LabError(f"{place} is not a file.", "Name another place with --out.")
        if place.exists() and not os.access(place, os.W_OK):
            raise LabError(f"{place} may not be written.", "Name another place with --out.")


def page_beside(path: Path) -> Path:
    """Return the path of the page that belongs to a table."""
    return path.with_suffix(".html")


def write_report(path: Path, grades: Sequence[Grade], at: datetime, left_out: Sequence[str] = ()) -> None:
    """Write the table, and the page beside it, each atomically. Raise LabError if that fails.

    `left_out` are sentences about files that have no row.
    """
    replace_file(path, table_bytes(grades))
    replace_file(page_beside(path), page(grades, at, left_out).encode())


def table_bytes(grades: Sequence[Grade]) -> bytes:
    """Return the table as a file."""
    # Without a byte order mark, spreadsheets do not recognise UTF-8.
    return table(grades).encode("utf-8-sig")


def table(grades: Sequence[Grade]) -> str:
    """Return the table as CSV: for each notebook a row for each result, then one for the total."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for grade in grades:
        who = (grade.learner, grade.file)
        more = (grade.log_files, "yes" if grade.counts else "no")
        for result in grade.results:
            # A 0 would look like an earned one, and would count as 0 in sums and means.
            points = result.points if result.graded else ""
            row = (points, result.out_of, result.reason, result.claimed, result.recomputed)
            writer.writerow(map(spreadsheet_cell, (*who, result.group, *row, grade.seed, "", *more)))
        notes = " ".join(grade.notes)
        total = (grade.points if grade.is_graded else "", grade.out_of, grade.error, "", "", grade.seed, notes)
        writer.writerow(map(spreadsheet_cell, (*who, TOTAL, *total, *more)))
    return text.getvalue()


def rows_of(grades: Sequence[Grade]) -> list[GradeRow]:
    """Return the rows for the picture of the class: the notebooks that count."""
    return [
        GradeRow(
            shortened(grade.learner or grade.file),
            tuple(result.points if result.graded else None for result in grade.results),
            tuple(result.out_of for result in grade.results),
        )
        for grade in grades
        if grade.counts
    ]


def page(grades: Sequence[Grade], at: datetime, left_out: Sequence[str] = ()) -> str:
    """Return the page, which is self-contained: it loads nothing from the network."""
    rows = rows_of(grades)
    titles = [SHORT[group.id] for group in GROUPS]
    counted = [grade for grade in grades if grade.counts]
    graded = [grade for grade in counted if not grade.ungraded]
    return rendered(
        "report.html.j2",
        grades=grades,
        titles=_TITLES,
        short=SHORT,
        # An SVG in an <img> cannot run scripts.
        pictures={scheme: _data_uri(grades_svg(rows, titles, scheme)) for scheme in ("light", "dark")} if rows else {},
        words=grades_words(rows, titles),
        mean=sum(grade.points for grade in graded) / len(graded) if graded else 0,
        out_of=max((grade.out_of for grade in grades), default=0),
        graded=len(graded),
        counted=len(counted),
        left_out=left_out,
        at=at.strftime("%Y-%m-%d %H:%M"),
        version=__version__,
    )


def rendered(template: str, **values: object) -> str:
    """Render one of the templates in this folder, with all values escaped."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=jinja2.StrictUndefined
    )
    return environment.get_template(template).render(**values)


def _data_uri(svg: str) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"


def spreadsheet_cell(value: object) -> str | int:
    """Return a value for a cell of a table, on one line, and escaped so that a spreadsheet reads no formula."""
    if isinstance(value, int):
        return value
    value = str(value)
    text = "; ".join(_CONTROLS.sub("", value).splitlines()) if "\n" in value else _CONTROLS.sub("", value)
    return f"'{text}" if text.lstrip().startswith(_FORMULA) or value.startswith(_FORMULA) else text


def _temporary(path: Path, *, delete: bool = True) -> "tempfile._TemporaryFileWrapper[bytes]":
    return tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=delete)


def replace_file(path: Path, data: bytes) -> None:
    """Write a file atomically: after a failure, the old one is still there. Raise LabError if that fails."""
    temporary = None
    try:
        with _temporary(path, delete=False) as file:
            temporary = Path(file.name)
            file.write(data)
        # A temporary file is readable for its owner only; the report gets the usual permissions.
        temporary.chmod(path.stat().st_mode if path.exists() else 0o666 & ~_umask())
        retry_while_in_use(partial(temporary.replace, path))
    except OSError as error:
        raise LabError(
            f"{path} could not be written ({error.strerror}).",
            "Close it, should another program have it open, or name another place with --out.",
        ) from error
    finally:
        if temporary:
            temporary.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
