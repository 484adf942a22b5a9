"""The grader of handed-in notebooks: it parses them, runs them again, compares with the oracle, and writes reports."""

from typing import Final, Literal

# In seconds, for a notebook on each of its two sets of log files.
TIME_LIMIT: Final = 120.0
# Which of several notebooks of one learner counts.
Attempts = Literal["last", "best", "all"]
