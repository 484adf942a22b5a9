"""Log files as large as those of a real course, made by a rule: `python tests/course_files.py FOLDER` writes them.

Most records are SEV2, in every time unit there are some, and one SEV0 line stands there three times. So several wrong
formulas give the right volumes. The set of `tests/course_log_data` is this one.
"""

import random
import sys
from pathlib import Path

FOLDER = Path(__file__).with_name("course_log_data")
# Server and window of each file, and how many records of SEV2 and SEV1 are drawn for it.
FILES = {
    "s115.csv": ("s1", (1, 5), 1_897, 100),
    "s215.csv": ("s2", (1, 5), 4_600, 400),
    "s1610.csv": ("s1", (6, 10), 100, 0),
    "s2610.csv": ("s2", (6, 10), 599, 400),
}
SEV0 = {"s115.csv": ["s1,0,5"] * 3, "s2610.csv": ["s2,0,8"]}


def contents():
    """Return what each file holds, by its name."""
    # `random()` alone is promised to give the same numbers in every version of Python.
    draw = random.Random(8).random
    made = {}
    for name, (server, (first, last), calls, errors) in FILES.items():
        severities = [2] * calls + [1] * errors
        lines = [f"{server},{severity},{first + int(draw() * (last - first + 1))}" for severity in severities]
        lines += SEV0.get(name, [])
        keyed = sorted((draw(), line) for line in lines)
        made[name] = "".join(f"{line}\n" for _, line in keyed).encode()
    return made


def write(folder):
    """Write the four files into a folder, which is made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in contents().items():
        (folder / name).write_bytes(data)


if __name__ == "__main__":
    write(Path(sys.argv[1]))
