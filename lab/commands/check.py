"""`python -m lab check`: run the checks of the pages on files."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any, Final

from lab.commands import log_data
from lab.commands.judging import COULD_NOT_RUN, with_engine
from lab.engine.engine import Engine
from lab.errors import LabError
from lab.judge.feedback import Feedback
from lab.lesson.steps import EXERCISES, STEPS

PASSED: Final = 0
NOT_PASSED: Final = 1


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "check",
        help="check answers to a step",
        description="Checks one answer in each file, as the page of the step does. The steps before it are done with their "
        f"solutions. Exits with {PASSED} if every answer passed, {NOT_PASSED} if not, {COULD_NOT_RUN} if one could not run.",
    )
    parser.add_argument("step", choices=[step.id for step in EXERCISES], metavar="STEP", help="one of: %(choices)s")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a file with the code of one cell")
    log_data.add(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Check the files, on one Spark; return the exit code."""
    return with_engine(lambda engine: _check(options, engine))


def _check(options: argparse.Namespace, engine: Engine) -> int:
    given = log_data.of(options)
    answers = [(str(path), _text(path)) for path in options.files]
    print("Starting Spark …", file=sys.stderr, flush=True)
    engine.wait()
    # Imported here, so that `--help` need not wait for PySpark.
    from lab.learner.trial import try_answer  # noqa: PLC0415

    code = PASSED
    for file, text in answers:
        try:
            _, feedback = try_answer(STEPS[options.step], text, engine.wait(), engine.run_folder, dataset=given)
        except LabError as error:
            print(f"{file}: {error}", file=sys.stderr, flush=True)
            code = COULD_NOT_RUN
            # If the answer has ended Spark, the next one gets another.
            engine.has_died()
            continue
        code = max(code, PASSED if feedback.has_passed else NOT_PASSED)
        print(json.dumps(_object(options.step, file, feedback)) if options.json else _line(file, feedback), flush=True)
    return code


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise LabError(f"{path}: {error.strerror}.", "Name files with the code of one cell each.") from error
    except UnicodeDecodeError as error:
        raise LabError(
            f"{path} is not text in UTF-8 ({error.reason} at byte {error.start}).", "Save it as that."
        ) from error


def _object(step: str, file: str, feedback: Feedback) -> dict[str, Any]:
    return {
        "step": step,
        "file": file,
        "outcome": feedback.outcome,
        "mistake": feedback.mistake or None,
        "message": feedback.message,
        "line": feedback.line or None,
    }


def _line(file: str, feedback: Feedback) -> str:
    where = f"{file}:{feedback.line}" if feedback.line else file
    return f"{where}: {feedback.outcome}. {feedback.message}"
