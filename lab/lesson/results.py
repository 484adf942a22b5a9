"""The four result groups of the handout: what is expected of each, and the check of a learner's answer."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from lab import dataset, oracle
from lab.engine.observe import QueryRun
from lab.formulas import formula_of
from lab.lesson.feedback import Feedback
from lab.records import LogFile

TOLERANCE: Final = 0.005 + 1e-9  # two decimals are enough, rounded either way
_BORDER = re.compile(r"[\s+|-]*")


@dataclass(frozen=True)
class Group:
    """One result group: a question about the query of a step after the files of `files` were streamed."""

    id: str
    title: str
    question: str
    step_id: str
    files: frozenset[str]
    example: str


@dataclass(frozen=True)
class Seen:
    """What a query had read when a group's files had all been streamed, batch by batch."""

    batches: tuple[tuple[LogFile, ...], ...]

    @property
    def files(self) -> tuple[LogFile, ...]:
        """All of it."""
        return tuple(file for batch in self.batches for file in batch)


_FIRST, _BOTH = frozenset(dataset.FIRST.files), frozenset(dataset.FILES)
_VOLUME, _LOG = "volume-query", "sev0-query"
# No log files of the lab lead to these: no server has 3 SEV2 records in 20 time units, or only two SEV0 records.
_VOLUME_EXAMPLE = "s1 0.15\ns2 2"
_LOG_EXAMPLE = "s2 1\ns1 4"

GROUPS: Final = (
    Group(
        "volume-first",
        "1 · Volume after the first pair",
        "In part 1, after `s115.csv` and `s215.csv` were streamed: what is the volume of SEV2 on each server?",
        _VOLUME,
        _FIRST,
        _VOLUME_EXAMPLE,
    ),
    Group(
        "volume-second",
        "2 · Volume after the second pair",
        "In part 1, after `s1610.csv` and `s2610.csv` were streamed too: what is the volume of SEV2 on each server?",
        _VOLUME,
        _BOTH,
        _VOLUME_EXAMPLE,
    ),
    Group(
        "log-first",
        "3 · SEV0 log after the first pair",
        "In part 2, after `s115.csv` and `s215.csv` were streamed: what is the SEV0 log?",
        _LOG,
        _FIRST,
        _LOG_EXAMPLE,
    ),
    Group(
        "log-second",
        "4 · SEV0 log after the second pair",
        "In part 2, after `s1610.csv` and `s2610.csv` were streamed too: what is the SEV0 log?",
        _LOG,
        _BOTH,
        _LOG_EXAMPLE,
    ),
)


def seen(group: Group, runs: Sequence[QueryRun]) -> Seen | None:
    """What the group's query had read when the last of the group's files was read; None while one is missing.

    `runs` are those of the group's query, oldest first. Of several the newest counts in which exactly the group's
    files had been read by then, else the newest in which they and others had.
    """
    candidates = [state for run in reversed(runs) if (state := _first_complete(group, run))]
    exact = [state for state in candidates if {file.name for file in state.files} == group.files]
    return next(iter(exact or candidates), None)


def check(group: Group, answer: str, runs: Sequence[QueryRun]) -> Feedback:
    """Compare a result with the oracle's report of what the group's query has really read."""
    state = seen(group, runs)
    if state is None:
        page = "Volume report" if group.step_id == _VOLUME else "SEV0 log"
        return Feedback(
            "not attempted",
            f"Your query has not read {_listed(group.files - _read(runs))} yet. "
            f"Start it on the page {page}, and deliver there.",
        )
    if odd := [file for file in state.files if file.problems]:
        return Feedback(
            "error",
            f"Your query also read {odd[0].name}, in which not every line is a record ({odd[0].problems[0]}), so there is "
            "nothing to compare with. Start over, and deliver good files only.",
        )
    feedback = compare(group, answer, state.batches)
    if feedback.outcome in {"not attempted", "error"}:
        return feedback
    others = {file.name for file in state.files} - group.files
    if not others:
        return feedback
    note = f" Your query had also read {_listed(others)} by then, so your numbers differ from your classmates'."
    if feedback.outcome == "wrong":
        note += " To have them alone: empty the live folder, restart the query, and deliver pair by pair."
    return Feedback(feedback.outcome, feedback.message + note)


def compare(group: Group, answer: str, batches: Sequence[Sequence[LogFile]]) -> Feedback:
    """Compare a result with the oracle's report of log files that were read in these batches."""
    example = group.example.splitlines()[0]
    if not answer.strip():
        return Feedback("not attempted", f"Write one line a row, for example: {example}")
    try:
        rows = _read_answer(answer)
        return _check_volumes(rows, batches) if group.step_id == _VOLUME else _check_log(rows, batches)
    except _UnreadableError as error:
        return Feedback("error", f"{error} Expected one line a row, for example: {example}")


# --- reading an answer


class _UnreadableError(Exception):
    """A line of an answer that is not of the form asked for."""


Row = tuple[int, str, str]  # line, server, value


