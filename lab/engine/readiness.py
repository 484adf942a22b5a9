"""The state of the engine, as a value."""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from lab.errors import LabError


class Phase(Enum):
    """The phases of the engine; a learner reads the value."""

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
    """The engine's phase, its start (`time.monotonic`), the error of FAILED, and a note.

    The note is about the Java in use; in the phase JARS, it is the progress, and `part` is the progress from 0 to 1.
    `before` says why the lab itself has ended the previous Spark, if it has.
    """

    phase: Phase
    since: float
    error: LabError | None = None
    note: str = ""
    part: float = 0.0
    before: str = ""

    @property
    def starting(self) -> bool:
        """Whether Spark is starting, so that nobody needs to do anything."""
        return self.phase in {*STARTING, Phase.JARS}

    @property
    def down(self) -> bool:
        """Whether somebody must start Spark."""
        return self.phase in {Phase.STOPPED, Phase.FAILED, Phase.DIED}
