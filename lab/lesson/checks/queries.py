"""Checks of the steps that run something: both queries, the SQL, and the stop."""

from collections.abc import Sequence
from dataclasses import replace

from lab import oracle
from lab.bucket import LOG_DATA_LIVE
from lab.cells.shown import table_as_text
from lab.engine import facts
from lab.engine.observe import Row, Table
from lab.engine.sev0_output import rows_in
from lab.lesson.checks.hidden import DELIVERIES
from lab.lesson.checks.probe import READ_SECONDS, Probe
from lab.lesson.checks.transformations import TOLERANCE, volumes
from lab.lesson.evidence import Evidence
from lab.records import LogFile

# Numbers that no report of the lab has, and that survive being rounded to one decimal.
_SHOWN = (("first", 30.5), ("second", 47.5), ("third", 0.0))
# A query that takes its time between batches is started anew instead of waited for.
PATIENCE_SECONDS = 2


def check_volume_query(evidence: Evidence, probe: Probe) -> Evidence:
    """A running query that keeps the report in memory; hidden files are delivered to one like it, and its table read."""
    evidence = _started(evidence, probe)
    for number, file in enumerate(DELIVERIES, start=1):
        if evidence.is_decided:
            return evidence
        expected = oracle.volume_report(DELIVERIES[:number])
        want = Table(tuple(expected.columns), tuple(expected.itertuples(index=False, name=None)))
        evidence = replace(evidence, expected=(*evidence.expected, want))
        evidence, now = _delivered(evidence, probe, file, number)
        if evidence.is_decided:
            return evidence
        if now.sink != "memory":
            return replace(evidence, difference=f"The query's sink is {now.sink}, expected memory.")
        evidence = _alive(replace(evidence, tables=(*evidence.tables, facts.rows(probe.session.table(now.name)))), now)
        if not evidence.is_decided:
            evidence = replace(evidence, difference=_difference(evidence.tables[-1], want, number))
    return evidence if evidence.is_decided else _check_state(evidence, probe)


def check_sev0_query(evidence: Evidence, probe: Probe) -> Evidence:
    """A running query whose csv files, after hidden deliveries and a repeated batch, hold the log in its order."""
    evidence = _started(evidence, probe)
    before: set[str] = set()
    for number, file in enumerate(DELIVERIES, start=1):
        if evidence.is_decided:
            return evidence
        want = _log_of(DELIVERIES[:number])
        evidence = replace(evidence, expected_log=(*evidence.expected_log, want))
        before = set(probe.output())
        evidence, now = _delivered(evidence, probe, file, number)
        if evidence.is_decided:
            return evidence
        rows = _log_in(probe)
        evidence = replace(evidence, log=(*evidence.log, rows))
        if difference := _difference_of_log(rows, want, number, now.sink):
            return replace(evidence, difference=difference)
        evidence = _alive(evidence, now)
    if not evidence.is_decided:
        evidence = _check_repetition(evidence, probe, set(probe.output()) - before)
    return evidence if evidence.is_decided else _check_state(evidence, probe)


def check_volume_show(evidence: Evidence, probe: Probe) -> Evidence:
    """What the cell shows is the content of the query's table, whatever that is."""
    name = evidence.table_name
    if not name:
        return replace(
            evidence, difference="`volumeReportQuery` is no query with a name any more, so there is no table to show."
        )
    probe.use_stream()
    probe.stand_in(evidence.text, evidence.step)
    probe.show_table(name, _SHOWN)
    run = probe.perform(evidence.text)
    if run.failure:
        return evidence.failed(run)
    shown = run.text + ("" if run.table is None else table_as_text(run.table))
    missing = [server for server, volume in _SHOWN if f"{volume}" not in shown or server not in shown]
    if missing:
        count = len(_SHOWN) - len(missing)
        return replace(
            evidence, difference=f"The cell shows {count} of the {len(_SHOWN)} rows of a table named `{name}`."
        )
    return replace(evidence, table_rows=probe.real_rows(name))


def check_stop(evidence: Evidence, probe: Probe) -> Evidence:
    """Afterwards no query is active. If none was before, it is tried on the two of the lesson."""
    if not evidence.running_before:
        probe.use_stream()
        probe.stand_in("volumeReportQuery sev0SaveQuery", evidence.step)
        run = probe.perform(evidence.text)
        if run.failure:
            return evidence.failed(run)
        evidence = replace(evidence, running=len(probe.workspace.active))
    if evidence.running:
        count = f"{evidence.running} quer{'y' if evidence.running == 1 else 'ies'}"
        return replace(evidence, difference=f"Still active after the cell: {count}, expected none.")
    return evidence


def _started(evidence: Evidence, probe: Probe) -> Evidence:
    """Start the learner's query in the probe, on what the solutions of the steps before make of its stream."""
    if evidence.query is None:
        return replace(evidence, difference=_no_query(evidence))
    probe.use_stream()
    probe.stand_in(evidence.text, evidence.step)
    run = probe.perform(evidence.text)
    if facts.query(probe.value(evidence.step.variable)) is None:
        return evidence.failed(run, f"`{evidence.step.variable}` is not started by this cell alone.")
    return replace(evidence, deliveries=DELIVERIES, hidden=True)


