"""Grades notebooks as they are handed in: taken apart, run again, compared with the oracle, reported."""

from typing import Final

# In seconds, for a notebook on each of its two sets of log files.
TIME_LIMIT: Final = 120.0
