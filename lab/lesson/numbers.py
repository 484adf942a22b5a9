"""The numbers about a learner's log files that pages and predictions show."""

from dataclasses import dataclass
from itertools import islice
from typing import Final

from lab.dataset import Dataset
from lab.lesson.wording import window_in_words
from lab.oracle import SEV2, count_of, records_of_servers
from lab.records import SEVERITIES, LogFile

# At most so many servers, and so many silent time units of a server, are named in a sentence.
MAX_NAMED: Final = 8
MAX_SILENCES: Final = 100
_NUMBERS: Final = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def shown(value: float) -> str:
    """Return a number as short text, without an exponent, that still counts as right: `1.3`, `0.333333`, `12500.25`."""
    return f"{value:.6g}" if abs(value) < 1000 else f"{value:.4f}".rstrip("0").rstrip(".")


@dataclass(frozen=True)
class Volume:
    """The parts of a server's volume: the count of its SEV2 records, and its first and last time unit."""

    server: str
    count: int
    first: int
    last: int

    @property
    def units(self) -> int:
        """The number of time units from first to last, including those without a record."""
        return self.last - self.first + 1

    @property
    def volume(self) -> float:
        """SEV2 records per time unit."""
        return self.count / self.units

    @property
    def division(self) -> str:
        """The division with its result, to two decimals: `6 ÷ 5 = 1.2`."""
        sign = "=" if abs(round(self.volume, 2) - self.volume) < 1e-9 else "≈"
        return f"{self.count} ÷ {self.units} {sign} {shown(round(self.volume, 2))}"


def volumes(dataset: Dataset, pairs: int) -> dict[str, Volume]:
    """Return the parts of the volume of each server, by server, after the first `pairs`."""
    servers = {}
    for server, own in records_of_servers(file for files in dataset.batches(pairs) for file in files).items():
        times = [record.timestamp for record in own]
        servers[server] = Volume(server, count_of(own, SEV2), min(times), max(times))
    return servers


def files_in_words(dataset: Dataset) -> str:
    """Return in a sentence what each log file holds, with the first file and its pair's window as the example."""
    name, (first, last) = dataset.files[0], dataset.pairs[0].window
    lengths = {pair.window[1] - pair.window[0] + 1 for pair in dataset.pairs}
    length = f" of {_count(lengths.pop())}" if len(lengths) == 1 else " of time units"
    servers = list(dataset.servers.values())
    window = window_in_words(first, last)
    if all(len(each) == 1 for each in servers):
        example = f"`{name}` is server {servers[0][0]}, {window}"
        return f"Each file holds the records of one server from one window{length}: {example}."
    named = ", ".join(servers[0][:MAX_NAMED]) + (
        f" and {more} more" if (more := len(servers[0]) - MAX_NAMED) > 0 else ""
    )
    return f"Each file holds records from one window{length}: `{name}` is {window}, of {named}."


def counts_in_words(file: LogFile) -> str:
    """Return as a sentence how many records of each severity a log file has: `6 SEV2, 2 SEV1, 3 SEV0.`, for example."""
    severities = sorted(SEVERITIES, reverse=True)
    return ", ".join(f"{count_of(file.records, severity):,} SEV{severity}" for severity in severities) + "."


def _count(units: int) -> str:
    number = _NUMBERS[units] if units < len(_NUMBERS) else f"{units:,}"
    return f"{number} time unit{'' if units == 1 else 's'}"


def shortest_span(dataset: Dataset) -> Volume:
    """Return the volume of the server with the fewest time units after the first pair."""
    return min(volumes(dataset, 1).values(), key=lambda volume: volume.units)


def silences(dataset: Dataset) -> dict[str, tuple[int, ...]]:
    """Return the time units of both windows in which a server has no record, by server, without servers that have none.

    At most MAX_SILENCES per server are listed: a window may reach to 2^31 - 1.
    """
    units: dict[str, set[int]] = {}
    for files in dataset.batches():
        for record in (record for file in files for record in file.records):
            units.setdefault(record.serverID, set()).add(record.timestamp)
    first, second = dataset.pairs
    every = range(first.window[0], second.window[1] + 1)
    return {
        server: tuple(islice((unit for unit in every if unit not in units[server]), MAX_SILENCES))
        for server in sorted(units)
        if len(units[server]) < len(every)
    }


def silences_in_words(dataset: Dataset) -> str:
    """Return when which server is silent, e.g. `s2 was silent at t1 and at t10`; empty if none is."""
    parts = [f"{server} was silent {_listed(times)}" for server, times in silences(dataset).items()]
    more = len(parts) - MAX_NAMED
    if more > 0:
        parts = [*parts[:MAX_NAMED], f"{more} more were silent, too"]
    return ", and ".join(parts)


def _listed(times: tuple[int, ...]) -> str:
    words = [f"at t{time}" for time in times[:MAX_NAMED]]
    if len(times) > MAX_NAMED:
        words.append("at others")
    return f"{', '.join(words[:-1])} and {words[-1]}" if words[1:] else words[0]