def _delivered(evidence: Evidence, probe: Probe, file: LogFile, number: int) -> tuple[Evidence, facts.Query]:
    """Deliver a hidden file to the probe's query; gives its facts when it has read it."""
    query = probe.value(evidence.step.variable)
    probe.deliver(file)
    now = facts.query(query)
    if now and now.active and now.interval > PATIENCE_SECONDS:
        query.stop()
        probe.perform(evidence.text)
        query = probe.value(evidence.step.variable)
    read = probe.read(query, file)
    now = facts.query(query) or evidence.query
    if now is None:
        raise AssertionError("only a query that has been started is delivered to")
    if now.failure:
        return replace(evidence, error=now.failure), now
    if not read:
        late = f"Delivery {number} of hidden files was not read within {READ_SECONDS} seconds, expected at once."
        return replace(evidence, difference=late), now
    return evidence, now


def _alive(evidence: Evidence, now: facts.Query) -> Evidence:
    if evidence.is_decided or now.active:
        return evidence
    return replace(evidence, difference="The query has ended by itself, expected one that goes on.")


def _check_state(evidence: Evidence, probe: Probe) -> Evidence:
    """What the learner's own query is and does, which the hidden one cannot show."""
    query, difference = evidence.query, ""
    if query is None:
        return evidence
    if query.failure:
        return replace(evidence, error=query.failure)
    if not query.endless:
        difference = f"The query's trigger is {query.trigger}: it ends, expected one that goes on."
    elif evidence.stopped:
        difference = f"While it started, {', '.join(evidence.stopped)} stopped."
    elif not query.active:
        difference = "The query is not running, expected one that is."
    elif (probe.key_of(query.checkpoint) or "").startswith(LOG_DATA_LIVE):
        difference = "Its checkpoint is in LogDataLive, which is emptied with the log files: put it into Lab9Output."
    elif evidence.rows_before:
        difference = f"The output folder held {evidence.rows_before} rows already, which another query has written."
    return replace(evidence, difference=difference)


def _check_repetition(evidence: Evidence, probe: Probe, newest: set[str]) -> Evidence:
    """Let Spark run the newest batch again, as after a failure in the middle of it.

    First when all of the batch had been written, then when its files (`newest`) had not.
    """
    for lost in (False, True):
        query = probe.value(evidence.step.variable)
        now = facts.query(query)
        if now is None or now.temporary:
            return replace(evidence, difference="The query has no checkpoint of its own (`checkpointLocation`).")
        query.stop()
        if not probe.forget_last_commit(now.checkpoint):
            return replace(evidence, difference="Its checkpoint is not in the output folder.")
        if lost and now.sink == "foreachbatch":
            probe.lose(newest)
        run = probe.perform(evidence.text)
        again = probe.value(evidence.step.variable)
        if again is query:
            return replace(evidence, repeated=run.error, difference="The query cannot be started again.")
        read = probe.read(again, DELIVERIES[-1])
        after = facts.query(again)
        if after and after.failure:
            words = "The query fails when Spark has to run a batch once more."
            return replace(evidence, repeated=after.failure, difference=words)
        if not read:
            return replace(evidence, difference=f"After a restart it read nothing in {READ_SECONDS} seconds.")
        rows, want = _log_in(probe), evidence.expected_log[-1]
        evidence = replace(evidence, log=(*evidence.log, rows))
        if rows != want:
            return replace(
                evidence,
                repeated=f"{len(rows)} rows",
                difference=f"After Spark had to run the newest batch once more, the log has {len(rows)} rows, expected "
                f"{len(want)}.",
            )
    return evidence


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


def _difference_of_log(rows: Sequence[Row], want: Sequence[Row], number: int, sink: str) -> str:
    if tuple(rows) == tuple(want):
        return ""
    when = f"After delivery {number} of hidden files"
    if not rows:
        return f"{when} there is no csv file with rows below Lab9Output, expected {len(want)} rows; the sink is {sink}."
    position = next((index for index, pair in enumerate(zip(rows, want, strict=False)) if pair[0] != pair[1]), -1)
    first = (
        f"row {position + 1} is {_shown(rows[position])}, expected {_shown(want[position])}" if position >= 0 else ""
    )
    if sorted(rows) == sorted(want):
        return f"{when} all {len(want)} rows are there, in another order: {first}."
    return f"{when} the csv files hold {len(rows)} rows, expected {len(want)}{first and '; '}{first}."


def _shown(row: Row) -> str:
    return "'" + " ".join(map(str, row)) + "'"


def _log_of(batches: Sequence[LogFile]) -> tuple[Row, ...]:
    frame = oracle.sev0_log([[file] for file in batches])
    return tuple((str(server), str(time)) for server, time in frame.itertuples(index=False))


def _log_in(probe: Probe) -> tuple[Row, ...]:
    """Every row of the csv files, whole, but for a header."""
    return tuple(rows_in(line for text in probe.output().values() for line in text.splitlines()))
