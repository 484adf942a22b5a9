"""The shared part of the commands that judge learners' work, with a Spark of their own."""

import sys
import traceback
from collections.abc import Callable
from typing import Final

from lab.engine.engine import Engine
from lab.errors import LabError
from lab.lesson.warm_up import lesson_engine

COULD_NOT_RUN: Final = 2


def with_engine(judge: Callable[[Engine], int]) -> int:
    """Call `judge` with an engine, stop the engine, and return the exit code.

    If `judge` raises, print the error on the standard error and return COULD_NOT_RUN: a defect of the lab must not look
    like a judgement of the learner's work.
    """
    engine = lesson_engine()
    try:
        return judge(engine)
    except LabError as error:
        print(error, file=sys.stderr)
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
    except Exception:
        traceback.print_exc()
    finally:
        engine.stop()
    return COULD_NOT_RUN
