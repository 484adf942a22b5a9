"""A learner's own log files: with the names, form and windows of the shipped ones, but other records.

They are derived from the class code and the learner's name. Anybody who knows both, such as the grader, gets the same
files.
"""

import hashlib
import random
import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from lab.dataset import FILES, FIRST, PAIRS, SHIPPED, Dataset, Pair
from lab.formulas import FORMULAS, FURTHER
from lab.oracle import SEV0, volume_report
from lab.records import LogFile, Record

SEED_LENGTH: Final = 16
# Rounded to two decimals, two volumes that are closer than this could be confused (see `lab.lesson.results`).
APART: Final = 0.02
_FEWEST, _MOST = 9, 12
_SERVERS: Final = ("s1", "s2")
# The shares of SEV0 and SEV1; the rest is SEV2.
_SEV0_PART, _SEV1_PART = 0.25, 0.2


def canonical_name(name: str) -> str:
    """Return a name in a normal form for comparison, equal for all spellings of the same person's name."""
    # Normalize once more after casefold, which decomposes some letters.
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return " ".join(folded.split())


def seed_of(class_code: str, name: str) -> str:
    """Return the seed of a learner's log files: SEED_LENGTH hexadecimal digits."""
    whole = f"log files\0{canonical_name(class_code)}\0{canonical_name(name)}"
    # A name from a file that anybody has made may contain lone surrogates.
    return hashlib.sha256(whole.encode(errors="surrogatepass")).hexdigest()[:SEED_LENGTH]


def dataset_for(class_code: str, name: str, given: Dataset = SHIPPED) -> Dataset:
    """Return the log files of a learner; those `given` to everybody if the class code or the name is missing.

    If the course has log files of its own, everybody gets those.
    """
    if given.is_of_course or not canonical_name(class_code) or not canonical_name(name):
        return given
    return variant(seed_of(class_code, name))


def dataset_of(seed: str) -> Dataset:
    """Return the log files of a seed, for example from a notebook; the shipped ones if it is not a seed."""
    is_seed = len(seed) == SEED_LENGTH and set(seed) <= set("0123456789abcdef")
    return variant(seed) if is_seed else SHIPPED


@lru_cache(maxsize=512)
def variant(seed: str) -> Dataset:
    """Return the log files of a seed: the first candidate in which every known mistake shows."""
    files = next(
        files for files in _candidates(seed) if shows_growth(files) and shows_orders(files) and shows_formulas(files)
    )
    return Dataset(seed, MappingProxyType({name: file.content for name, file in files.items()}))


def like(own: Dataset, other: Dataset) -> Dataset:
    """Return the records of `own`, with the file names and server names of `other`.

    So code that is right on `other` stays right here, even if it names files or servers. The windows stay those of
    `own`.
    """
    if other.files == own.files and not other.is_of_course:
        return own
    servers = dict(zip(_SERVERS, _servers(other), strict=False))
    contents, pairs = {}, []
    for pair, names in zip(own.pairs, (each.files for each in other.pairs), strict=True):
        for name, file in zip(names, map(own.log_file, pair.files), strict=True):
            records = tuple(record._replace(serverID=servers[record.serverID]) for record in file.records)
            contents[name] = LogFile(name, records).content
        pairs.append(Pair(pair.name, names, pair.window))
    return Dataset(own.seed, MappingProxyType(contents), (pairs[0], pairs[1]))


def _servers(other: Dataset) -> tuple[str, ...]:
    """Return the names of the first two servers in the files; add a default name if there is only one."""
    names = sorted(set().union(*other.servers.values()))
    return (*names, *(server for server in _SERVERS if server not in names))[: len(_SERVERS)]


def shows_growth(files: Mapping[str, LogFile]) -> bool:
    """Return whether the second delivery changes the volume of every server, as a learner waits to see it change."""
    first, second = (volume_report([files[name] for name in names]) for names in (FIRST.files, FILES))
    return all(abs(second[server] - volume) > APART for server, volume in first.items())


def shows_formulas(files: Mapping[str, LogFile]) -> bool:
    """Return whether, after each delivery, the volumes identify their formula: the right one, or which wrong one.

    Volumes of a formula in FURTHER must at least differ from the right ones.
    """
    for names in (FIRST.files, FILES):
        delivered = [files[name] for name in names]
        right = volume_report(delivered)
        known: list[Mapping[str, float]] = [right]
        for formula in FORMULAS:
            volumes = formula.volumes(delivered)
            if not all(_differ(volumes, other) for other in known):
                return False
            known.append(volumes)
        if not all(_differ(right, formula.volumes(delivered)) for formula in FURTHER):
            return False
    return True


def shows_orders(files: Mapping[str, LogFile]) -> bool:
    """Return whether, in each pair, only sorting by timestamp and serverID gives the right SEV0 log."""
    for pair in PAIRS:
        rows = [
            (record.serverID, record.timestamp)
            for name in pair.files
            for record in files[name].records
            if record.severity == SEV0
        ]
        right = sorted(rows, key=lambda row: (row[1], row[0]))
        others = (
            rows,
            sorted(rows),
            sorted(rows, key=lambda row: row[1], reverse=True),
            sorted(rows, key=lambda row: (row[1], [-ord(letter) for letter in row[0]])),
        )
        if {server for server, _ in rows} != set(_SERVERS) or right in others:
            return False
    return True


def _differ(one: Mapping[str, float], other: Mapping[str, float]) -> bool:
    return one.keys() != other.keys() or any(abs(one[server] - other[server]) > APART for server in one)


def _candidates(seed: str) -> Iterator[dict[str, LogFile]]:
    """Yield random log files without end, each with all severities; in most of them, every known mistake shows."""
    # Only `random()` is guaranteed to return the same numbers in every version of Python.
    draw = random.Random(seed).random

    def pick(count: int) -> int:
        return int(draw() * count)

    while True:
        # One server starts late and ends early; the other has a gap, so its span is more than its distinct time units.
        late = pick(2)
        gap = 2 + pick(3)
        files = {}
        for pair in PAIRS:
            for server, name in enumerate(pair.files):
                first, last = pair.window
                units = [
                    unit
                    for unit in range(first, last + 1)
                    if not (server == late and unit in {1, 10}) and not (server != late and unit == gap)
                ]
                records = tuple(
                    Record(_SERVERS[server], _severity(draw()), units[pick(len(units))])
                    for _ in range(_FEWEST + pick(_MOST + 1 - _FEWEST))
                )
                files[name] = LogFile(name, records)
        if all({record.severity for record in file.records} == {0, 1, 2} for file in files.values()):
            yield files


def _severity(part: float) -> int:
    return 0 if part < _SEV0_PART else 1 if part < _SEV0_PART + _SEV1_PART else 2
