"""Spark on a cluster: its changes to the settings, and a start that fails with a clear error without executors."""

import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from lab.bucket.s3_errors import explain_s3, is_of_s3
from lab.bucket.storage import S3Access
from lab.engine.failures import text_of
from lab.engine.java import Jvm
from lab.engine.master import LOCAL, Master, is_loopback, reach, read_master
from lab.engine.properties import NONE, Properties, read_properties
from lab.engine.settings import Setting
from lab.errors import LabError
from lab.settings import BUCKET, SPARK_LOCAL_IP, SPARK_MASTER, Settings, read_settings
from lab.system import IS_WINDOWS

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# Spark tries a standalone master three times within a minute; for YARN it waits for ever.
JOIN_SECONDS: Final = 90
TASK_SECONDS: Final = 60
# What a cluster does without: addresses of loopback, and a class that executors do not have.
_OWN: Final = frozenset({"spark.driver.host", "spark.driver.bindAddress", "spark.sql.extensions"})
_ADVICE: Final = "docs/deployment.md says what a cluster must have."


@dataclass(frozen=True)
class Cluster:
    """Where Spark's work is done, with a person's own properties for it.

    `address` is the address of this machine as the master sees it; empty for the lab's own JVM, and if it is unknown.
    """

    master: Master
    own: Properties = NONE
    address: str = ""

    def settings(self, settings: Sequence[Setting], jars: Sequence[Path] = ()) -> tuple[Setting, ...]:
        """Return Spark's properties, made from the lab's `settings` without a cluster; executors need `jars`, too."""
        if not self.master.is_cluster:
            return self.own.among(settings)
        changed = [
            Setting("spark.master", self.master.url, f"what {SPARK_MASTER} names"),
            Setting(
                "spark.executor.extraJavaOptions",
                "-XX:+UseSerialGC",
                "as in the lab's own JVM; but executors live long, and the optimising compiler makes them 2.5 times as fast",
            ),
            Setting(
                "spark.hadoop.fs.file.impl",
                "org.apache.hadoop.fs.RawLocalFileSystem",
                "executors do not have the lab's own class, and both sides must agree on checksum files",
            ),
        ]
        if self.address:
            changed.append(Setting("spark.driver.host", self.address, "where executors find the lab"))
        if self.master.elsewhere:
            changed.append(
                Setting(
                    "spark.locality.wait.process",
                    "30s",
                    "a query without a checkpoint of its own has what it has counted in a folder of one executor's",
                )
            )
        else:
            changed.append(Setting("spark.driver.bindAddress", self.address, "loopback only"))
        if jars:
            changed.append(
                Setting("spark.jars", ",".join(map(str, jars)), "executors fetch the S3 client from the lab")
            )
        replaced = {setting.name for setting in changed} | _OWN
        return self.own.among([*(setting for setting in settings if setting.name not in replaced), *changed])

    def classpath(self, settings: Settings) -> tuple[Path, ...]:
        """Return the folders where Spark finds the addresses of a YARN cluster."""
        return settings.of_yarn if self.master.is_cluster else ()

    def environment(self, settings: Settings) -> Mapping[str, str | None]:
        """Return the variables to change in the JVM's environment; by default, `start_jvm` binds to loopback only."""
        return {SPARK_LOCAL_IP: settings.spark_local_ip or None} if self.master.elsewhere else {}

    def executor_environment(self, access: S3Access | None) -> Mapping[str, str]:
        """Return the environment variables with S3 keys for executors: only the generated keys of the embedded server.

        A person's own keys are not passed on.
        """
        if access is None or access.profile or not self.master.is_cluster:
            return {}
        return {name: value for name, value in access.environment.items() if value is not None}

    def note(self, settings: Sequence[Setting]) -> str:
        """Return a note for a person: the cluster in use, and properties of theirs that have no effect."""
        where = f"It works on the cluster {self.master.url}." if self.master.is_cluster else ""
        return " ".join(filter(None, [where, *self.own.overruled(settings)]))


# No cluster.
HERE: Final = Cluster(Master(LOCAL))


def named_cluster(settings: Settings | None = None) -> Cluster:
    """Return the cluster of the settings, with a person's own properties; raise LabError if it is unreachable."""
    settings = settings or read_settings()
    own = read_properties(settings)
    master = read_master(settings.spark_master or own.values.get("spark.master", ""))
    if IS_WINDOWS and master.is_cluster:
        raise LabError(
            f"On Windows, the lab cannot leave its work to the cluster {master.url}: what executors have for local files "
            "does not run there.",
            f"Unset {SPARK_MASTER}, or run the lab on Linux or macOS.",
        )
    return Cluster(master, own, reach(master, settings) if master.is_cluster else "")


