"""`python -m lab grade`: run the notebooks of a class again and grade them."""

import argparse
import json
import sys
from contextlib import contextmanager, suppress
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, get_args

from lab.commands import log_data
from lab.commands.judging import COULD_NOT_RUN, with_engine
from lab.engine.engine import Engine
from lab.extras import needing
from lab.handin.grader import TIME_LIMIT, Attempts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lab.handin.grader.grade import RunsAgain
    from lab.handin.grader.grading import Grade

ALL_GRADED: Final = 0
NOT_ALL: Final = 1
OUT: Final = Path("grades.csv")


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "grade",
        help="grade the notebooks that were handed in",
        description="Runs each notebook again, on the learner's log files and on others, and compares its four results with "
        "the right ones. The cells are read by the lab's cell reader, which performs only what the lab needs. Writes a "
        f"table, and beside it a page with the reasons. Exits with {ALL_GRADED} if every result was graded, {NOT_ALL} if "
        f"some were not, {COULD_NOT_RUN} if nothing could.",
    )
    parser.add_argument(
        "files",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="a notebook, or a zip or a folder of notebooks, with its folders",
    )
    parser.add_argument(
        "--class-code", default="", metavar="CODE", help="what the learners' own log files are made from"
    )
    log_data.add(parser)
    parser.add_argument(
        "--out", type=Path, default=OUT, metavar="FILE", help="the table, as CSV; the page is beside it (%(default)s)"
    )
    parser.add_argument(
        "--attempts",
        choices=get_args(Attempts),
        default="last",
        help="which of several notebooks of one learner counts; with last the others are not run (%(default)s)",
    )
    parser.add_argument(
        "--time-limit",
        type=_seconds,
        default=TIME_LIMIT,
        metavar="SECONDS",
        help="for a notebook on each of the two sets of log files (%(default)g)",
    )
    parser.add_argument(
        "--trust",
        action="store_true",
        help="execute the notebooks in a real kernel, which does whatever their code says, with your rights",
    )
    parser.add_argument(
        "--format",
        action="append",
        choices=("csv", "gradescope", "feedback"),
        default=[],
        dest="formats",
        help="write this beside the table as well: csv, a row a learner for Canvas or Moodle; gradescope, a zip with a "
        "results.json for each; feedback, a zip with a page for each learner. May be given several times",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object a line, a line a notebook")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Grade the files, on one Spark; return the exit code."""
    return with_engine(lambda engine: _grade(options, engine))


def _grade(options: argparse.Namespace, engine: Engine) -> int:
    # Imported here, so that no other command waits for the packages that read notebooks and draw pictures.
    from lab.handin.grader.batch import grade_all  # noqa: PLC0415
    from lab.handin.grader.walk import arrivals_in  # noqa: PLC0415

    with needing("grade", "grade"):
        from lab.handin.grader.report import check_place, page_beside, replace_file, write_report  # noqa: PLC0415
        from lab.handin.reports.formats import FORMATS  # noqa: PLC0415

    given = log_data.of(options)
    if given.is_of_course and options.class_code:
        print("The log files are those of the course, so --class-code gives nobody others.", file=sys.stderr)
    more = {
        options.out.with_name(f"{options.out.stem}{FORMATS[name].ending}"): FORMATS[name] for name in options.formats
    }
    # All formats, so that the outputs of an earlier run with other options are not read as hand-ins.
    own = [options.out.with_name(f"{options.out.stem}{each.ending}") for each in FORMATS.values()]
    arrivals = arrivals_in(options.files, (options.out, page_beside(options.out), *own))
    check_place(options.out, [arrival.path for arrival in arrivals.found], list(more))
    for sentence in arrivals.left_out:
        print(sentence, file=sys.stderr)
    many = len(arrivals.found)

    def say(number: int, grade: "Grade") -> None:
        outcome = (
            f"{'could not be' if grade.counts else 'not'} graded"
            if grade.error
            else f"{grade.points} of {grade.out_of}{f', {grade.ungraded} results not graded' * bool(grade.ungraded)}"
        )
        print(f"{number} of {many} {grade.file} … {outcome}, {grade.seconds:.0f} s", file=sys.stderr, flush=True)
        if options.json:
            # The reader of the pipe may have closed it, such as `head`.
            with suppress(BrokenPipeError):
                print(json.dumps(_object(grade)), flush=True)
        graded.append(grade)
        # Written after each notebook, so that no grade is lost if the grader ends early.
        write_report(options.out, tuple(graded), datetime.now().astimezone(), arrivals.left_out)

    graded: list[Grade] = []
    try:
        with _runs(engine, options) as run:
            grade_all(arrivals.found, run, options.class_code, say, options.attempts, given)
    except KeyboardInterrupt:
        if not graded:
            raise
        print(f"Stopped after {len(graded)} of {many}.", file=sys.stderr)
    at = datetime.now().astimezone()
    for path, each in more.items():
        replace_file(path, each.write(graded, at))
    if not options.json:
        print(summary(tuple(graded)), end="")
    written = " and ".join(map(str, (options.out, page_beside(options.out), *more)))
    print(f"Written: {written}", file=sys.stderr)
    return NOT_ALL if len(graded) < many or any(grade.ungraded and grade.counts for grade in graded) else ALL_GRADED


def summary(grades: "tuple[Grade, ...]") -> str:
    """Return a line for each notebook: its total, the points of each result, and the first thing to know about it."""
    width = max(len(grade.file) for grade in grades)
    lines = []
    for grade in grades:
        points = " ".join(f"{result.points:2}" if result.graded else " –" for result in grade.results)
        uncounted = "" if grade.counts or grade.error else "not counted; "
        lost = next((result.reason for result in grade.results if result.points < result.out_of), "")
        lines.append(
            f"{grade.file:{width}}  {grade.points:3} of {grade.out_of}  {points}  {grade.error or uncounted + lost}".rstrip()
        )
    return "\n".join(lines) + "\n"


@contextmanager
def _runs(engine: Engine, options: argparse.Namespace) -> "Iterator[RunsAgain]":
    if options.trust:
        from lab.handin.grader.trusted import KernelRuns  # noqa: PLC0415 - nothing else needs Jupyter's client

        yield KernelRuns(engine.run_folder, options.time_limit)
        return
    from lab.handin.grader.process_runs import ProcessRuns  # noqa: PLC0415 - as above

    print("Starting Spark …", file=sys.stderr, flush=True)
    runs = ProcessRuns(options.time_limit)
    try:
        runs.start()
        yield runs
    finally:
        runs.close()


def _object(grade: "Grade") -> dict[str, object]:
    return {**asdict(grade), "points": grade.points, "out_of": grade.out_of}


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 1 <= seconds <= 3600:
        raise argparse.ArgumentTypeError("a number of seconds from 1 to 3600 is expected")
    return seconds
