"""`python -m lab check`: the checks of the pages, for files on disk."""

import argparse
import json
import sys
import traceback
from pathlib import Path
from typing import Any, Final

from lab.engine.engine import Engine
from lab.errors import LabError
from lab.lesson.feedback import Feedback
from lab.lesson.steps import EXERCISES, STEPS

PASSED: Final = 0
NOT_PASSED: Final = 1
COULD_NOT_RUN: Final = 2


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "check",
        help="check answers to a step",
        description="Checks one answer in each file, as the page of the step does. The steps before it are done with their "
        f"solutions. Exits with {PASSED} if every answer passed, {NOT_PASSED} if not, {COULD_NOT_RUN} if it could not run.",
    )
    parser.add_argument("step", choices=[step.id for step in EXERCISES], metavar="STEP", help="one of: %(choices)s")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a file with the code of one cell")
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Check the files, on one Spark; gives the exit code."""
    engine = Engine()
    try:
        answers = [(str(path), path.read_text(encoding="utf-8")) for path in options.files]
        print("Starting Spark …", file=sys.stderr, flush=True)
        root = engine.wait()
        # With Spark, not on top: `--help` need not wait for PySpark.
        from lab.lesson.trial import try_answer  # noqa: PLC0415

        outcomes = []
        for file, text in answers:
            _, feedback = try_answer(STEPS[options.step], text, root, engine.run_folder)
            outcomes.append(feedback.outcome)
            print(
                json.dumps(_object(options.step, file, feedback)) if options.json else _line(file, feedback), flush=True
            )
    except OSError as error:
        print(f"{error.filename}: {error.strerror}.", file=sys.stderr)
        return COULD_NOT_RUN
    except UnicodeDecodeError as error:
        print(f"A file is not text in UTF-8 ({error.reason} at byte {error.start}).", file=sys.stderr)
        return COULD_NOT_RUN
    except LabError as error:
        print(error, file=sys.stderr)
        return COULD_NOT_RUN
    except Exception:
        # A defect of the lab says nothing of an answer.
        traceback.print_exc()
        return COULD_NOT_RUN
    finally:
        engine.stop()
    return PASSED if set(outcomes) == {"passed"} else NOT_PASSED


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
