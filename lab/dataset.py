"""The four log files of the lab, and the two pairs in which they are delivered."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Final

from lab.records import LogFile, read_log_file, require_records

COURSE: Final = "course-"
FOLDER: Final = Path(__file__).resolve().parent.parent / "data" / "LogData"


@dataclass(frozen=True)
class Pair:
    """Two log files, one per server, that cover the same window of time units and are delivered together."""

    name: str
    files: tuple[str, str]
    window: tuple[int, int]


# The shipped ones. A learner's own are in their `Dataset`.
FIRST: Final = Pair("first", ("s115.csv", "s215.csv"), (1, 5))
SECOND: Final = Pair("second", ("s1610.csv", "s2610.csv"), (6, 10))
PAIRS: Final = (FIRST, SECOND)
FILES: Final = FIRST.files + SECOND.files


@dataclass(frozen=True)
class Dataset:
    """The contents of the four log files by name, and the two `pairs` that they form.

    `seed` identifies the set. A learner's own files are generated from it (see `lab.variants`); for a course's files,
    it begins with COURSE (see `lab.course_files`).
    """

    seed: str
    contents: Mapping[str, bytes] = field(repr=False)
    pairs: tuple[Pair, Pair] = PAIRS

    @property
    def files(self) -> tuple[str, ...]:
        """The names of the four, in the order in which they are delivered."""
        return tuple(name for pair in self.pairs for name in pair.files)

    @property
    def is_of_course(self) -> bool:
        """Whether these are the course's own log files, which everybody has."""
        return self.seed.startswith(COURSE)

    def content(self, name: str) -> bytes:
        """Return the bytes of one of the four log files."""
        return self.contents[name]

    def log_file(self, name: str) -> LogFile:
        """Return one of the four log files, parsed."""
        return self._log_files[name]

    def batches(self, pairs: int = len(PAIRS)) -> tuple[tuple[LogFile, ...], ...]:
        """Return the log files of the first pairs, a batch for each pair."""
        return tuple(tuple(map(self.log_file, pair.files)) for pair in self.pairs[:pairs])

    @cached_property
    def servers(self) -> Mapping[str, tuple[str, ...]]:
        """The sorted names of the servers in each log file, by file name."""
        named = {name: {record.serverID for record in self.log_file(name).records} for name in self.files}
        return {name: tuple(sorted(each)) for name, each in named.items()}

    # Cached: a course's file may have thousands of lines, and a page asks for it each time that it is drawn.
    @cached_property
    def _log_files(self) -> Mapping[str, LogFile]:
        advice = "Install the lab anew: its own log files are damaged."
        return {name: require_records(read_log_file(name, data), advice) for name, data in self.contents.items()}


SHIPPED: Final = Dataset("shipped", MappingProxyType({name: (FOLDER / name).read_bytes() for name in FILES}))
