"""The check that a query keeps the report in memory."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from lab.engine import facts
from lab.engine.observe import Table
from lab.judge.comparison import expected_report, volumes, volumes_off
from lab.judge.difference import Difference
from lab.judge.evidence import Evidence
from lab.judge.probe import Probe
from lab.judge.smallest import log_of
from lab.judge.streaming import check_running, check_state, delivered, started, with_example
from lab.records import LogFile

# The name that the task gives to the report's table.
TABLE = "volume_report"
# The second file changes a volume of the first: in update mode, the table then has a second row of that server.
_SMALL: Final = tuple(map(log_of, ("s1 2 1", "s1 2 3", "s2 1 2")))


def check(evidence: Evidence, probe: Probe) -> Evidence:
    """Require a running query that keeps the report in memory.

    Deliver hidden files to a query that the same code starts, and compare its table.
    """
    evidence = started(evidence, probe)
    for number, file in enumerate(probe.hidden, start=1):
        if evidence.is_decided:
            return evidence
        want = expected_report(probe.hidden[:number])
        evidence = replace(evidence, expected=(*evidence.expected, want))
        evidence, now = delivered(evidence, probe, file, number)
        if evidence.is_decided:
            return evidence
        if now.sink != "memory":
            return replace(
                evidence,
                difference=Difference("sink", f"The query's sink is {now.sink}, expected memory.", "memory", now.sink),
            )
        evidence = check_running(
            replace(evidence, tables=(*evidence.tables, facts.rows(probe.session.table(now.name)))), now
        )
        if not evidence.is_decided and (difference := _difference(evidence.tables[-1], want, number)):
            return with_example(replace(evidence, difference=difference), probe, _SMALL, partial(_look, probe))
    evidence = evidence if evidence.is_decided else check_state(evidence, probe)
    query = evidence.query
    if evidence.is_decided or query is None or query.name == TABLE:
        return evidence
    named = f"The task names the table `{TABLE}`, and yours is `{query.name}`. Read it by that name in the next step."
    return replace(evidence, to_know=named)


def _look(probe: Probe, files: Sequence[LogFile], now: facts.Query) -> tuple[Table, Table] | None:
    got, want = facts.rows(probe.session.table(now.name)), expected_report(files)
    return (want, got) if _difference(got, want, len(files)) else None


def _difference(got: Table, want: Table, number: int) -> Difference | None:
    have, expected = volumes(got), volumes(want) or {}
    if have is None:
        words = f"Its table has the columns {', '.join(got.columns)}; expected serverID, avgVolume."
        return Difference("columns", words, want.columns, got.columns)
    when = f"On a log of our own, after delivery {number}, its table has"
    if len(got.rows) != len(expected):
        words = f"{when} {len(got.rows)} rows, expected {len(expected)}: one for each server."
        return Difference("number-of-rows", words, len(expected), len(got.rows))
    off = volumes_off(have, expected)
    name = next((name for name in expected if off and name in (*off.missing, *off.wrong)), None)
    if name is None:
        return None
    words = f"{when} {have.get(name)} for {name}, expected {expected[name]:.4g}."
    return Difference("volumes", words, expected, have)
