"""Checks of the steps that run something: both queries, the SQL, and the stop."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from lab import oracle
from lab.engine import facts
from lab.engine.observe import Row, Table
from lab.lesson.checks.hidden import DELIVERIES
from lab.lesson.checks.probe import READ_SECONDS, Probe
from lab.lesson.checks.transformations import TOLERANCE, volumes
from lab.lesson.evidence import Evidence
from lab.lesson.sev0_output import read_log_output
from lab.lesson.steps import STEPS
from lab.records import LogFile

# Numbers that no report of the lab has, and that survive being rounded to two decimals.
_SHOWN = (("first", 0.25), ("second", 7.75))


def check_volume_query(evidence: Evidence, probe: Probe) -> Evidence:
    """A running query that keeps the report in memory; hidden files are delivered to one like it, and its table read."""
    evidence, query = _started(evidence, probe, "volume-report")
    for number, file in enumerate(DELIVERIES, start=1):
        if evidence.is_decided:
            return evidence
        expected = oracle.volume_report(DELIVERIES[:number])
        want = Table(tuple(expected.columns), tuple(expected.itertuples(index=False, name=None)))
        evidence = replace(evidence, expected=(*evidence.expected, want))
        evidence, now = _delivered(evidence, probe, query, file, number)
        if evidence.is_decided or now is None:
            return evidence
        if now.sink != "memory":
            return replace(evidence, difference=f"The query's sink is {now.sink}, expected memory.")
        got = facts.rows(probe.session.table(now.name))
        evidence = replace(evidence, tables=(*evidence.tables, got), difference=_difference(got, want, number))
        evidence = _alive(evidence, now)
    return evidence if evidence.is_decided else _check_state(evidence)


def check_sev0_query(evidence: Evidence, probe: Probe) -> Evidence:
    """A running query whose csv files, after hidden deliveries and a repeated batch, hold the log in its order."""
    evidence, query = _started(evidence, probe, "sev0")
    now: facts.Query | None = None
    for number, file in enumerate(DELIVERIES, start=1):
        if evidence.is_decided:
            return evidence
        want = _log_of(DELIVERIES[:number])
        evidence = replace(evidence, expected_log=(*evidence.expected_log, want))
        evidence, now = _delivered(evidence, probe, query, file, number)
        if evidence.is_decided or now is None:
            return evidence
        rows = _log_in(probe)
        evidence = replace(evidence, log=(*evidence.log, rows), difference=_difference_of_log(rows, want, number))
        evidence = _alive(evidence, now)
    if evidence.is_decided or now is None:
        return evidence
    if now.temporary:
        return replace(evidence, difference="The query has no checkpoint of its own (`checkpointLocation`).")
    evidence = _check_repetition(evidence, probe, query, now)
    return evidence if evidence.is_decided else _check_state(evidence)


def check_volume_show(evidence: Evidence, probe: Probe) -> Evidence:
    """What the cell shows is the content of the query's table, whatever that is."""
    name = facts.query_name(probe.real_value(STEPS["volume-query"].variable))
    probe.show_table(name, _SHOWN)
    run = probe.perform(evidence.text)
    if run.failure:
        return replace(evidence, error=run.error, line=run.line)
    shown = run.text + ("" if run.table is None else run.table.to_string())
    missing = [server for server, volume in _SHOWN if f"{volume}" not in shown or server not in shown]
    if missing:
        return replace(
            evidence,
            difference=f"The cell shows {len(_SHOWN) - len(missing)} of the {len(_SHOWN)} rows of a table named `{name}`.",
        )
    return replace(evidence, table_rows=probe.real_rows(name))


def check_stop(evidence: Evidence, probe: Probe) -> Evidence:
    """Afterwards no query is active; tried on two queries more, of which only one has a name."""
    probe.use_stream()
    stream = probe.value("streamingLogData").writeStream.format("noop")
    started = [stream.queryName("named").start(), probe.value("streamingLogData").writeStream.format("noop").start()]
    run = probe.perform(evidence.text)
    left = [query for query in started if query.isActive]
    if run.failure:
        return replace(evidence, error=run.error, line=run.line)
    if evidence.running or left:
        count = evidence.running or len(left)
        return replace(evidence, difference=f"Still active after the cell: {count} queries, expected none.")
    return evidence


def _started(evidence: Evidence, probe: Probe, step_id: str) -> tuple[Evidence, Any]:
    """Start the learner's query in the probe, on what the solution of a step makes of its stream."""
    if evidence.query is None:
        return replace(evidence, difference=_no_query(evidence)), None
    probe.use_stream(step_id)
    run = probe.perform(evidence.text)
    query = probe.value(evidence.step.variable)
    if run.failure or facts.query(query) is None:
        alone = f"`{evidence.step.variable}` could not be started by this cell alone."
        return replace(evidence, error=run.error, line=run.line, difference=alone), None
    return replace(evidence, deliveries=DELIVERIES, hidden=True), query


