"""Code generation only where it pays.

Generating and compiling Java code for a plan takes Spark as long as ten records. For most of the lab's work, Spark
interprets its expressions one by one instead (see `settings`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame

# About a million records: from there on, generated code saves more time than it costs.
WORTH_BYTES: Final = 1 << 24
_GENERATED: Final = {"spark.sql.codegen.wholeStage": "true", "spark.sql.codegen.factoryMode": "FALLBACK"}


class Generation:
    """The switch for code generation in a session of the JVM; at first, the session's own settings apply."""

    def __init__(self, session: Any) -> None:
        self._session = session
        self._before: dict[str, str] = {}

    def choose(self, size: int) -> None:
        """Turn code generation on for the next plans if it pays for `size` bytes; else restore the settings."""
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
    """Turn code generation on if it pays for a frame, while a batch job on the frame is planned and run."""
    generation = Generation(frame._jdf.sparkSession())
    generation.choose(_size(frame))
    try:
        yield
    finally:
        generation.choose(0)


def _size(frame: DataFrame) -> int:
    """Return Spark's estimate of a frame's size in bytes, from the sizes of its files, without reading them.

    For a join, the estimate is far too large.
    """
    try:
        # Through a string: py4j returns a Python int, or an object of Scala for a large number.
        return int(str(frame._jdf.queryExecution().analyzed().stats().sizeInBytes()))
    except (Py4JError, PySparkException):
        # The action itself will raise the error.
        return 0
