"""The moments of a run, in order: before the first batch, after each delivery and batch, now."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from lab.engine.arrivals import Arrival
from lab.engine.observe import Batch, QueryRun
from lab.engine.snapshots import OutputSeen, Snapshot
from lab.records import LogFile
from lab.stage.changes import named, with_changes
from lab.stage.folders import Folders, chips
from lab.stage.moment import NOW, Chip, Moment

# A slider has room for so many: the first moment, and the newest ones.
MAX_MOMENTS: Final = 60


def moments(
    run: QueryRun | None,
    arrivals: Sequence[Arrival],
    snapshots: Mapping[int, Snapshot],
    folders: Folders | None,
    output: OutputSeen | None = None,
) -> tuple[Moment, ...]:
    """Return the moments of a run, oldest first; the last one is now. Without a run, there is only this one.

    `folders` and `output` are the present content of the bucket; None if it is not known.
    """
    if run is None:
        return (Moment(NOW, "Now", None, _now(_Folded(), None, folders), "not started", output=output),)
    data = folders.data if folders else ()
    earlier = [arrival for arrival in arrivals if run.began and arrival.at < run.began]
    folded = _at_the_start(run, earlier)
    found = [Moment("start", "Before the first batch", run.began, folded.chips(data), "running", run.name)]
    found[0] = replace(found[0], output=OutputSeen())
    steps = list(in_order(run.batches, [each for each in arrivals if each not in earlier], folded.live))
    for number, step in enumerate(steps):
        folded.take(step)
        if number >= len(steps) - MAX_MOMENTS + 2:
            moment = _after(step, folded, folded.chips(data), run, snapshots)
            found.append(with_changes(found[-1], moment))
    return _with_now(found, folded, run, folders, output, snapshots)


def in_order(
    batches: Sequence[Batch], arrivals: Sequence[Arrival], lying: Mapping[str, LogFile] | None = None
) -> Iterator[Batch | Arrival]:
    """Yield deliveries and batches in order; `lying` are the files that were in the live folder before.

    The time of a batch is that of its beginning, and it may read a file that comes a moment later. So a delivery always
    comes before the batch that has read it, whatever the times say.
    """
    pending, there = deque(arrivals), set(lying or ())
    for batch in batches:
        missing = {file.name for file in batch.files} - there
        ahead = 0
        for count, arrival in enumerate(pending, start=1):
            brought = missing.intersection(file.name for file in arrival.files)
            if arrival.at <= batch.at or brought:
                ahead = count
                missing -= brought
        for arrival in [pending.popleft() for _ in range(ahead)]:
            there = there | {file.name for file in arrival.files} if arrival.files else set()
            yield arrival
        there |= {file.name for file in batch.files}
        yield batch
    yield from pending


@dataclass
class _Folded:
    """The state of the files after a number of deliveries and batches."""

    live: dict[str, LogFile] = field(default_factory=dict)
    read_at: dict[str, int] = field(default_factory=dict)
    again: set[str] = field(default_factory=set)
    batches: int = 0

    def take(self, step: Batch | Arrival) -> None:
        """Apply one batch or delivery."""
        if isinstance(step, Batch):
            self.batches += 1
            for file in step.files:
                self.live.setdefault(file.name, file)
                self.read_at.setdefault(file.name, step.number)
        elif step.files:
            self.live |= {file.name: file for file in step.files}
            self.again |= self.read_at.keys() & {file.name for file in step.files}
        else:
            self.live.clear()
            self.again.clear()

    def chips(self, data: Sequence[LogFile]) -> tuple[Chip, ...]:
        """Return a chip for every file."""
        return chips(data, tuple(self.live.values()), self.read_at, self.again)


def _at_the_start(run: QueryRun, arrivals: Sequence[Arrival]) -> _Folded:
    folded = _Folded()
    for arrival in arrivals:
        folded.take(arrival)
    # Nobody has observed the files from before the lab's start, but the query knows when they were written.
    written = run.written
    for file in run.files:
        if run.began and file.name in written and written[file.name] <= run.began:
            folded.live.setdefault(file.name, file)
    return folded


def _after(
    step: Batch | Arrival,
    folded: _Folded,
    where: tuple[Chip, ...],
    run: QueryRun,
    snapshots: Mapping[int, Snapshot],
) -> Moment:
    if isinstance(step, Batch):
        key, title = f"batch {step.number}", f"Batch {step.number}"
    elif step.files:
        key, title = f"arrival {step.at.isoformat()}", f"Delivered {named([file.name for file in step.files])}"
    else:
        key, title = f"arrival {step.at.isoformat()}", "LogDataLive emptied"
    batches = run.batches[: folded.batches]
    return _with_result(Moment(key, title, step.at, where, "running", run.name, batches=batches), snapshots)


def _with_result(moment: Moment, snapshots: Mapping[int, Snapshot]) -> Moment:
    """Return the moment with the result of its newest batch."""
    if moment.last is None:
        return replace(moment, output=OutputSeen())
    kept = snapshots.get(moment.last.number, Snapshot())
    before = next((batch.table for batch in reversed(moment.batches[:-1]) if batch.table), None)
    return replace(moment, table=moment.last.table, table_before=before, output=kept.output, checkpoint=kept.checkpoint)


def _with_now(
    found: list[Moment],
    folded: _Folded,
    run: QueryRun,
    folders: Folders | None,
    output: OutputSeen | None,
    snapshots: Mapping[int, Snapshot],
) -> tuple[Moment, ...]:
    """Return the moments and the present one. If nothing has changed since the last one, it becomes the present one."""
    last = found[-1]
    now = Moment(NOW, "Now", None, _now(folded, run, folders), run.state, run.name, run.failure, run.batches)
    now = _with_result(now, snapshots)
    now = with_changes(last, replace(now, output=output or now.output))
    if (now.chips, now.batches, now.state) == (last.chips, last.batches, last.state):
        found.pop()
        title = f"Now: {last.title[0].lower()}{last.title[1:]}"
        now = replace(now, title=title, at=last.at, changes=last.changes, changed=last.changed)
    return (*found, now)


def _now(folded: _Folded, run: QueryRun | None, folders: Folders | None) -> tuple[Chip, ...]:
    if folders is None:
        return folded.chips(())
    written = run.written if run else {}
    again = {each.file.name for each in folders.live if each.modified != written.get(each.file.name, each.modified)}
    return chips(folders.data, [each.file for each in folders.live], folded.read_at, again)
