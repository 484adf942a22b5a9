"""Records that no learner sees: cases in which an answer that is right on the four log files by luck goes wrong."""

from typing import Final

from lab.records import LogFile, read_log_file

# Each server is a case; the further files give the cases another turn.
_FIRST: Final = """
single,2,4
single,2,4
quiet,1,6
quiet,0,2
gaps,2,9
gaps,2,1
gaps,1,5
edges,1,1
edges,2,4
edges,0,8
edges,2,3
twice,2,2
twice,2,2
twice,0,3
twice,0,3
twice,0,2
edges,0,2
"""
_SECOND: Final = """
quiet,1,12
gaps,2,10
gaps,0,10
edges,0,14
edges,2,11
single,0,4
twice,2,11
apart,2,40
apart,0,12
apart,0,11
twice,0,11
edges,0,11
"""
_THIRD: Final = """
single,2,4
gaps,0,13
apart,0,13
apart,2,40
quiet,0,12
"""

WHAT: Final = {
    "single": "all of its records in one time unit",
    "quiet": "no SEV2 record at all",
    "gaps": "time units without any record in between",
    "edges": "no SEV2 record in its first and last time unit",
    "twice": "the same record twice, which are two events",
    "apart": "a first record that comes late",
}
DELIVERIES: Final[tuple[LogFile, ...]] = (
    read_log_file("hidden-1.csv", _FIRST.strip().encode() + b"\n"),
    read_log_file("hidden-2.csv", _SECOND.strip().encode() + b"\n"),
    read_log_file("hidden-3.csv", _THIRD.strip().encode() + b"\n"),
)
