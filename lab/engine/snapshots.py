"""Snapshots of the disk when Spark reported a batch, as values: the checkpoint's small files, and the output so far.

All sizes have limits, because a learner's queries may write a lot, and a snapshot is kept for each batch.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from lab.bucket import OUTPUT
from lab.sev0_output import LogOutput

# How many snapshots are kept per learner: the newest ones.
MAX_SNAPSHOTS: Final = 64
# The limit for one file of the checkpoint.
MAX_CHARACTERS: Final = 4_000
MAX_ROWS: Final = 300
MAX_FILES: Final = 20
MAX_LINES: Final = 30
# The characters of one line of the output, and of one value in it.
MAX_LINE: Final = 200
# A larger output would take too long to read again for each batch.
MAX_OUTPUT_BYTES: Final = 200_000


@dataclass(frozen=True)
class SmallFile:
    """A file of the checkpoint with its name there, such as `offsets/3`; `cut` if the text is only its beginning."""

    name: str
    text: str
    cut: bool = False


@dataclass(frozen=True)
class OutputFileSeen:
    """A finished file of the output folder; `more` is the number of lines after those that are kept."""

    batch: int
    name: str
    size: int
    modified: datetime
    lines: tuple[str, ...]
    more: int = 0


@dataclass(frozen=True)
class OutputSeen:
    """The output as it was: the newest of `count` files, and the newest of `total` rows, in the order of the log.

    A row is (batch, serverID, timestamp), as in `LogOutput`.
    """

    files: tuple[OutputFileSeen, ...] = ()
    count: int = 0
    rows: tuple[tuple[int, str, int | None], ...] = ()
    total: int = 0
    newest: int = -1


@dataclass(frozen=True)
class Snapshot:
    """The disk after one batch; `output` is None if the query writes no files, or if the output is too large."""

    checkpoint: tuple[SmallFile, ...] = ()
    output: OutputSeen | None = None


def checkpoint_seen(read: Callable[[str], str | None], number: int, in_source: int | None) -> tuple[SmallFile, ...]:
    """Return the files of a checkpoint that describe one batch; `in_source` is its `number_in_source_log`.

    `read` returns the text of a file of the checkpoint by its name, None if there is none.
    """
    sources = [] if in_source is None else [f"sources/0/{in_source}", f"sources/0/{in_source}.compact"]
    files = []
    for name in (f"offsets/{number}", *sources, f"commits/{number}"):
        text = read(name)
        if text is not None:
            files.append(SmallFile(name, text[:MAX_CHARACTERS], cut=len(text) > MAX_CHARACTERS))
    return tuple(files)


def output_seen(output: LogOutput) -> OutputSeen:
    """Return the part of an output that is kept and shown."""
    files = []
    for file in output.files[-MAX_FILES:]:
        lines = file.content.splitlines()
        files.append(
            OutputFileSeen(
                file.batch,
                file.entry.key.removeprefix(OUTPUT),
                file.entry.size,
                file.entry.modified,
                tuple(map(_short, lines[:MAX_LINES])),
                max(0, len(lines) - MAX_LINES),
            )
        )
    rows = tuple((batch, _short(server), time) for batch, server, time in output.rows[-MAX_ROWS:])
    return OutputSeen(tuple(files), len(output.files), rows, len(output.rows), output.newest)


def _short(text: str) -> str:
    return text if len(text) <= MAX_LINE else f"{text[:MAX_LINE]}…"
