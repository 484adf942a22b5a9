"""The folders that streams read and write: a stream that reads its own output would make files for ever."""

from typing import Any
from weakref import WeakKeyDictionary

from pyspark.sql import DataFrame, SparkSession

from lab.bucket import normal_address
from lab.cells.advice import Refused
from lab.cells.globs import folder_of

# For each stream, the folders it reads and the folder it writes. Cleared when no stream is running.
_flows: WeakKeyDictionary[SparkSession, list[tuple[frozenset[str], str]]] = WeakKeyDictionary()


def folders_read(frame: DataFrame) -> frozenset[str]:
    """Return the folders whose files a stream reads, from Spark's analyzed plan."""
    leaves = frame._jdf.queryExecution().analyzed().collectLeaves()
    folders = set()
    for index in range(leaves.size()):
        leaf = leaves.apply(index)
        if leaf.nodeName() == "StreamingRelation":
            path = leaf.dataSource().options().get("path")
            if path.isDefined():
                folders.add(normal_address(folder_of(path.get())))
    return frozenset(folders)


def check_flow(session: SparkSession, reads: frozenset[str], path: Any) -> None:
    """Refuse a stream that would read its own output, directly or through other streams."""
    if not isinstance(path, str):
        return
    known = _flows.setdefault(session, [])
    if not session.streams.active:
        known.clear()
    writes = normal_address(path)
    reached, waiting = {writes}, [writes]
    while waiting:
        folder = waiting.pop()
        if any(_overlap(folder, source) for source in reads):
            raise Refused(
                "This stream would read what it writes, and never come to an end. Write into a folder of its own below "
                "s3_lab9_output_uri."
            )
        for sources, target in known:
            if target not in reached and any(_overlap(folder, source) for source in sources):
                reached.add(target)
                waiting.append(target)
    if (reads, writes) not in known:
        known.append((reads, writes))


def _overlap(one: str, other: str) -> bool:
    return f"{one}/".startswith(f"{other}/") or f"{other}/".startswith(f"{one}/")
