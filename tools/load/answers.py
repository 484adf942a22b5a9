"""What learners write: right answers and wrong ones; and the right results for their own log files."""

import itertools
import re
from collections.abc import Sequence

from lab import oracle
from lab.dataset import Dataset
from lab.lesson.mistakes import MISTAKES
from lab.records import LogFile

# Only steps that define something: a wrong answer to them leaves no query running.
_DEFINING = ("schema", "read-stream", "volume-report", "sev0")
WRONG = {
    step_id: tuple(
        program.text
        for mistake in MISTAKES
        for program in mistake.programs
        if program.step_id == step_id and not program.before
    )
    for step_id in _DEFINING
}


def read_table(text: str) -> dict[str, float]:
    """Return the rows of a volume report, as `show` prints it."""
    return {server: float(volume) for server, volume in re.findall(r"\|\s*(s\w*)\|\s*([0-9.E-]+)\|", text)}


def read_log(text: str) -> list[tuple[str, int]]:
    """Return the rows of a SEV0 log from the text of its files."""
    return [(server, int(timestamp)) for server, timestamp in re.findall(r"^(\w+),(\d+)$", text, re.MULTILINE)]


def right_volumes(dataset: Dataset, pairs: int) -> dict[str, float]:
    """Return the right volume report after so many pairs."""
    files = [file for batch in dataset.batches(pairs) for file in batch]
    return oracle.volume_report(files)


def same_volumes(one: dict[str, float], other: dict[str, float]) -> bool:
    """Return whether two reports agree."""
    return one.keys() == other.keys() and all(abs(one[server] - other[server]) < 1e-9 for server in one)


def right_logs(dataset: Dataset, pairs: int) -> list[list[tuple[str, int]]]:
    """Return the right SEV0 logs after so many pairs: the usual one, then those of pairs read in two batches."""
    ways = itertools.product(*(_batchings(pair) for pair in dataset.batches(pairs)))
    return [oracle.sev0_log(batches) for batches in (tuple(itertools.chain.from_iterable(way)) for way in ways)]


def _batchings(pair: Sequence[LogFile]) -> list[tuple[tuple[LogFile, ...], ...]]:
    one, other = pair
    return [((one, other),), ((one,), (other,)), ((other,), (one,))]
