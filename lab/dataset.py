"""The four log files of the lab, and the two pairs in which they are delivered."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final

from lab.records import LogFile, read_log_file, require_records

FOLDER: Final = Path(__file__).resolve().parent.parent / "data" / "LogData"


@dataclass(frozen=True)
class Pair:
    """Two log files, one a server, that cover the same window of time units and are delivered together."""

    name: str
    files: tuple[str, str]
    window: tuple[int, int]


FIRST: Final = Pair("first", ("s115.csv", "s215.csv"), (1, 5))
SECOND: Final = Pair("second", ("s1610.csv", "s2610.csv"), (6, 10))
PAIRS: Final = (FIRST, SECOND)
FILES: Final = FIRST.files + SECOND.files


@dataclass(frozen=True)
class Dataset:
    """The contents of the four log files by their names; `seed` is what they are made from (see `lab.variants`)."""

    seed: str
    contents: Mapping[str, bytes] = field(repr=False)

    def content(self, name: str) -> bytes:
        """The bytes of one of the four log files."""
        return self.contents[name]

    def log_file(self, name: str) -> LogFile:
        """One of the four log files, read."""
        return require_records(read_log_file(name, self.contents[name]))

    def batches(self, pairs: int = len(PAIRS)) -> tuple[tuple[LogFile, ...], ...]:
        """The log files of the first pairs, a batch for each pair."""
        return tuple(tuple(map(self.log_file, pair.files)) for pair in PAIRS[:pairs])


SHIPPED: Final = Dataset("shipped", MappingProxyType({name: (FOLDER / name).read_bytes() for name in FILES}))
