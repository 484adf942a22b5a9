"""The wrong formulas that learners use for the volume report, to name the one behind a wrong number."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from lab.oracle import SEV0, SEV2, count_of, near, records_of_servers, span_of
from lab.records import LogFile, Record

_Servers = Mapping[str, Sequence[Record]]
_MOST: Final = 1e18


@dataclass(frozen=True)
class Formula:
    """A wrong way to compute the report; `sentence` says what it does instead of what it should.

    `compute` takes the records of each server, and returns a volume for each; None where it divides by zero.
    """

    id: str
    title: str
    sentence: str
    compute: Callable[[_Servers], Mapping[str, float | None]]

    def volumes(self, files: Sequence[LogFile]) -> dict[str, float]:
        """Return the volume of each server by this formula, without servers that it loses or whose division fails."""
        volumes = self.compute(records_of_servers(files))
        return {
            server: float(volume) for server, volume in volumes.items() if volume is not None and abs(volume) < _MOST
        }


def _per_server(function: Callable[[Sequence[Record]], float | None]) -> Callable[[_Servers], dict[str, float | None]]:
    return lambda servers: {server: function(records) for server, records in servers.items()}


def _divide(number: float, by: float) -> float | None:
    return number / by if by else None


def _calls(records: Iterable[Record]) -> int:
    return count_of(records, SEV2)


def _last(records: Sequence[Record]) -> int:
    return max(record.timestamp for record in records)


def _first(records: Sequence[Record]) -> int:
    return min(record.timestamp for record in records)


def _sum(records: Sequence[Record]) -> int:
    return sum(record.severity for record in records)


def _plus(number: float | None, more: float) -> float | None:
    return None if number is None else number + more


def _one_span(servers: _Servers) -> Mapping[str, float | None]:
    everything = [record for records in servers.values() for record in records]
    return {server: _calls(records) / span_of(everything) for server, records in servers.items()}


def _sev2_first(servers: _Servers) -> Mapping[str, float | None]:
    calls = {server: [record for record in records if record.severity == SEV2] for server, records in servers.items()}
    return {server: len(records) / span_of(records) for server, records in calls.items() if records}


FORMULAS: Final = (
    Formula(
        "no-plus-one",
        "Without + 1",
        "That is the count divided by max - min. From t1 to t5 there are five time units, not four: add 1.",
        _per_server(lambda records: _divide(_calls(records), span_of(records) - 1)),
    ),
    Formula(
        "no-parentheses",
        "Without parentheses",
        "That is count / max - min + 1, which divides first. The whole span is the divisor: put it in parentheses.",
        _per_server(lambda records: _plus(_divide(_calls(records), _last(records)), 1 - _first(records))),
    ),
    Formula(
        "half-parentheses",
        "+ 1 outside of the parentheses",
        "That is count / (max - min) + 1: the 1 belongs inside the parentheses, to the number of time units.",
        _per_server(lambda records: _plus(_divide(_calls(records), span_of(records) - 1), 1)),
    ),
    Formula(
        "sev2-first",
        "Only SEV2 records, then the span",
        "That takes max and min over the SEV2 records alone. The span belongs to all records of a server.",
        _sev2_first,
    ),
    Formula(
        "all-events",
        "Every severity counted",
        "That counts the records of every severity. Only SEV2 counts.",
        _per_server(lambda records: len(records) / span_of(records)),
    ),
    Formula(
        "sev0-events",
        "SEV0 counted",
        "That counts the SEV0 records. SEV2, the service calls, is what the report is about.",
        _per_server(lambda records: count_of(records, SEV0) / span_of(records)),
    ),
    Formula(
        "sev1-events",
        "SEV1 counted",
        "That counts the SEV1 records. SEV2, the service calls, is what the report is about.",
        _per_server(lambda records: count_of(records, 1) / span_of(records)),
    ),
    Formula(
        "one-span",
        "One span for all servers",
        "That uses one span for all servers. Each server has its own first and last time unit.",
        _one_span,
    ),
    Formula(
        "sum-severity",
        "The sum of the severities",
        "That adds up the severities, so each SEV2 counts twice. Count the records instead.",
        _per_server(lambda records: _sum(records) / span_of(records)),
    ),
    Formula(
        "sum-sev2",
        "The sum of the 2s",
        "That adds up the 2s of the SEV2 records, so each counts twice. Count the records instead.",
        _per_server(lambda records: 2 * _calls(records) / span_of(records)),
    ),
    Formula(
        "distinct-records",
        "Equal records counted once",
        "That counts equal records once. Two records that look the same are two events: count both.",
        _per_server(lambda records: _calls(set(records)) / span_of(records)),
    ),
    Formula(
        "not-divided",
        "Not divided",
        "That is the number of SEV2 records. Divide it by the number of time units.",
        _per_server(_calls),
    ),
)

# With the shipped log files, some results of these equal those of the right formula, or of another wrong one.
FURTHER: Final = (
    Formula(
        "last-time-unit",
        "Divided by the last time unit",
        "That divides by max(timestamp). A server's first record need not be at t1: take max - min + 1.",
        _per_server(lambda records: _divide(_calls(records), _last(records))),
    ),
    Formula(
        "turned-round",
        "Divided the wrong way round",
        "That is the number of time units divided by the count. The count goes in front.",
        _per_server(lambda records: _divide(span_of(records), _calls(records))),
    ),
    Formula(
        "mean-severity",
        "The mean of the severities",
        "That is the average severity. Count the SEV2 records, and divide by the number of time units.",
        _per_server(lambda records: _sum(records) / len(records)),
    ),
    Formula(
        "distinct-units",
        "Divided by the different timestamps",
        "That divides by the number of different timestamps. A time unit without any record counts, too: "
        "take max - min + 1.",
        _per_server(lambda records: _calls(records) / len({record.timestamp for record in records})),
    ),
)

# Added after learners had got log files of their own. FORMULAS and FURTHER decide which files a seed leads to, so a
# formula added there would change the files of existing learners.
LATER: Final = (
    Formula(
        "share-of-records",
        "The share of the SEV2 records",
        "That is the share of SEV2 among all records. Divide by the number of time units, not by the number of records.",
        _per_server(lambda records: _calls(records) / len(records)),
    ),
)
ALL: Final = (*FORMULAS, *FURTHER, *LATER)


def formula_of(got: Mapping[str, float | None], files: Sequence[LogFile], tolerance: float) -> Formula | None:
    """Return the known wrong formula that these volumes come from, or None.

    A formula leaves out a server that it loses or for which it divides by zero. Such a server must be absent or null in
    `got`, too.
    """
    have = {server: volume for server, volume in got.items() if volume is not None}
    for formula in ALL:
        volumes = formula.volumes(files)
        if have.keys() == volumes.keys() and all(near(have[name], volumes[name], tolerance) for name in have):
            return formula
    return None
