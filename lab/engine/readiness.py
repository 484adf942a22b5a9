"""How far Spark is, as a value."""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from lab.errors import LabError


class Phase(Enum):
    """Where the engine is; the value is what a learner reads."""

    STOPPED = "Spark is not running"
    JARS = "Fetching Spark's S3 client, once for this machine"
    JAVA = "Starting Java"
    SPARK = "Starting Spark"
    WARM_UP = "Warming up the first query"
    READY = "Spark is ready"
    FAILED = "Spark could not start"
    DIED = "Spark has stopped unexpectedly"


STARTING: Final = (Phase.JAVA, Phase.SPARK, Phase.WARM_UP)


@dataclass(frozen=True)
class Readiness:
    """The engine's phase, since when (`time.monotonic`), the error of FAILED, and a note.

    The note is about the Java in use or, of JARS, how far that is; `part` says it as a part of the whole. `before` says why
    the lab itself has ended the Spark before this one, if it has.
    """

    phase: Phase
    since: float
    error: LabError | None = None
    note: str = ""
    part: float = 0.0
    before: str = ""

    @property
    def starting(self) -> bool:
        """Whether Spark will be ready by itself."""
        return self.phase in {*STARTING, Phase.JARS}

    @property
    def down(self) -> bool:
        """Whether somebody must start it."""
        return self.phase in {Phase.STOPPED, Phase.FAILED, Phase.DIED}
