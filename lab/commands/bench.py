"""`python -m lab bench`: how long a delivery takes until its result can be read, with the bucket that `LAB_BUCKET` names."""

import argparse
import os
import sys
import time
from statistics import median, quantiles
from typing import Final

from lab.bucket import LOG_DATA, Bucket
from lab.bucket.storage import choose
from lab.engine.engine import Engine
from lab.errors import LabError
from lab.lesson.steps import STEPS, Step, required

# The first deliveries load classes of the JVM; what a class sees all lesson long is what comes after them.
WARM_AFTER: Final = 4
DELIVERIES: Final = 24
READ_SECONDS: Final = 60
RECORDS: Final = 10


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "bench",
        help="measure how long a delivery takes until its result can be read",
        description="Starts Spark, and each of the two queries by itself, and delivers log files of ten records one after "
        "another. Measures the time from the delivery until the result of its batch has been read. It uses the bucket that "
        "LAB_BUCKET names, and removes there what it has put there.",
    )
    parser.add_argument(
        "--deliveries", type=int, default=DELIVERIES, metavar="N", help="how many of them, at least 8 (%(default)s)"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Measure, and print a table; 0 if it could be done, else 1."""
    engine = Engine()
    try:
        storage = choose()
        engine.find_access = storage.access
        try:
            print(f"{storage.shown}\nStarting Spark …", file=sys.stderr, flush=True)
            begin = time.perf_counter()
            engine.wait()
            print(f"start to Spark ready  {time.perf_counter() - begin:6.1f} s")
            print(f"{'delivered -> read':20}  {'first':>6}  {'median':>6}  {'p95':>6}   seconds")
            for title, step_id in (("volume report", "volume-query"), ("SEV0 log", "sev0-query")):
                folder = engine.run_folder / "bench"
                bucket = storage.bucket(f"bench {os.getpid()}", folder, fleeting=True)
                spent = _deliveries(engine, STEPS[step_id], bucket, max(options.deliveries, 2 * WARM_AFTER))
                warm = spent[WARM_AFTER:]
                print(f"{title:20}  {spent[0]:6.2f}  {median(warm):6.2f}  {quantiles(warm, n=20)[-1]:6.2f}", flush=True)
        finally:
            engine.stop()
            storage.close()
    except LabError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _deliveries(engine: Engine, step: Step, bucket: Bucket, number: int) -> list[float]:
    """Seconds from each delivery to its result, with a step's query alone in a workspace of its own."""
    # With Spark, not on top: `--help` need not wait for PySpark.
    from lab.lesson.run import perform, temporary_workspace  # noqa: PLC0415

    spent = []
    with temporary_workspace(engine.root, engine.run_folder, bucket) as workspace:
        for each in (*required(step), step):
            if (run := perform(each.code, workspace)).failure:
                raise LabError(f"{each.title} failed: {run.failure.sentence}", "")
        for count in range(number):
            name = f"s{count}.csv"
            lines = (f"s1,{unit % 3},{unit}\n" for unit in range(1, RECORDS + 1))
            bucket.write(LOG_DATA + name, "".join(lines).encode())
            begin = time.perf_counter()
            workspace.deliver(name)
            if not workspace.wait_until_read(READ_SECONDS):
                raise LabError(f"{step.title} has not read {name} within {READ_SECONDS} seconds.", "Try again.")
            spent.append(time.perf_counter() - begin)
    return spent
