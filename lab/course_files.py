"""A course's own log files, which replace the shipped ones for everybody.

Names, servers and windows come from the files: two of the four cover an earlier window of time units, two a later one.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from lab.dataset import COURSE, FILES, Dataset, Pair
from lab.errors import LabError
from lab.records import LogFile, read_log_file, require_records
from lab.system import refusal_of_file_name

# A cell may not collect more rows than that from Spark, and the cells of the page Schema collect a whole file.
MAX_RECORDS: Final = 10_000
# A learner writes down a row for each of them.
MAX_SERVERS: Final = 50
MAX_SEV0: Final = 500
# Time units are counted from 1, and a learner writes them down, too.
MAX_TIME_UNIT: Final = 999_999
# Only names that the notebook's delivery function accepts and that Spark reads.
_NAME: Final = re.compile(r"[A-Za-z0-9][\w.-]{0,99}\.csv", re.ASCII | re.IGNORECASE)
_SHOWN: Final = 6
_AGAIN: Final = "then start again."


def is_log_file(name: str) -> bool:
    """Return whether a file in a course's folder is a log file by its name; the folder may hold other files."""
    return name.lower().endswith(".csv") and not name.startswith(("_", "."))


def require_names(names: Sequence[str], where: str) -> None:
    """Raise LabError unless these are the names of four log files; `where` says in the error where they were found."""
    if len(names) != len(FILES):
        found = "no log file" if not names else f"{len(names)} log file{'' if len(names) == 1 else 's'}"
        listed = f" ({_listed(sorted(names))})" if names else ""
        # Most courses use the file names of the handout.
        lacking = [name for name in FILES if name not in names] if set(names) < set(FILES) and names else []
        missing = f" It lacks {_listed(lacking)}." if lacking else ""
        raise LabError(
            f"{where} holds {found}{listed}, expected four: two of an earlier window of time units, two of a later "
            f"one.{missing}",
            f"Put exactly four files there whose names end in .csv, {_AGAIN}",
        )
    for name in names:
        if not _NAME.fullmatch(name):
            raise LabError(
                f"{name!r} in {where} is no name for a log file: it may have letters, digits, '_', '-' and '.', and begins "
                "with a letter or digit.",
                f"Rename it, {_AGAIN}",
            )
        if reason := refusal_of_file_name(name):
            raise LabError(f"In {where}: {reason}", f"Rename it, {_AGAIN}")
    if len({name.casefold() for name in names}) < len(names):
        raise LabError(
            f"Of {_listed(sorted(names))} in {where}, two are the same name on Windows and macOS.",
            f"Rename one, {_AGAIN}",
        )


def course_of(contents: Mapping[str, bytes], where: str) -> Dataset:
    """Return a course's log files, from the contents by name; raise LabError if they do not fit.

    `where` says in the error where the files were found.
    """
    require_names(list(contents), where)
    files = [
        require_records(read_log_file(name, contents[name]), f"Correct the file in {where}, {_AGAIN}")
        for name in sorted(contents, key=_natural)
    ]
    for file in files:
        _require_size(file, where)
        _require_time_units(file, where)
    pairs = _pairs(files, where)
    _require_results(files, pairs, where)
    # In the form in which the lab writes them, so that equal records have an equal seed.
    own = {name: next(file for file in files if file.name == name).content for pair in pairs for name in pair.files}
    whole = b"\0".join(part for name, data in own.items() for part in (name.encode(), data))
    seed = f"{COURSE}{hashlib.sha256(whole).hexdigest()[:12]}"
    return Dataset(seed, MappingProxyType(own), pairs)


def _require_size(file: LogFile, where: str) -> None:
    if len(file.records) > MAX_RECORDS:
        raise LabError(
            f"{file.name} in {where} has {len(file.records):,} records, more than the {MAX_RECORDS:,} that a cell of this "
            "lab may bring from Spark.",
            f"Shorten it, {_AGAIN}",
        )


def _require_time_units(file: LogFile, where: str) -> None:
    for line, record in file.numbered:
        if record.timestamp > MAX_TIME_UNIT:
            raise LabError(
                f"{file.name} in {where}, line {line}: '{record.timestamp}' is too large for a time unit of this lab; "
                f"they are counted, up to {MAX_TIME_UNIT:,}.",
                f"Count the time units from 1 on in all four files, {_AGAIN}",
            )


def _pairs(files: Sequence[LogFile], where: str) -> tuple[Pair, Pair]:
    """Return the earlier pair and the later pair of files; raise LabError if their windows overlap.

    Files with the same window stay in the order of `files`, which is by name.
    """
    in_time = sorted(files, key=lambda file: (min(_times(file)), max(_times(file))))
    first, second = in_time[:2], in_time[2:]
    last = max(max(_times(file)) for file in first)
    for file in second:
        line, record = next(
            ((line, record) for line, record in file.numbered if record.timestamp <= last), (0, file.records[0])
        )
        if line:
            windows = "; ".join(f"{each.name} t{min(_times(each))} to t{max(_times(each))}" for each in in_time)
            raise LabError(
                f"{file.name}, line {line}: '{record.timestamp}' is a time unit that {first[0].name} and {first[1].name} "
                f"reach, too, so the files in {where} are no two pairs that follow one another ({windows}).",
                f"Let the timestamps of two files end before those of the other two begin, {_AGAIN}",
            )
    return _pair("first", first), _pair("second", second)


def _pair(name: str, files: Sequence[LogFile]) -> Pair:
    times = [time for file in files for time in _times(file)]
    one, other = sorted((file.name for file in files), key=_natural)
    return Pair(name, (one, other), (min(times), max(times)))


def _require_results(files: Sequence[LogFile], pairs: tuple[Pair, Pair], where: str) -> None:
    """Raise LabError if a learner would have nothing to write down as a result, or far too much."""
    servers = {record.serverID for file in files for record in file.records}
    if len(servers) > MAX_SERVERS:
        raise LabError(
            f"The files in {where} name {len(servers):,} servers, and the report has a row for each; "
            f"at most {MAX_SERVERS} fit.",
            f"Take fewer servers, {_AGAIN}",
        )
    fatal = [(file.name, record) for file in files for record in file.records if record.severity == 0]
    if len(fatal) > MAX_SEV0:
        raise LabError(
            f"The files in {where} have {len(fatal):,} SEV0 records, and the log has a row for each; at most "
            f"{MAX_SEV0} fit.",
            f"Take fewer of them, {_AGAIN}",
        )
    if not any(name in pairs[0].files for name, _ in fatal):
        raise LabError(
            f"{pairs[0].files[0]} and {pairs[0].files[1]} in {where} have no SEV0 record, so the log after the first pair "
            "would be empty.",
            f"Put a line with severity 0 into one of them, {_AGAIN}",
        )


def _times(file: LogFile) -> Iterator[int]:
    return (record.timestamp for record in file.records)


def _natural(name: str) -> tuple[tuple[int, str], ...]:
    """Return a sort key for the natural order of names: s9 before s10."""
    return tuple((int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"([0-9]+)", name))


def _listed(names: Sequence[str]) -> str:
    shown = [repr(name[:60])[1:-1] for name in names[:_SHOWN]]
    return ", ".join([*shown, *([f"{len(names) - _SHOWN} more"] if len(names) > _SHOWN else [])])
