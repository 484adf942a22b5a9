"""The expected reports, computed from the delivered log files, without Spark."""

from collections.abc import Iterable, Sequence
from typing import Final

from lab.records import LogFile, Record

SEV0, SEV2 = 0, 2
REPORT_COLUMNS: Final = ("serverID", "avgVolume")
LOG_COLUMNS: Final = ("serverID", "timestamp")
TOLERANCE: Final = 0.005 + 1e-9  # two decimals are enough, rounded either way


def near(got: float | None, expected: float | None, tolerance: float = TOLERANCE) -> bool:
    """Return whether a volume is the expected one, within the tolerance; None and NaN are near to nothing."""
    return got is not None and expected is not None and abs(got - expected) <= tolerance


def records_of_servers(files: Iterable[LogFile]) -> dict[str, list[Record]]:
    """Return the records of each server, by serverID."""
    servers: dict[str, list[Record]] = {}
    for file in files:
        for record in file.records:
            servers.setdefault(record.serverID, []).append(record)
    return dict(sorted(servers.items()))


def count_of(records: Iterable[Record], severity: int) -> int:
    """Return how many records have a severity."""
    return sum(record.severity == severity for record in records)


def span_of(records: Sequence[Record]) -> int:
    """Return the number of time units from the first to the last record: max(timestamp) - min(timestamp) + 1."""
    times = [record.timestamp for record in records]
    return max(times) - min(times) + 1


def volume_report(files: Iterable[LogFile]) -> dict[str, float]:
    """Return the volume report: avgVolume of each server, by serverID.

    avgVolume = number of SEV2 records / (max(timestamp) - min(timestamp) + 1), the span taken over all of the
    server's records (handout, "volume report"), so a server without SEV2 records reports 0.
    """
    return {server: count_of(records, SEV2) / span_of(records) for server, records in records_of_servers(files).items()}


def sev0_log(batches: Iterable[Iterable[LogFile]]) -> list[tuple[str, int]]:
    """Return the SEV0 log: serverID and timestamp of every SEV0 record.

    Rows are ordered by timestamp, then serverID, within a batch; batches follow one another, because a log only
    grows at its end.
    """
    return [
        (record.serverID, record.timestamp)
        for files in batches
        for record in sorted(
            (record for file in files for record in file.records if record.severity == SEV0),
            key=lambda record: (record.timestamp, record.serverID),
        )
    ]