def _read_answer(answer: str) -> list[Row]:
    """The rows of an answer: a server and a value a line; the frame and the head of a table by `show` are skipped."""
    rows = []
    for number, line in enumerate(answer.splitlines(), start=1):
        if _BORDER.fullmatch(line) or "serverid" in line.lower() or "<pre>" in line or "</pre>" in line:
            continue
        parts = [part for part in re.split(r"[\s,;|:=]+", line) if part]
        if len(parts) != 2:
            raise _UnreadableError(f"Line {number}, {line.strip()!r}, is not a server and a value.")
        rows.append((number, parts[0], parts[1]))
    return rows


def _number(row: Row) -> float:
    line, _, text = row
    numerator, slash, denominator = text.partition("/")
    try:
        number = float(numerator) / float(denominator) if slash else float(text)
    except (ValueError, ZeroDivisionError):
        number = math.nan
    # "nan" and "inf" are numbers to Python, and compare with nothing.
    if not math.isfinite(number):
        raise _UnreadableError(f"Line {line}: {text!r} is not a number.")
    return number


def _whole(row: Row) -> int:
    line, _, text = row
    if not re.fullmatch(r"t?[0-9]{1,9}", text):
        raise _UnreadableError(f"Line {line}: {text!r} is not a timestamp, which is a whole number.")
    return int(text.removeprefix("t"))


# --- comparing it


def _check_volumes(rows: Sequence[Row], batches: Sequence[Sequence[LogFile]]) -> Feedback:
    files = [file for batch in batches for file in batch]
    expected = dict(oracle.volume_report(files).itertuples(index=False, name=None))
    got: dict[str, float] = {}
    for row in rows:
        if row[1] in got:
            return Feedback("wrong", f"{row[1]} stands there twice. The report has one row a server.")
        got[row[1]] = _number(row)
    if unknown := got.keys() - expected.keys():
        return Feedback(
            "wrong", f"No log file that was delivered names {_listed(unknown)}; it has {_listed(expected)}."
        )
    if missing := expected.keys() - got.keys():
        return Feedback("wrong", f"{_listed(missing)} is missing. The report has a row for every server.")
    off = [server for server in sorted(expected) if abs(got[server] - expected[server]) > TOLERANCE]
    if not off:
        return Feedback(
            "passed", "Right: " + ", ".join(f"{name} {volume:g}" for name, volume in expected.items()) + "."
        )
    if formula := formula_of(got, files, TOLERANCE):
        return Feedback("wrong", f"{_shown(got)}. {formula.sentence}", formula.id)
    server = off[0]
    records = oracle.records_frame(files).query("serverID == @server")
    first, last = records["timestamp"].min(), records["timestamp"].max()
    count = int((records["severity"] == oracle.SEV2).sum())
    return Feedback(
        "wrong",
        f"You have {got[server]:g} for {server}. It has {count} SEV2 records, and its records reach from t{first} to "
        f"t{last}, which is {last - first + 1} time units: divide the one by the other.",
    )


def _check_log(rows: Sequence[Row], batches: Sequence[Sequence[LogFile]]) -> Feedback:
    expected = [(server, int(time)) for server, time in oracle.sev0_log(batches).itertuples(index=False)]
    got = [(row[1], _whole(row)) for row in rows]
    if got == expected:
        return Feedback("passed", f"Right: {len(expected)} rows, in the order in which the log grew.")
    missing, surplus = _without(expected, got), _without(got, expected)
    if surplus:
        return Feedback("wrong", f"No SEV0 record stands behind {_log_row(surplus[0])} in what was delivered.")
    if missing:
        return Feedback("wrong", f"You have {len(got)} of {len(expected)} rows; {_log_row(missing[0])} is missing.")
    position = next(index for index, pair in enumerate(zip(got, expected, strict=True)) if pair[0] != pair[1])
    return Feedback(
        "wrong",
        f"All rows are there, in another order: row {position + 1} is {_log_row(got[position])}, expected "
        f"{_log_row(expected[position])}. Within a batch the log is ordered by timestamp, then by serverID.",
    )


def _without(rows: Sequence[tuple[str, int]], others: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    rest = list(others)
    return [row for row in rows if row not in rest or rest.remove(row)]  # type: ignore[func-returns-value]


def _first_complete(group: Group, run: QueryRun) -> Seen | None:
    batches: list[tuple[LogFile, ...]] = []
    for batch in run.batches:
        batches.append(batch.files)
        if group.files <= {file.name for files in batches for file in files}:
            return Seen(tuple(batches))
    return None


def _read(runs: Sequence[QueryRun]) -> frozenset[str]:
    return frozenset(file.name for file in runs[-1].files) if runs else frozenset()


def _listed(names: "frozenset[str] | set[str] | dict[str, float]") -> str:
    return ", ".join(sorted(names))


def _shown(volumes: dict[str, float]) -> str:
    return ", ".join(f"{server} {volume:g}" for server, volume in sorted(volumes.items()))


def _log_row(row: tuple[str, int]) -> str:
    return f"'{row[0]} {row[1]}'"
