"""The four log files of the lab, and the two pairs in which they are delivered."""

from dataclasses import dataclass
from pathlib import Path
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


def content(name: str) -> bytes:
    """The bytes of one of the four shipped log files."""
    return (FOLDER / name).read_bytes()


def log_file(name: str) -> LogFile:
    """One of the four shipped log files, read."""
    return require_records(read_log_file(name, content(name)))
