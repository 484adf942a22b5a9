"""The four result groups of the handout: what is expected of each, and the check of a learner's answer."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lab import oracle
from lab.dataset import SHIPPED, Dataset
from lab.engine.observe import QueryRun
from lab.formulas import formula_of
from lab.judge.comparison import log_off, volumes_off
from lab.judge.feedback import Feedback
from lab.judge.rows import Row, UnreadableError, all_rows, server_of, timestamp_of, volume_of
from lab.lesson.numbers import shown
from lab.lesson.pages import title_of
from lab.lesson.steps import GROUPS, STEPS, Group
from lab.oracle import TOLERANCE
from lab.records import LogFile

__all__ = ["GROUPS", "TOLERANCE", "FilesRead", "Group", "check", "compare", "files_read"]


@dataclass(frozen=True)
class FilesRead:
    """The log files that a query had read, batch by batch, when it had read all files of a result group."""

    batches: tuple[tuple[LogFile, ...], ...]

    @property
    def files(self) -> tuple[LogFile, ...]:
        """The log files of all batches."""
        return tuple(file for batch in self.batches for file in batch)


def files_read(group: Group, runs: Sequence[QueryRun], dataset: Dataset = SHIPPED) -> FilesRead | None:
    """Return what the group's query had read when the last of the group's files was read; None while one is missing.

    `runs` are the runs of the group's query, oldest first. The newest run that had read exactly the group's files
    counts; if there is none, the newest run that had read other files, too.
    """
    wanted = group.files(dataset)
    candidates = [state for run in reversed(runs) if (state := _first_complete(wanted, run))]
    exact = [state for state in candidates if {file.name for file in state.files} == wanted]
    return next(iter(exact or candidates), None)


def check(group: Group, answer: str, runs: Sequence[QueryRun], dataset: Dataset = SHIPPED) -> Feedback:
    """Compare a result with the oracle's report of the log files that the group's query has really read."""
    read = files_read(group, runs, dataset)
    if read is None:
        page = title_of(STEPS[group.step_id].page)
        return Feedback(
            "not attempted",
            f"Your query has not read {_listed(group.files(dataset) - _read(runs))} yet. "
            f"Start it on the page {page}, and deliver there.",
        )
    if odd := [file for file in read.files if file.problems]:
        return Feedback(
            "error",
            f"Your query also read {odd[0].name}, in which not every line is a record ({odd[0].problems[0]}), so there is "
            "nothing to compare with. Start over, and deliver good files only.",
        )
    feedback = compare(group, answer, read.batches)
    if feedback.outcome in {"not attempted", "error"}:
        return feedback
    others = {file.name for file in read.files} - group.files(dataset)
    if not others:
        return feedback
    note = f" Your query had also read {_listed(others)} by then, so your numbers differ from your classmates'."
    if feedback.outcome == "wrong":
        note += " To have them alone: empty the live folder, restart the query, and deliver pair by pair."
    return Feedback(feedback.outcome, feedback.message + note)


def compare(group: Group, answer: str, batches: Sequence[Sequence[LogFile]]) -> Feedback:
    """Compare a result with the oracle's report of these batches of log files."""
    example = group.example.splitlines()[0]
    if not answer.strip():
        return Feedback("not attempted", f"Write one line a row, for example: {example}")
    try:
        rows = all_rows(answer, group.kind)
        return _check_volumes(rows, batches) if group.kind == "volume" else _check_log(rows, batches)
    except UnreadableError as error:
        return Feedback("error", f"{error} Expected one line a row, for example: {example}")


# --- comparison with the oracle


def _check_volumes(rows: Sequence[Row], batches: Sequence[Sequence[LogFile]]) -> Feedback:
    files = [file for batch in batches for file in batch]
    expected = oracle.volume_report(files)
    got: dict[str, float] = {}
    for row in rows:
        server = server_of(row, expected)
        if server in got:
            return Feedback("wrong", f"{server} stands there twice. The report has one row a server.")
        got[server] = volume_of(row)
    off = volumes_off(got, expected)
    if off and off.unknown:
        return Feedback(
            "wrong", f"No log file that was delivered names {_listed(off.unknown)}; it has {_listed(expected)}."
        )
    if off and off.missing:
        return Feedback("wrong", f"{_listed(off.missing)} is missing. The report has a row for every server.")
    if not off:
        return Feedback(
            "passed", "Right: " + ", ".join(f"{name} {shown(volume)}" for name, volume in expected.items()) + "."
        )
    if formula := formula_of(got, files, TOLERANCE):
        return Feedback("wrong", f"{_shown(got)}. {formula.sentence}", formula.id)
    server = off.wrong[0]
    records = oracle.records_of_servers(files)[server]
    times = [record.timestamp for record in records]
    count = oracle.count_of(records, oracle.SEV2)
    return Feedback(
        "wrong",
        f"You have {shown(got[server])} for {server}. It has {count} SEV2 records, and its records reach "
        f"from t{min(times)} to t{max(times)}, which is {oracle.span_of(records)} time units: divide the one by the other.",
    )


def _check_log(rows: Sequence[Row], batches: Sequence[Sequence[LogFile]]) -> Feedback:
    expected = oracle.sev0_log(batches)
    got = [(server_of(row, {server for server, _ in expected}), timestamp_of(row)) for row in rows]
    off = log_off(got, expected)
    if off is None:
        return Feedback("passed", f"Right: {len(expected)} rows, in the order in which the log grew.")
    if off.surplus:
        return Feedback("wrong", f"No SEV0 record stands behind {_log_row(off.surplus[0])} in what was delivered.")
    if off.missing:
        return Feedback("wrong", f"You have {len(got)} of {len(expected)} rows; {_log_row(off.missing[0])} is missing.")
    position = off.position or 0
    return Feedback(
        "wrong",
        f"All rows are there, in another order: row {position + 1} is {_log_row(got[position])}, expected "
        f"{_log_row(expected[position])}. Within a batch the log is ordered by timestamp, then by serverID.",
    )


def _first_complete(wanted: frozenset[str], run: QueryRun) -> FilesRead | None:
    batches: list[tuple[LogFile, ...]] = []
    for batch in run.batches:
        batches.append(batch.files)
        if wanted <= {file.name for files in batches for file in files}:
            return FilesRead(tuple(batches))
    return None


def _read(runs: Sequence[QueryRun]) -> frozenset[str]:
    return frozenset(file.name for file in runs[-1].files) if runs else frozenset()


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def _shown(volumes: dict[str, float]) -> str:
    return ", ".join(f"{server} {shown(volume)}" for server, volume in sorted(volumes.items()))


def _log_row(row: tuple[str, int]) -> str:
    return f"'{row[0]} {row[1]}'"
