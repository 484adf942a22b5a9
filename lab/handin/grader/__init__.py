"""Grades notebooks as they are handed in: taken apart, run again, compared with the oracle, reported."""

from typing import Final, Literal

# In seconds, for a notebook on each of its two sets of log files.
TIME_LIMIT: Final = 120.0
# Which of several notebooks of one learner counts.
Attempts = Literal["last", "best", "all"]
