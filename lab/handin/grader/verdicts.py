"""Verdicts on the results of a notebook's code, by comparison with the oracle for the log files that it was run on."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, product
from typing import Any, Final

from lab import oracle
from lab.dataset import Dataset, Pair
from lab.engine.observe import Table
from lab.formulas import ALL
from lab.handin.grader.rerun import LogRow, Rerun, Snapshot
from lab.judge.comparison import log_off
from lab.judge.rows import UnreadableError, all_rows
from lab.lesson.numbers import shown
from lab.lesson.results import Group, compare
from lab.records import LogFile

_SENTENCES: Final = {formula.id: formula.sentence for formula in ALL}
# A result may change for the same files this often, because a learner may correct the code further down.
MAX_DIFFERENT: Final = 4
# Ways to get a log wrong: sorted by time, but not by server within it; sorted by server first; equal rows only once.
TIES, SERVERS_FIRST, ONCE = "ties", "servers first", "once"
Batches = tuple[tuple[LogFile, ...], ...]


@dataclass(frozen=True)
class Verdict:
    """A result of the code as text, and whether it is right.

    For a wrong result, `sentence` says what is wrong, without a full stop. `is_known_mistake` says that a known wrong
    computation explains the result; `formula` is then the id of a known formula, or TIES, SERVERS_FIRST or ONCE.
    """

    text: str
    right: bool
    sentence: str = ""
    is_known_mistake: bool = False
    formula: str = ""


def verdict(group: Group, rerun: Rerun, dataset: Dataset) -> Verdict | None:
    """Return the verdict on the code's result for a result group; None if there is no result.

    The live folder may have held the group's files several times, because both parts of the lab deliver the same files.
    The first snapshot with a right result counts, else the first one. More than MAX_DIFFERENT different results are
    guesses, so they are wrong.
    """
    verdicts = [
        _volume(group, snapshot.volume, dataset) if group.kind == "volume" else _log(group, snapshot.log or (), dataset)
        for snapshot in rerun.snapshots
        if snapshot.live == group.files(dataset) and _has(group, snapshot)
    ]
    if (different := len({each.text for each in verdicts})) > MAX_DIFFERENT:
        return Verdict(
            verdicts[0].text,
            right=False,
            sentence=f"the code gives {different} different results for the same log files",
        )
    return next((each for each in verdicts if each.right), next(iter(verdicts), None))


def claim_is_right(group: Group, claim: str, dataset: Dataset) -> bool:
    """Return whether a claimed result is right for any split of pairs into batches: Spark may read a pair in two."""
    return any(
        compare(group, claim, [batch for pair in pairs for batch in pair]).outcome == "passed"
        for pairs in product(*(_splits(pair, dataset) for pair in _pairs(group, dataset)))
    )


def why_not(group: Group, claim: str) -> str:
    """Return why a wrong claimed result is wrong, as a part of a sentence."""
    try:
        all_rows(claim, group.kind)
    except UnreadableError as error:
        sentence = str(error).rstrip(".")
        return f"the claimed result cannot be read: {sentence[0].lower()}{sentence[1:]}"
    return "the claimed result does not fit"


def formula_fits(group: Group, formula: str, dataset: Dataset) -> bool:
    """Return whether a wrong computation, as in `Verdict.formula`, may be right on these log files by chance."""
    if group.kind != "volume":
        rows = [oracle.sev0_log([batch]) for batch in dataset.batches(group.pairs)]
        together = [row for each in rows for row in each]
        return {
            TIES: True,
            SERVERS_FIRST: rows == list(map(sorted, rows)),
            ONCE: len(together) == len(set(together)),
        }[formula]
    files = [file for batch in dataset.batches(group.pairs) for file in batch]
    volumes = next(each for each in ALL if each.id == formula).volumes(files)
    text = _volume_text(list(volumes.items()))
    return compare(group, text, [files]).outcome == "passed"


def expected(group: Group, dataset: Dataset) -> str:
    """Return the right result of a group as text."""
    batches = dataset.batches(group.pairs)
    if group.kind == "volume":
        return _volume_text(list(oracle.volume_report(file for batch in batches for file in batch).items()))
    return "\n".join(f"{server} {time}" for server, time in oracle.sev0_log(batches))


def same_result(group: Group, one: Dataset, other: Dataset) -> bool:
    """Return whether the right result of one set of log files is right on the other, too."""
    return claim_is_right(group, expected(group, one), other)


def _has(group: Group, snapshot: Snapshot) -> bool:
    return (snapshot.volume if group.kind == "volume" else snapshot.log) is not None


def _pairs(group: Group, dataset: Dataset) -> tuple[Pair, ...]:
    return dataset.pairs[: group.pairs]


# --- the volume report


def _volume(group: Group, table: Table | None, dataset: Dataset) -> Verdict:
    if table is None or not table.rows:
        return Verdict("", right=False, sentence="the table of the report is empty")
    if not {"serverID", "avgVolume"} <= set(table.columns):
        names = ", ".join(table.columns)[:200]
        return Verdict(names, right=False, sentence=f"the report has the columns {names}, expected serverID, avgVolume")
    at = [table.columns.index(name) for name in ("serverID", "avgVolume")]
    rows = [(str(row[at[0]]), row[at[1]]) for row in table.rows]
    text = _volume_text(rows)
    servers = [server for server, _ in rows]
    if twice := sorted({server for server in servers if servers.count(server) > 1}):
        return Verdict(
            text,
            right=False,
            sentence=f"the report has more than one row for {', '.join(twice)[:200]}: it is not replaced",
        )
    feedback = compare(group, text, dataset.batches(group.pairs))
    if feedback.outcome == "passed":
        return Verdict(text, right=True)
    shown = ", ".join(text.splitlines())[:200]
    if known := _SENTENCES.get(feedback.mistake):
        return Verdict(
            text,
            right=False,
            sentence=f"the code gives {shown}: {known[0].lower()}{known[1:]}",
            is_known_mistake=True,
            formula=feedback.mistake,
        )
    return Verdict(
        text,
        right=False,
        sentence=f"the code gives {shown}, expected {', '.join(expected(group, dataset).splitlines())}",
    )


def _volume_text(rows: Sequence[tuple[str, Any]]) -> str:
    return "\n".join(
        f"{server} {shown(value)}"
        if isinstance(value, int | float)
        else f"{server} {'null' if value is None else value}"
        for server, value in sorted(rows, key=lambda row: row[0])
    )


# --- the SEV0 log


def _log(group: Group, rows: Sequence[LogRow], dataset: Dataset) -> Verdict:
    text = "\n".join(f"{server} {'null' if time is None else time}" for _, server, time in rows)
    right = expected(group, dataset).splitlines()
    if not rows:
        return Verdict(text, right=False, sentence="there is no csv file with rows below Lab9Output")
    batches = [batch for pair in _pairs(group, dataset) for batch in _as_read(pair, rows, dataset)]
    if compare(group, text, batches).outcome == "passed":
        return Verdict(text, right=True)
    got = text.splitlines()
    off = log_off(got, right)
    if off is None or off.is_order:
        by_batch = [[(row[1], row[2] or 0) for row in each] for _, each in groupby(rows, key=lambda row: row[0])]
        ordered = all(times == sorted(times) for times in ([time for _, time in each] for each in by_batch))
        servers = by_batch == list(map(sorted, by_batch))
        position = (off.position if off else None) or 0
        return Verdict(
            text,
            right=False,
            sentence=f"the code gives all {len(right)} rows in another order: row {position + 1} is '{got[position]}', "
            f"expected '{right[position]}'",
            is_known_mistake=ordered or servers,
            formula=TIES if ordered else SERVERS_FIRST if servers else "",
        )
    if len(got) < len(right) and set(got) == set(right):
        return Verdict(
            text,
            right=False,
            sentence=f"the code gives {len(got)} rows, expected {len(right)}: rows that look the same are there only once",
            is_known_mistake=True,
            formula=ONCE,
        )
    surplus = [row for row in off.surplus if row not in right]
    odd = f", and '{surplus[0][:100]}' is no SEV0 record" if surplus else ""
    return Verdict(text, right=False, sentence=f"the code gives {len(got)} rows, expected {len(right)}{odd}")


def _as_read(pair: Pair, rows: Sequence[LogRow], dataset: Dataset) -> Batches:
    """Return the batches in which a pair was read, derived from the batch numbers of its rows in the log."""
    files = tuple(map(dataset.log_file, pair.files))
    wrote = [
        {batch for batch, server, time in rows for record in file.records if (server, time) == (record[0], record[2])}
        for file in files
    ]
    if not all(wrote) or wrote[0] & wrote[1]:
        return (files,)
    return tuple((file,) for _, file in sorted(zip(map(min, wrote), files, strict=True), key=lambda each: each[0]))


def _splits(pair: Pair, dataset: Dataset) -> tuple[Batches, ...]:
    one, other = map(dataset.log_file, pair.files)
    return (((one, other),), ((one,), (other,)), ((other,), (one,)))
