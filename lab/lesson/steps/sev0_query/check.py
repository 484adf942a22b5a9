"""The check that a query appends each batch to the log, in order, and exactly once."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from lab.engine import facts
from lab.engine.observe import Row, Table
from lab.judge.comparison import expected_log, log_off
from lab.judge.difference import Difference
from lab.judge.evidence import Evidence
from lab.judge.probe import READ_SECONDS, Probe
from lab.judge.smallest import log_of
from lab.judge.streaming import check_running, check_state, delivered, started, with_example
from lab.records import LogFile
from lab.sev0_output import rows_in

NO_CHECKPOINT: Final = "no-checkpoint"
OTHER_ORDER: Final = "other-order"
# The log of each: one row; rows that are not in order; no row; the same row twice.
_SMALL: Final = tuple(map(log_of, ("s1 0 1", "s1 0 3, s2 0 2", "s1 2 4", "s2 0 5, s2 0 5")))


def check(evidence: Evidence, probe: Probe) -> Evidence:
    """Require a running query whose csv files, after hidden deliveries and a repeated batch, hold the log in its order."""
    evidence = started(evidence, probe)
    before: set[str] = set()
    # The last batch is repeated, so it must have rows.
    deliveries = (*probe.hidden[:-1], probe.silent, probe.hidden[-1])
    for number, file in enumerate(deliveries, start=1):
        if evidence.is_decided:
            return evidence
        want = _log_of(deliveries[:number])
        evidence = replace(evidence, expected_log=(*evidence.expected_log, want))
        before = set(probe.output())
        evidence, now = delivered(evidence, probe, file, number)
        if evidence.is_decided:
            return evidence
        rows = _log_in(probe)
        evidence = replace(evidence, log=(*evidence.log, rows))
        if difference := _difference_of_log(rows, want, number, "" if rows else _written_by(now.sink, probe)):
            evidence = replace(evidence, difference=difference)
            return with_example(evidence, probe, _SMALL, partial(_look, probe)) if rows else evidence
        evidence = check_running(evidence, now)
    if not evidence.is_decided:
        evidence = _check_repetition(evidence, probe, set(probe.output()) - before)
    if evidence.difference and _is_doubled(evidence):
        # Doubled rows matter to somebody who restarts a query. The task itself is done, so it passes with a remark.
        evidence = replace(evidence, difference=None, to_know=evidence.difference.sentence)
    return evidence if evidence.is_decided else check_state(evidence, probe)


def _is_doubled(evidence: Evidence) -> bool:
    """Return whether the only fault is that the log has the rows of a repeated batch twice."""
    if not evidence.repeated or evidence.error or len(evidence.log) <= len(evidence.expected_log):
        return False
    have, want = Counter(evidence.log[-1]), Counter(evidence.expected_log[-1])
    return have > want and set(have) == set(want)


def _check_repetition(evidence: Evidence, probe: Probe, newest: set[str]) -> Evidence:
    """Let Spark run the newest batch again, as after a failure in the middle of it.

    The first time all of the batch had been written. The second time its files (`newest`) are lost before the restart,
    if the sink is foreachBatch.
    """
    for lost in (False, True):
        query = probe.value(evidence.step.variable)
        now = facts.query(query)
        if now is None or now.temporary:
            words = "The query has no checkpoint of its own (`checkpointLocation`)."
            return replace(evidence, difference=Difference(NO_CHECKPOINT, words))
        query.stop()
        if not probe.forget_last_commit(now.checkpoint):
            words = "Its checkpoint is not in the output folder."
            return replace(evidence, difference=Difference("checkpoint-elsewhere", words, got=now.checkpoint))
        if lost and now.sink == "foreachbatch":
            probe.lose(newest)
        run = probe.perform(evidence.text)
        again = probe.value(evidence.step.variable)
        if again is query:
            difference = Difference("not-started-again", "The query cannot be started again.")
            return replace(evidence, repeated=run.error, difference=difference)
        read = probe.read(again, probe.hidden[-1])
        after = facts.query(again)
        if after and after.failure:
            words = "The query fails when Spark has to run a batch once more."
            return replace(evidence, repeated=after.failure, difference=Difference("not-repeatable", words))
        if not read:
            words = f"After a restart it read nothing in {READ_SECONDS} seconds."
            return replace(evidence, difference=Difference("not-read-again", words))
        rows, want = _log_in(probe), evidence.expected_log[-1]
        evidence = replace(evidence, log=(*evidence.log, rows))
        if log_off(rows, want):
            words = f"After Spark had to run the newest batch once more, the log has {len(rows)} rows, expected {len(want)}."
            difference = Difference("rows-when-repeated", words, want, rows)
            return replace(evidence, repeated=f"{len(rows)} rows", difference=difference)
    return evidence


def _written_by(sink: str, probe: Probe) -> str:
    """Return in words what a query has written instead of csv files: the formats of its files, else its sink."""
    formats = probe.other_formats()
    return f"there are {' and '.join(formats)} files" if formats else f"the sink is {sink}"


def _difference_of_log(rows: Sequence[Row], want: Sequence[Row], number: int, written: str) -> Difference | None:
    off = log_off(rows, want)
    if off is None:
        return None
    when = f"On a log of our own, after delivery {number},"
    if not rows:
        words = f"{when} there is no csv file with rows below Lab9Output, expected {len(want)} rows; {written}."
        return Difference("no-rows", words, want, rows)
    first = first_row(rows, want)
    if off.is_order:
        words = f"{when} all {len(want)} rows are there, in another order: {first}."
        return Difference(OTHER_ORDER, words, want, rows)
    held = "1 row" if len(rows) == 1 else f"{len(rows)} rows"
    words = f"{when} the csv files hold {held}, expected {len(want)}{first and '; '}{first}."
    return Difference("rows", words, want, rows)


def first_row(rows: Sequence[Row], want: Sequence[Row]) -> str:
    """Return in words the first row that differs from the expected one; empty if there is none."""
    off = log_off(rows, want)
    if off is None or off.position is None:
        return ""
    return f"row {off.position + 1} is {_shown(rows[off.position])}, expected {_shown(want[off.position])}"


def _shown(row: Row) -> str:
    return "'" + " ".join(map(str, row)) + "'"


def _look(probe: Probe, files: Sequence[LogFile], _now: facts.Query) -> tuple[Table, Table] | None:
    got, want = _log_in(probe), expected_log([file] for file in files)
    return (want, Table(want.columns, got)) if log_off(got, _as_rows(want)) else None


def _log_of(batches: Sequence[LogFile]) -> tuple[Row, ...]:
    return _as_rows(expected_log([file] for file in batches))


def _as_rows(log: Table) -> tuple[Row, ...]:
    """Return the rows of a log as csv files have them: every value is a text."""
    return tuple((server, str(time)) for server, time in log.rows)


def _log_in(probe: Probe) -> tuple[Row, ...]:
    """Return every row of the csv files with all its values, without headers."""
    return tuple(rows_in(line for text in probe.output().values() for line in text.splitlines()))
