"""The wrong formulas that learners have for the volume report, to name the one that a wrong number comes from."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from lab.oracle import SEV0, SEV2, records_frame
from lab.records import LogFile


@dataclass(frozen=True)
class Formula:
    """A wrong way to compute the report; `sentence` says what it does instead of what it should."""

    id: str
    title: str
    sentence: str
    compute: Callable[[pd.DataFrame], Mapping[str, float]]

    def volumes(self, files: Sequence[LogFile]) -> dict[str, float]:
        """What the formula gives for each server; a server that it loses, or divides by zero, is absent."""
        volumes = self.compute(records_frame(files))
        return {server: float(volume) for server, volume in volumes.items() if pd.notna(volume) and abs(volume) < 1e18}


def _per_server(function: Callable[[pd.DataFrame], float]) -> Callable[[pd.DataFrame], Mapping[str, float]]:
    def compute(records: pd.DataFrame) -> Mapping[str, float]:
        return {str(server): function(rows) for server, rows in records.groupby("serverID")}

    return compute


def _span(rows: pd.DataFrame) -> int:
    return int(rows["timestamp"].max() - rows["timestamp"].min() + 1)


def _count(rows: pd.DataFrame, severity: int) -> int:
    return int((rows["severity"] == severity).sum())


def _divide(number: float, by: float) -> float:
    return number / by if by else float("nan")


def _one_span(records: pd.DataFrame) -> Mapping[str, float]:
    span = _span(records)
    return _per_server(lambda rows: _count(rows, SEV2) / span)(records)


def _sev2_first(records: pd.DataFrame) -> Mapping[str, float]:
    return _per_server(lambda rows: len(rows) / _span(rows))(records[records["severity"] == SEV2])


FORMULAS: Final = (
    Formula(
        "no-plus-one",
        "Without + 1",
        "That is the count divided by max - min. From t1 to t5 there are five time units, not four: add 1.",
        _per_server(lambda rows: _divide(_count(rows, SEV2), _span(rows) - 1)),
    ),
    Formula(
        "no-parentheses",
        "Without parentheses",
        "That is count / max - min + 1, which divides first. The whole span is the divisor: put it in parentheses.",
        _per_server(lambda rows: _count(rows, SEV2) / rows["timestamp"].max() - rows["timestamp"].min() + 1),
    ),
    Formula(
        "half-parentheses",
        "+ 1 outside of the parentheses",
        "That is count / (max - min) + 1: the 1 belongs inside the parentheses, to the number of time units.",
        _per_server(lambda rows: _divide(_count(rows, SEV2), _span(rows) - 1) + 1),
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
        _per_server(lambda rows: len(rows) / _span(rows)),
    ),
    Formula(
        "sev0-events",
        "SEV0 counted",
        "That counts the SEV0 records. SEV2, the service calls, is what the report is about.",
        _per_server(lambda rows: _count(rows, SEV0) / _span(rows)),
    ),
    Formula(
        "sev1-events",
        "SEV1 counted",
        "That counts the SEV1 records. SEV2, the service calls, is what the report is about.",
        _per_server(lambda rows: _count(rows, 1) / _span(rows)),
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
        _per_server(lambda rows: rows["severity"].sum() / _span(rows)),
    ),
    Formula(
        "sum-sev2",
        "The sum of the 2s",
        "That adds up the 2s of the SEV2 records, so each counts twice. Count the records instead.",
        _per_server(lambda rows: 2 * _count(rows, SEV2) / _span(rows)),
    ),
    Formula(
        "distinct-records",
        "Equal records counted once",
        "That counts equal records once. Two records that look the same are two events: count both.",
        lambda records: _per_server(lambda rows: _count(rows, SEV2) / _span(rows))(records.drop_duplicates()),
    ),
    Formula(
        "not-divided",
        "Not divided",
        "That is the number of SEV2 records. Divide it by the number of time units.",
        _per_server(lambda rows: float(_count(rows, SEV2))),
    ),
)

# The four log files do not tell these, after each delivery, from the right formula or from another wrong one.
FURTHER: Final = (
    Formula(
        "last-time-unit",
        "Divided by the last time unit",
        "That divides by max(timestamp). A server's first record need not be at t1: take max - min + 1.",
        _per_server(lambda rows: _count(rows, SEV2) / rows["timestamp"].max()),
    ),
    Formula(
        "turned-round",
        "Divided the wrong way round",
        "That is the number of time units divided by the count. The count goes in front.",
        _per_server(lambda rows: _divide(_span(rows), _count(rows, SEV2))),
    ),
    Formula(
        "mean-severity",
        "The mean of the severities",
        "That is the average severity. Count the SEV2 records, and divide by the number of time units.",
        _per_server(lambda rows: float(rows["severity"].mean())),
    ),
    Formula(
        "distinct-units",
        "Divided by the different timestamps",
        "That divides by the number of different timestamps. A time unit without any record counts, too: "
        "take max - min + 1.",
        _per_server(lambda rows: _count(rows, SEV2) / rows["timestamp"].nunique()),
    ),
)


def formula_of(got: Mapping[str, float | None], files: Sequence[LogFile], tolerance: float) -> Formula | None:
    """The wrong formula that these volumes come from, if it is a known one.

    A server is left out by a formula that divides by zero or loses it; then it must not be in the volumes either, or
    be null there.
    """
    have = {server: volume for server, volume in got.items() if volume is not None}
    for formula in (*FORMULAS, *FURTHER):
        volumes = formula.volumes(files)
        if have.keys() == volumes.keys() and all(abs(volumes[name] - have[name]) <= tolerance for name in have):
            return formula
    return None
