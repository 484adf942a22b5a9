"""One large log file: as a stream, and the same aggregation as a batch job on the same settings."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Final

from lab.bucket import LOG_DATA_LIVE
from lab.bucket.folder import FolderBucket, spark_address
from lab.errors import LabError
from lab.lesson.steps import answering
from lab.lesson.steps.volume_report import STEP
from tools.bench.ground import READ_SECONDS, Ground, learning

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

    from lab.judge.handout import HandoutWorkspace

# Lines are made once for a block, and the block is written again and again.
BLOCK: Final = 100_000
SERVERS: Final = ("s101", "s102", "s103", "s104")


@dataclass(frozen=True)
class Throughput:
    """Records a second."""

    stream: float
    batch: float

    @property
    def ratio(self) -> float:
        """The stream's rows a second, divided by the batch job's."""
        return self.stream / self.batch


def large(ground: Ground, records: int, rounds: int) -> Throughput:
    """Return the medians of some rounds: in each, one file goes through the volume report, then through a batch job."""
    path = ground.folder / "large" / "large.csv"
    write_large(path, records)
    on_folder = replace(ground, bucket=lambda name: FolderBucket(ground.folder / name))
    with learning(on_folder, "large-stream", answering("volume").id) as workspace:
        stream, batch = [], []
        for number in range(rounds):
            stream.append(
                _seconds(partial(_stream, workspace, on_folder.folder / "large-stream", path, f"{number}.csv"))
            )
            # A new DataFrame each round: the same one would reuse its shuffle files, and read nothing.
            batch.append(_seconds(partial(_collect, _report_of(workspace, path))))
    path.unlink()
    return Throughput(records / median(stream), records / median(batch))


def write_large(path: Path, records: int) -> None:
    """Write a log file of so many records of a few servers; create its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [f"{SERVERS[n % len(SERVERS)]},{n % 3},{n + 1}\n" for n in range(min(records, BLOCK))]
    blocks, rest = divmod(records, len(lines))
    with path.open("w", encoding="ascii", newline="") as file:
        block = "".join(lines)
        for _ in range(blocks):
            file.write(block)
        file.write("".join(lines[:rest]))


def _report_of(workspace: "HandoutWorkspace", path: Path) -> "DataFrame":
    """Return the report as a batch job on one file: the learner's own code, on another DataFrame."""
    from lab.judge.run import perform  # noqa: PLC0415 - with Spark

    schema = workspace.names["streamingLogData"].schema
    workspace.names["streamingLogData"] = workspace.names["spark"].read.schema(schema).csv(spark_address(path))
    perform(STEP.code, workspace)
    report: DataFrame = workspace.names[STEP.variable]
    return report


def _collect(report: "DataFrame") -> None:
    """Collect the report as a cell does."""
    from lab.engine.codegen import generated_if_worth_it  # noqa: PLC0415 - with Spark

    with generated_if_worth_it(report):
        report.collect()


def _stream(workspace: "HandoutWorkspace", folder: Path, path: Path, name: str) -> None:
    """Deliver by a hard link: the lab's own delivery refuses files larger than a log file of the lesson may be."""
    os.link(path, folder / LOG_DATA_LIVE / name)
    if not workspace.wait_until_read(READ_SECONDS):
        raise LabError(f"{name} was not read within {READ_SECONDS} seconds.", "Try again, with fewer --records.")


def _seconds(act: Callable[[], object]) -> float:
    begin = time.perf_counter()
    act()
    return time.perf_counter() - begin
