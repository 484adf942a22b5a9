"""How a JVM is to be started: Spark's properties, the options of Java, the archive of classes, and the confinement."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from lab.bucket.storage import S3Access
from lab.engine.class_data import ClassData, class_data, recording_flags
from lab.engine.cluster import Cluster, find_cluster
from lab.engine.confinement import Confinement, find_confinement
from lab.engine.java import Java, Launch, trust_flags
from lab.engine.settings import Setting, spark_settings
from lab.settings import Settings


@dataclass(frozen=True)
class LaunchPlan:
    """The input of a start. `note` is a sentence about it for the user, or empty.

    `data` is the archive of classes; `uses_data` says whether it is there already, and `recorded` is the file in which
    the JVM lists its classes for it, or None.
    """

    cluster: Cluster
    settings: tuple[Setting, ...]
    launch: Launch
    note: str
    data: ClassData
    uses_data: bool
    recorded: Path | None


def plan_launch(
    here: Settings,
    java: Java,
    folder: Path,
    folders: tuple[Path, ...],
    access: S3Access | None,
    fetch_jars: Callable[[], tuple[Path, ...]],
) -> LaunchPlan:
    """Plan the start of a JVM with this run folder, and further folders that Spark may use.

    With `access`, Spark reaches S3 by a client that `fetch_jars` returns. Raises LabError when the settings name a
    cluster that cannot be used.
    """
    cluster = find_cluster(access, here)
    jars = fetch_jars() if access else ()
    settings = _settings(folder, access, cluster, jars)
    launch = _launch(here, access, cluster, jars)
    # Executors on other machines would not find the closures' classes.
    data = class_data(java, launch.classpath, closures=not cluster.master.is_cluster)
    uses_data, recorded = data.made, folder / "classes" if data.wanted else None
    return LaunchPlan(
        cluster,
        settings,
        replace(
            launch,
            first=data.first,
            flags=(*launch.flags, *data.flags(), *(recording_flags(recorded) if recorded else ())),
            confinement=_confinement(find_confinement(java.executable, here), cluster, access),
            reading=(data.archive,),
            writing=folders,
        ),
        " ".join(filter(None, [java.note, cluster.note(settings)])),
        data,
        uses_data,
        recorded,
    )


def _settings(folder: Path, access: S3Access | None, cluster: Cluster, jars: tuple[Path, ...]) -> tuple[Setting, ...]:
    settings = spark_settings(folder)
    if access is None:
        return cluster.settings(settings)
    from lab.engine.s3 import s3_settings  # noqa: PLC0415 - only S3 needs it

    return cluster.settings(settings + s3_settings(access, cluster=cluster.master.is_cluster), jars)


def _launch(here: Settings, access: S3Access | None, cluster: Cluster, jars: tuple[Path, ...]) -> Launch:
    classpath, environment = (*jars, *cluster.classpath(here)), cluster.environment(here)
    if access is None:
        return Launch(classpath, environment=environment, outside=cluster.master.is_cluster)
    return Launch(classpath, trust_flags(), {**access.environment, **environment}, outside=True)


def _confinement(found: Confinement, cluster: Cluster, access: S3Access | None) -> Confinement:
    """Return how to confine this Spark; do not confine it if it needs files or programs that the lab does not know."""
    if cluster.master.is_cluster:
        return replace(found, hindrance="A cluster needs files of its own, and its executors are not confined")
    if access and access.profile:
        return replace(found, hindrance="Spark asks a program of this user for the credentials of S3")
    return found
