"""One moment of a run: everything that the stage draws of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from lab.engine.failures import Failure
from lab.engine.observe import Batch, Table
from lab.engine.snapshots import OutputSeen, SmallFile
from lab.records import LogFile

NOW: Final = "now"

ChipState = Literal["to be delivered", "refused", "waiting", "read", "not read again", "ignored"]


@dataclass(frozen=True)
class Chip:
    """A log file where it is: in `LogData`, or, once it has been delivered, in `LogDataLive`.

    `batch` is the one that has read a file of its name; `why` says what is worth knowing, as a sentence.
    """

    file: LogFile
    place: Literal["LogData", "LogDataLive"]
    state: ChipState
    batch: int | None = None
    why: str = ""

    @property
    def name(self) -> str:
        """The file's name."""
        return self.file.name


@dataclass(frozen=True)
class Moment:
    """A moment; `key` names it also when further ones have come.

    `batches` are those that were finished by then. `table_before` is what the table was before the newest of them.
    `output` is None where it is not known, as for one that is too large to be kept for each batch. `changes` says what has
    changed since the moment before, and `changed` names the files with which it has to do.
    """

    key: str
    title: str
    at: datetime | None
    chips: tuple[Chip, ...]
    state: Literal["not started", "running", "stopped", "failed"]
    query: str = ""
    failure: Failure | None = None
    batches: tuple[Batch, ...] = ()
    table: Table | None = None
    table_before: Table | None = None
    output: OutputSeen | None = None
    checkpoint: tuple[SmallFile, ...] = ()
    changes: tuple[str, ...] = ()
    changed: frozenset[str] = frozenset()

    @property
    def last(self) -> Batch | None:
        """The newest batch."""
        return self.batches[-1] if self.batches else None

    @property
    def files(self) -> tuple[LogFile, ...]:
        """Every log file that had been read."""
        return tuple(file for batch in self.batches for file in batch.files)

    @property
    def waiting(self) -> tuple[str, ...]:
        """The files that lie in the live folder and have not been read."""
        return tuple(chip.name for chip in self.chips if chip.state == "waiting")

    @property
    def live(self) -> tuple[Chip, ...]:
        """What lies in the live folder."""
        return tuple(chip for chip in self.chips if chip.place == "LogDataLive")

    @property
    def result_rows(self) -> str:
        """How many rows the result has, as it is told."""
        if self.last is None:
            return "–"
        if self.table is not None:
            return f"{len(self.table.rows)}{'+' if self.table.truncated else ''}"
        return "–" if self.output is None else str(self.output.total)
