"""A look under the hood of a query, with a sentence on the purpose of each part."""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from lab.engine.snapshots import SmallFile

FOLDERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "offsets": "Spark writes it **before** a batch runs: it says up to where the batch reads. `logOffset` 1 stands for "
        "the files in `sources/0/1`. After a crash Spark runs exactly this batch again.",
        "sources": "The files that a batch reads, and when each was written. The query never reads these names again.",
        "commits": "Spark writes it **after** a batch: the batch is done, and a restart does not run it again.",
    }
)
# By Spark's names of the phases.
PHASES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "latestOffset": "Spark lists LogDataLive and looks for names that it does not know.",
        "walCommit": "It writes into `offsets` what the batch will read.",
        "getBatch": "It makes a DataFrame of the new files; nothing is read yet.",
        "queryPlanning": "It turns your query into a plan for this batch.",
        "addBatch": "The work itself: the files are read, the result is computed and handed to the sink.",
        "commitBatch": "The sink makes the result visible.",
        "commitOffsets": "It writes into `commits` that the batch is done.",
    }
)


def purpose(file: SmallFile) -> str:
    """Return a sentence on the purpose of a file of the checkpoint; empty if the file is unknown."""
    return FOLDERS.get(file.name.partition("/")[0], "")


def pretty(file: SmallFile) -> str:
    """Return the text of a file of the checkpoint, with its JSON indented."""
    lines = [_pretty(line) for line in file.text.splitlines()]
    return "\n".join([*lines, "…"] if file.cut else lines)


def _pretty(line: str) -> str:
    # JSON that is nested too deep for Python's parser is not from Spark.
    try:
        return json.dumps(json.loads(line), indent=2, ensure_ascii=False) if line[:1] in {"{", "["} else line
    except (ValueError, RecursionError):
        return line
