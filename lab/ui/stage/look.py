"""The content of a learner's bucket when a page is drawn, and the moments made from it and from their query's run."""

from collections.abc import Mapping
from dataclasses import dataclass

from lab.bucket import LOG_DATA, LOG_DATA_LIVE, Entry, files_in, read_files
from lab.engine.snapshots import OutputSeen, Snapshot, output_seen
from lab.learner.learner import Learner
from lab.lesson.steps import Step
from lab.sev0_output import read_log_output
from lab.stage.folders import Folders, Lying
from lab.stage.moment import Moment
from lab.stage.moments import moments


@dataclass(frozen=True)
class Seen:
    """The content of the bucket when the page is drawn."""

    data: tuple[Entry, ...]
    live: tuple[Entry, ...]
    folders: Folders
    output: OutputSeen | None


def look(learner: Learner, step: Step) -> Seen:
    """Read the content of the bucket. Raise LabError when it is unreachable."""
    bucket = learner.workspace.bucket
    data, live = files_in(bucket, LOG_DATA), files_in(bucket, LOG_DATA_LIVE)
    modified = {entry.name: entry.modified for entry in live}
    folders = Folders(
        read_files(bucket, data), tuple(Lying(file, modified[file.name]) for file in read_files(bucket, live))
    )
    return Seen(data, live, folders, output_seen(read_log_output(bucket)) if step.picture == "log" else None)


def moments_of(learner: Learner, step: Step, seen: Seen | None) -> tuple[Moment, ...]:
    """Return every moment of the newest run of the step's query; `seen` is None if the bucket is unreachable."""
    return moments(
        learner.runs.latest(step),
        learner.workspace.observations.arrivals,
        snapshots_of(learner, step),
        seen.folders if seen else None,
        seen.output if seen else None,
    )


def snapshots_of(learner: Learner, step: Step) -> Mapping[int, Snapshot]:
    """Return, by batch, the snapshots of the disk after the batches of the step's newest query."""
    run = learner.runs.latest(step)
    return learner.workspace.observations.snapshots(run.query_id) if run else {}
