"""The numbers that pages and predictions tell of a learner's log files."""

from dataclasses import dataclass

from lab.dataset import FIRST, SECOND, Dataset
from lab.oracle import SEV2


@dataclass(frozen=True)
class Volume:
    """What the volume of a server is made of: its SEV2 records, and its first and last time unit."""

    server: str
    count: int
    first: int
    last: int

    @property
    def units(self) -> int:
        """The number of time units, of which those without a record are some, too."""
        return self.last - self.first + 1

    @property
    def division(self) -> str:
        """The division with its result, to two decimals: `6 / 5 = 1.2`."""
        volume = self.count / self.units
        sign = "=" if abs(round(volume, 2) - volume) < 1e-9 else "≈"
        return f"{self.count} / {self.units} {sign} {round(volume, 2):g}"


def volumes(dataset: Dataset, pairs: int) -> dict[str, Volume]:
    """What the volume of each server is made of, by server, after the first pairs."""
    records = [record for files in dataset.batches(pairs) for file in files for record in file.records]
    servers = {}
    for server in sorted({record.serverID for record in records}):
        own = [record for record in records if record.serverID == server]
        times = [record.timestamp for record in own]
        count = sum(record.severity == SEV2 for record in own)
        servers[server] = Volume(server, count, min(times), max(times))
    return servers


def shortest_span(dataset: Dataset) -> Volume:
    """The server that has been there for the fewest time units after the first pair."""
    return min(volumes(dataset, 1).values(), key=lambda volume: volume.units)


def silences(dataset: Dataset) -> dict[str, tuple[int, ...]]:
    """The time units of both windows in which a server has no record, by server; of those that have such."""
    units: dict[str, set[int]] = {}
    for files in dataset.batches():
        for record in (record for file in files for record in file.records):
            units.setdefault(record.serverID, set()).add(record.timestamp)
    every = range(FIRST.window[0], SECOND.window[1] + 1)
    silent = {server: tuple(unit for unit in every if unit not in units[server]) for server in sorted(units)}
    return {server: times for server, times in silent.items() if times}


def silences_in_words(dataset: Dataset) -> str:
    """When which server is silent: `s2 was silent at t1 and at t10`."""
    parts = [f"{server} was silent {_listed(times)}" for server, times in silences(dataset).items()]
    return ", and ".join(parts)


def _listed(times: tuple[int, ...]) -> str:
    words = [f"at t{time}" for time in times]
    return f"{', '.join(words[:-1])} and {words[-1]}" if words[1:] else words[0]
