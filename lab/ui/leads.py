"""The lead of each page: the text that people read first, while everything else is still loading."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

LEADS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "start": """
Servers write logs all day. In this lab you build two reports that stay up to date while log files arrive. You start
streaming queries in Spark, deliver the files by hand, and watch what each delivery changes. It is a real Spark, running
on this machine.
""",
        "schema": """
Spark can look into a file and guess its columns. For a stream it cannot: the files have not arrived yet. So you
declare the columns once, and every file is read that way.
""",
        "read_stream": """
`readStream` describes a table that has no end: every file that arrives in `LogDataLive` adds its rows. You work with
it as with any DataFrame.
""",
        "volume_report": """
How many service calls does each server handle in a time unit? The report says it for everything delivered so far.
Each delivery replaces the report.
""",
        "sev0_log": """
A SEV0 record is a fatal error. Each one goes to the end of a log, which you keep as csv files in `Lab9Output`. Sort the
log by timestamp, then by serverID. Where can a stream be sorted?
""",
        "results": """
You hand in four results. Write down what your queries gave, one row per line; you may paste a table from a cell. The
lab calculates each result without Spark, from the files that your queries read, and compares.
""",
        "hand_in": """
You hand in two files: the executed notebook, with your four results in its last cells, and a retrospective, in which you
look back on the work. You make both here.
""",
        "museum": """
Here are the mistakes of this lab, each as a program. Guess what will happen, then run it. It runs on a real Spark, apart
from your own work. Some raise an error; the worst say nothing at all.
""",
        "class_board": """
Who is how far, and who needs help first. The board follows by itself. Press a name to see what that learner has written.
""",
        "presenter": """
One step in large type, for the projector. It follows what you do in your other window.
""",
        "watch": """
Here you see what your teacher shows on the projector: the step, its code, what came of it, and the stage.
""",
        "grading": """
Drop the notebooks of your class. Each is run again, on the learner's log files and on others, and compared with the right
results. Then download the grades, and feedback for each learner.
""",
        "misunderstood": """
Where does your class get stuck, and on what? Collect the course, without names: steps, mistakes and predictions. Keep it as
a file, and compare the next course with it.
""",
        "vote": """
Ask the class, let them discuss, ask once more, then run the real thing. Nobody sees the votes before you reveal them.
""",
    }
)
