"""The volume report of one large log file, on a standalone cluster of this machine, with one and with two workers.

It compares a stream, from the query's start to its result, with the same aggregation as a batch job; same settings.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any, Final

from lab.bucket.folder import spark_address
from lab.engine.engine import Engine
from lab.errors import LabError
from lab.lesson.steps import answering, required
from lab.lesson.steps.volume_report import STEP as VOLUME_REPORT
from lab.lesson.warm_up import lesson_engine
from lab.settings import read_settings
from tools.bench.large import write_large
from tools.standalone import StandaloneCluster

RECORDS: Final = 10_000_000
WORKERS: Final = (1, 2)
TIMES: Final = 3
_WARM_UP_RECORDS: Final = 1_000_000
_QUERY: Final = answering("volume")
_TABLE: Final = "volume_report"


@dataclass(frozen=True)
class Rate:
    """Seconds that these records took as a stream and as a batch job; both are medians."""

    records: int
    stream: float
    batch: float

    @property
    def ratio(self) -> float:
        """The stream's rows a second, divided by the batch job's."""
        return self.batch / self.stream


def run(records: int = RECORDS) -> None:
    """Measure, and print a table; raise LabError when that is impossible."""
    with tempfile.TemporaryDirectory(prefix="spark-streaming-lab-bench-") as name:
        folder = Path(name)
        print(f"Writing {records:,} records …", file=sys.stderr, flush=True)
        write_large(folder / "few" / "records.csv", min(records, _WARM_UP_RECORDS))
        write_large(folder / "many" / "records.csv", records)
        size = (folder / "many" / "records.csv").stat().st_size
        print(f"{records:,} records, {size / 1e6:.0f} MB; the median of {TIMES}")
        print(f"{'':12}  {'stream':>15}  {'batch job':>15}  {'ratio':>5}   rows/s (seconds)")
        for workers in WORKERS:
            with StandaloneCluster(folder / f"cluster-{workers}") as cluster:
                for _ in range(workers):
                    cluster.add_worker()
                with _engine_on(cluster.url) as engine:
                    _print(f"{workers} worker{'s' * (workers > 1)}", measure(engine, folder, records))


def measure(engine: Engine, folder: Path, records: int) -> Rate:
    """Return the rate on a started engine, after a warm-up; the log files are in `few` and `many` below the folder."""
    spent: dict[str, list[float]] = {"stream": [], "batch": []}
    _measured(engine, folder / "few", spent)
    for seconds in spent.values():
        seconds.clear()
    for number in range(TIMES):
        # The second one finds more of its code compiled, so the order alternates.
        _measured(engine, folder / "many", spent, batch_first=number % 2 == 1)
    return Rate(records, median(spent["stream"]), median(spent["batch"]))


def _measured(engine: Engine, live: Path, spent: dict[str, list[float]], *, batch_first: bool = False) -> None:
    """Add the seconds of the stream and of the batch job; both run the code of the lab's steps."""
    # Imported here, with Spark: `--help` should not wait for PySpark.
    from lab.cells import CellOutput, Limits, run_cell  # noqa: PLC0415
    from lab.engine.facts import static_records  # noqa: PLC0415

    session: Any = engine.root.newSession()
    names: dict[str, Any] = {"spark": session, "s3_log_data_live_uri": spark_address(live)}
    limits = Limits(lambda _: True)

    def perform(code: str) -> None:
        run_cell(code, names, CellOutput(), limits)

    def stream() -> Sequence[Any]:
        perform(_QUERY.code)
        try:
            names[_QUERY.variable].processAllAvailable()
            return session.table(_TABLE).collect()  # type: ignore[no-any-return]
        finally:
            names[_QUERY.variable].stop()
            session.catalog.dropTempView(_TABLE)

    for step in required(_QUERY):
        perform(step.code)
    report = VOLUME_REPORT
    of_stream = names[report.variable]
    names["streamingLogData"] = static_records(session, spark_address(live))
    perform(report.code)
    of_batch, names[report.variable] = names[report.variable], of_stream
    acts = (
        {"batch": of_batch.collect, "stream": stream} if batch_first else {"stream": stream, "batch": of_batch.collect}
    )
    reports = [sorted(_timed(act, spent[name])) for name, act in acts.items()]
    if reports[0] != reports[1]:
        raise LabError("The stream and the batch job do not give the same report.", "This is a defect of the lab.")


def _timed(act: Callable[[], Sequence[Any]], spent: list[float]) -> Sequence[Any]:
    begin = time.perf_counter()
    rows = act()
    spent.append(time.perf_counter() - begin)
    return rows


@contextmanager
def _engine_on(url: str) -> Iterator[Engine]:
    """Yield a started engine that uses the cluster with this URL."""
    engine = lesson_engine(settings=lambda: replace(read_settings(), spark_master=url))
    try:
        engine.wait()
        yield engine
    finally:
        engine.stop()


def _print(title: str, rate: Rate) -> None:
    stream, batch = (f"{rate.records / seconds:>7,.0f} ({seconds:.1f})" for seconds in (rate.stream, rate.batch))
    print(f"{title:12}  {stream:>15}  {batch:>15}  {rate.ratio:5.2f}", flush=True)
