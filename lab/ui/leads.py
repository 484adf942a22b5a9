"""What each page begins with: the first that is read, while everything else is still being loaded."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

LEADS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "start": """
Servers write logs all day, and nobody wants to read yesterday's. In this lab you build two reports that keep
themselves up to date while log files arrive: you start streaming queries in Spark, deliver the files by hand, and
watch what each delivery changes. Everything here is a real stream on a real Spark, running on this
machine.
""",
        "schema": """
Spark can look into a file and guess its columns. A stream cannot: its files have not arrived yet, so there is nothing
to look into. You tell Spark what to expect, once, and every file is read that way.
""",
        "read_stream": """
`readStream` describes a table that has no end: every file that will ever be placed in `LogDataLive` adds its rows to
it. You work with it as with any DataFrame.
""",
        "volume_report": """
How many service calls does each server handle in a time unit? The report answers it for everything delivered so far,
and each delivery replaces the answer.
""",
        "sev0_log": """
Every SEV0 record, a fatal error, goes to the end of a log that is kept as csv files in `Lab9Output`. The log is to be
ordered by timestamp, and by serverID within a timestamp. That is where a stream resists.
""",
        "results": """
Four groups of numbers are what you hand in. Write down what your queries gave, one row per line; a table copied from a
cell will do. Each is checked against a calculation without Spark, from the files that your queries really read.
""",
        "hand_in": """
Two files are handed in: the notebook of the lab, executed, with your four results in its last cells, and a retrospective
in which you look back on the work. Both are made here.
""",
        "museum": """
Everybody makes them, so here they are: the mistakes of this lab, each as a program. Guess what Spark will say, then run
one. It runs for real, in a workspace of its own, and touches nothing of yours. Some raise an error; the worst say nothing
at all.
""",
    }
)
