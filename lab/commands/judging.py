"""What the commands share that judge what learners have written, with a Spark of their own."""

import sys
import traceback
from collections.abc import Callable
from typing import Final

from lab.engine.engine import Engine
from lab.errors import LabError
from lab.lesson.warm_up import lesson_engine

COULD_NOT_RUN: Final = 2


def with_engine(judge: Callable[[Engine], int]) -> int:
    """Return the exit code that an action gives, with an engine that is stopped afterwards.

    It is COULD_NOT_RUN if the action raises, which is then told on the standard error: a defect of the lab says nothing of
    what was to be judged.
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
