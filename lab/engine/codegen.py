"""Generated code, where it is worth its price: Spark writes and compiles a program for a plan, as long as ten records take.

For most of what the lab does, Spark goes through its expressions one by one instead (see `settings`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame

# A million records; from there on, what is generated saves more than it costs.
WORTH_BYTES: Final = 1 << 24
_GENERATED: Final = {"spark.sql.codegen.wholeStage": "true", "spark.sql.codegen.factoryMode": "FALLBACK"}


class Generation:
    """Whether what a session of the JVM plans is generated; at first, that is as it was set."""

    def __init__(self, session: Any) -> None:
        self._session = session
        self._before: dict[str, str] = {}

    def choose(self, size: int) -> None:
        """Have what is planned next be generated if it is worth that for so many bytes, else as it was set."""
        worth_it = size >= WORTH_BYTES
        if worth_it == bool(self._before):
            return
        configuration = self._session.conf()
        if worth_it:
            self._before = {name: configuration.get(name) for name in _GENERATED}
        for name, value in (_GENERATED if worth_it else self._before).items():
            configuration.set(name, value)
        if not worth_it:
            self._before = {}


@contextmanager
def generated_if_worth_it(frame: DataFrame) -> Iterator[None]:
    """While a batch job on a frame is planned and run."""
    generation = Generation(frame._jdf.sparkSession())
    generation.choose(_size(frame))
    try:
        yield
    finally:
        generation.choose(0)


def _size(frame: DataFrame) -> int:
    """Return how many bytes Spark takes a frame to have, from its files, without looking into them.

    Of a join, far too many.
    """
    try:
        # A number of Python's, or of Scala's when it is a large one.
        return int(str(frame._jdf.queryExecution().analyzed().stats().sizeInBytes()))
    except (Py4JError, PySparkException):
        # The action itself will say what is wrong with it.
        return 0