def _delivered(
    evidence: Evidence, probe: Probe, query: Any, file: LogFile, number: int
) -> tuple[Evidence, facts.Query | None]:
    """Deliver a hidden file to the probe's query; gives its facts when it has read it."""
    probe.deliver(file)
    read = probe.read(query)
    now = facts.query(query)
    if now and now.failure:
        return replace(evidence, error=now.failure), now
    if not read:
        late = f"Delivery {number} of hidden files was not read within {READ_SECONDS} seconds, expected at once."
        return replace(evidence, difference=late), now
    return evidence, now


def _alive(evidence: Evidence, now: facts.Query) -> Evidence:
    if evidence.is_decided or now.active:
        return evidence
    return replace(evidence, difference="The query has ended by itself, expected one that goes on.")


def _check_state(evidence: Evidence) -> Evidence:
    """What the learner's own query is and does, which the hidden one cannot show."""
    query = evidence.query
    if query is None:
        return evidence
    if query.failure:
        return replace(evidence, error=query.failure)
    if not query.endless:
        return replace(
            evidence, difference=f"The query's trigger is {query.trigger}: it ends, expected one that goes on."
        )
    if evidence.stopped:
        return replace(evidence, difference=f"While it started, {', '.join(evidence.stopped)} stopped.")
    if not query.active:
        return replace(evidence, difference="The query is not running, expected one that is.")
    if evidence.rows_before:
        return replace(
            evidence,
            difference=f"The output folder held {evidence.rows_before} rows already, which this query's checkpoint does "
            "not know of.",
        )
    return evidence


def _check_repetition(evidence: Evidence, probe: Probe, query: Any, now: facts.Query) -> Evidence:
    """Let Spark run the newest batch again, as it does after a failure in the middle of it."""
    query.stop()
    if not probe.forget_last_commit(now.checkpoint):
        return replace(evidence, difference="Its checkpoint is outside of your bucket's output folder.")
    run = probe.perform(evidence.text)
    again = probe.value(evidence.step.variable)
    if run.failure or facts.query(again) is None:
        return replace(evidence, repeated=run.error or "nothing", difference="The query cannot be started again.")
    read = probe.read(again)
    failed = facts.query(again)
    if failed and failed.failure:
        return replace(
            evidence, repeated=failed.failure, difference="The query fails when Spark has to run a batch once more."
        )
    if not read:
        return replace(evidence, difference=f"After a restart it read nothing in {READ_SECONDS} seconds.")
    rows = _log_in(probe)
    evidence = replace(evidence, log=(*evidence.log, rows))
    want = evidence.expected_log[-1]
    if rows == want:
        return evidence
    return replace(
        evidence,
        repeated=f"{len(rows)} rows",
        difference=f"After Spark had to run the newest batch once more, the log has {len(rows)} rows, expected {len(want)}.",
    )


def _no_query(evidence: Evidence) -> str:
    shown = f"a {evidence.kind}" if evidence.kind else "not defined"
    return f"`{evidence.step.variable}` is {shown}, expected a query that has been started."


def _difference(got: Table, want: Table, number: int) -> str:
    have, expected = volumes(got), volumes(want) or {}
    if have is None:
        return f"Its table has the columns {', '.join(got.columns)}; expected serverID, avgVolume."
    if len(got.rows) != len(expected):
        return (
            f"After delivery {number} of hidden files its table has {len(got.rows)} rows, expected {len(expected)}, one a "
            "server."
        )
    for name, volume in expected.items():
        if (found := have.get(name)) is None or volume is None or abs(found - volume) > TOLERANCE:
            return f"After delivery {number} of hidden files its table has {found} for {name}, expected {volume:.4g}."
    return ""


def _difference_of_log(rows: Sequence[Row], want: Sequence[Row], number: int) -> str:
    if tuple(rows) == tuple(want):
        return ""
    if sorted(rows) == sorted(want):
        position = next(index for index, pair in enumerate(zip(rows, want, strict=True)) if pair[0] != pair[1])
        return (
            f"After delivery {number} of hidden files all {len(want)} rows are there, in another order: row {position + 1} "
            f"is {_shown(rows[position])}, expected {_shown(want[position])}."
        )
    return f"After delivery {number} of hidden files the csv files hold {len(rows)} rows, expected {len(want)}."


def _shown(row: Row) -> str:
    return f"'{row[0]} {row[1]}'"


def _log_of(batches: Sequence[LogFile]) -> tuple[Row, ...]:
    frame = oracle.sev0_log([[file] for file in batches])
    return tuple((str(server), int(time)) for server, time in frame.itertuples(index=False))


def _log_in(probe: Probe) -> tuple[Row, ...]:
    return tuple(
        (server, -1 if time is None else time) for _, server, time in read_log_output(probe.workspace.bucket).rows
    )
