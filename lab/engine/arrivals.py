"""The history of the live folder, as values: what was placed there and when, and when it was emptied."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from lab.records import LogFile

# How many arrivals are kept per learner: the newest ones.
MAX_ARRIVALS: Final = 200


@dataclass(frozen=True)
class Arrival:
    """One delivery: the files that were placed together. Without files, the folder was emptied."""

    at: datetime
    files: tuple[LogFile, ...]
