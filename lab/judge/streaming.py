"""The common part of the checks of queries: start each again, on hidden files."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from lab.bucket import LOG_DATA_LIVE
from lab.cells.articles import a
from lab.engine import facts
from lab.engine.observe import Table
from lab.judge.difference import Difference
from lab.judge.evidence import Evidence
from lab.judge.probe import READ_SECONDS, Probe
from lab.judge.smallest import Example, Records, fewest_deliveries
from lab.records import LogFile

# A query with a longer interval between batches is restarted: that is faster than waiting for its next batch.
PATIENCE_SECONDS = 2
# Looks at a query after deliveries. Returns the expected and the actual table if it is wrong; None if it is right.
Look = Callable[[Sequence[LogFile], facts.Query], tuple[Table, Table] | None]


def started(evidence: Evidence, probe: Probe) -> Evidence:
    """Start the learner's query in the probe, on its stream; the solutions of earlier steps define what it needs."""
    if evidence.query is None:
        return replace(evidence, difference=_no_query(evidence))
    probe.use_stream()
    probe.stand_in(evidence.text, evidence.step)
    run = probe.perform(evidence.text)
    if facts.query(probe.value(evidence.step.variable)) is None:
        return evidence.failed(
            run, Difference("not-by-itself", f"`{evidence.step.variable}` is not started by this cell alone.")
        )
    return replace(evidence, deliveries=probe.hidden, hidden=True)


def delivered(evidence: Evidence, probe: Probe, file: LogFile, number: int) -> tuple[Evidence, facts.Query]:
    """Deliver a hidden file to the probe's query, and return the evidence and the query's facts after it."""
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
        late = f"Of files of our own, it did not read number {number} within {READ_SECONDS} seconds, expected at once."
        return replace(evidence, difference=Difference("not-read", late, got=number)), now
    return evidence, now


def with_example(evidence: Evidence, probe: Probe, deliveries: Sequence[Records], look: Look) -> Evidence:
    """Return the evidence with an example: the fewest small deliveries after which the query is wrong, if any."""
    try:
        example = fewest_deliveries(partial(_tried, evidence, probe, look), deliveries)
    except facts.TookTooLongError:
        # The answer is wrong even without an example.
        return evidence
    return replace(evidence, example=example)


def _tried(evidence: Evidence, probe: Probe, look: Look, deliveries: Sequence[Records]) -> Example | None:
    """Restart the query, and return the example up to the first delivery after which it is wrong; None if it is right.

    Return None also when the query has failed, ended or not read a file.
    """
    probe.begin_anew()
    probe.perform(evidence.text)
    query = probe.value(evidence.step.variable)
    files: list[LogFile] = []
    for name, records in zip((file.name for file in probe.log_files), deliveries, strict=False):
        files.append(LogFile(name, records))
        probe.deliver(files[-1])
        now = facts.query(query) if probe.read(query, files[-1]) else None
        if now is None or now.failure or not now.active or now.interval > PATIENCE_SECONDS:
            return None
        if found := look(files, now):
            return Example(tuple(file.records for file in files), *found)
    return None


def check_running(evidence: Evidence, now: facts.Query) -> Evidence:
    """Return the evidence, with a difference if the query has ended after a delivery."""
    if evidence.is_decided or now.active:
        return evidence
    return replace(
        evidence, difference=Difference("ended", "The query has ended by itself, expected one that goes on.")
    )


def check_state(evidence: Evidence, probe: Probe) -> Evidence:
    """Check the state of the learner's own query, which the probe's query cannot show."""
    query, difference = evidence.query, None
    if query is None:
        return evidence
    if query.failure:
        return replace(evidence, error=query.failure)
    if not query.endless:
        words = f"The query's trigger is {query.trigger}: it ends, expected one that goes on."
        difference = Difference("trigger", words, got=query.trigger)
    elif evidence.stopped:
        words = f"While it started, {', '.join(evidence.stopped)} stopped."
        difference = Difference("displaced", words, got=evidence.stopped)
    elif not query.active:
        difference = Difference("not-running", "The query is not running, expected one that is.")
    elif (probe.key_of(query.checkpoint) or "").startswith(LOG_DATA_LIVE):
        difference = Difference(
            "checkpoint-in-live-folder",
            "Its checkpoint is in LogDataLive. Emptying that folder deletes it, and Spark may read its files as log files. "
            "Put it into Lab9Output.",
        )
    elif evidence.rows_before:
        words = f"The output folder held {evidence.rows_before} rows already, which another query has written."
        difference = Difference("rows-before", words, got=evidence.rows_before)
    return replace(evidence, difference=difference)


def _no_query(evidence: Evidence) -> Difference:
    shown = a(evidence.kind) if evidence.kind else "not defined"
    words = f"`{evidence.step.variable}` is {shown}, expected a query that has been started."
    return Difference("no-query", words, got=evidence.kind)