def find_cluster(access: S3Access | None, settings: Settings | None = None) -> Cluster:
    """Return the cluster for the work, as the settings say; raise LabError when the work cannot be done there."""
    cluster = named_cluster(settings)
    if cluster.master.elsewhere:
        _require_shared(cluster.master, access)
    return cluster


def join(cluster: Cluster, jvm: Jvm, connect: Callable[[], "SparkSession"]) -> "SparkSession":
    """Return the root session after the cluster has done a first task; raise LabError on failure or timeout."""
    if not cluster.master.is_cluster:
        return connect()
    url = cluster.master.url
    with _limited(JOIN_SECONDS, jvm) as late:
        try:
            root = connect()
        except Exception as error:  # from py4j or PySpark; a broken connection may fail in any way
            if late.is_set():
                raise LabError(
                    f"The cluster {url} did not take the lab in within {JOIN_SECONDS} seconds.",
                    f"Is it busy, or its queue full? {_ADVICE}",
                ) from error
            raise _refused(cluster, jvm, error) from error
    with _limited(TASK_SECONDS, jvm) as late:
        try:
            root.range(1).count()
        except Exception as error:
            if late.is_set():
                raise LabError(
                    f"The cluster {url} gave the lab no executor within {TASK_SECONDS} seconds.",
                    "Start a worker that has a core and the memory of spark.executor.memory (1 GB) free; spark.cores.max "
                    "limits what another application takes. If there is one, does Java start on it? Executors need a Java "
                    f"17 to 21 that has the module jdk.incubator.vector; what they print says so. {_ADVICE}",
                ) from error
            raise _refused(cluster, jvm, error) from error
    return root


@contextmanager
def reaching(cluster: Cluster, access: S3Access | None) -> Iterator[None]:
    """Raise LabError if S3 refuses the executors of a cluster in a first query, after the lab itself has reached it."""
    try:
        yield
    except Exception as error:
        text = text_of(error)
        if access is None or not cluster.master.elsewhere or not is_of_s3(text):
            raise
        refusal = explain_s3(text, str(access.address))
        raise LabError(
            f"The machines of the cluster {cluster.master.url} do not reach the bucket. {refusal.what}",
            "They need credentials of their own: the role of their machine, or the environment of their worker. "
            "docs/deployment.md says more.",
        ) from error


def has_stopped(root: "SparkSession") -> bool:
    """Return whether the cluster has ended the lab's application; the JVM goes on even then."""
    context = root.sparkContext._jsc
    return context is not None and bool(context.sc().isStopped())


def _require_shared(master: Master, access: S3Access | None) -> None:
    """Raise LabError for a bucket on this machine: the machines of a cluster can only reach S3."""
    if access is None:
        raise LabError(
            f"The machines of the cluster {master.url} do not see the folders of this one.",
            f"Set {BUCKET} to a bucket in S3 that they reach, too, or unset {SPARK_MASTER}.",
        )
    if is_loopback(urlsplit(access.endpoint).hostname or ""):
        raise LabError(
            f"The machines of the cluster {master.url} do not reach {access.endpoint}, which is this machine alone.",
            f"Set {BUCKET} to a bucket in S3 that they reach, too, or unset {SPARK_MASTER}.",
        )


def _refused(cluster: Cluster, jvm: Jvm, error: Exception) -> LabError:
    """Return why the cluster ended the lab's application; Spark writes the reason only into its log."""
    url = cluster.master.url
    log = jvm.log.read_text(encoding="utf-8", errors="replace")
    reasons = re.findall(r"Application has been killed\. Reason: (.+)", log)
    if any("unresponsive" in reason for reason in reasons):
        return LabError(
            f"What answers at {url} did not take the lab in.",
            f"Is it a master of Spark, in the version that the lab has? {_ADVICE}",
        )
    first = next((line for line in [*reasons, *text_of(error).splitlines()] if line.strip()), type(error).__name__)
    return LabError(f"The cluster {url} did not take the lab in: {first.strip()[:200]}.", _ADVICE)


@contextmanager
def _limited(seconds: float, jvm: Jvm) -> Iterator[threading.Event]:
    """Kill the JVM after a timeout, as nothing else wakes a thread that waits for it; yield an event that tells so."""
    late = threading.Event()

    def end() -> None:
        late.set()
        jvm.process.kill()

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield late
    finally:
        timer.cancel()
