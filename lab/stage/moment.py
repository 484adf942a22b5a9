"""One moment of a run: everything that the stage draws."""

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
    """A log file and its folder: `LogData` or, after its delivery, `LogDataLive`.

    `batch` is the number of the batch that has read a file with this name; `why` is a sentence that explains the state.
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
    """A moment; its `key` stays the same when further moments come.

    `batches` are those that were finished by then. `table_before` is the table before the newest of these batches.
    `output` is None if it is not known, for example if it is too large to be kept for each batch. `changes` are
    sentences about what has changed since the moment before, and `changed` are the names of the changed files.
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
        """Every log file that had been read by then."""
        return tuple(file for batch in self.batches for file in batch.files)

    @property
    def waiting(self) -> tuple[str, ...]:
        """The names of the files in the live folder that have not been read."""
        return tuple(chip.name for chip in self.chips if chip.state == "waiting")

    @property
    def live(self) -> tuple[Chip, ...]:
        """The chips of the files in the live folder."""
        return tuple(chip for chip in self.chips if chip.place == "LogDataLive")

    @property
    def result_rows(self) -> str:
        """The number of rows in the result, as a text for the page."""
        if self.last is None:
            return "–"
        if self.table is not None:
            return f"{len(self.table.rows)}{'+' if self.table.truncated else ''}"
        return "–" if self.output is None else str(self.output.total)
