"""`python -m lab doctor`: what this machine has, and what to do about what is missing."""

import argparse
import shutil
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal

from lab.bucket.log_data import log_data
from lab.commands import installation
from lab.commands.finding import Finding, guarded, package
from lab.engine.class_data import class_data
from lab.engine.cluster import find_cluster, named_cluster
from lab.engine.confinement import find_confinement
from lab.engine.java import find_java
from lab.engine.run_folder import RunFolderParent, find_run_folder_parent
from lab.engine.settings import spark_settings
from lab.lesson.warm_up import lesson_engine
from lab.settings import CONFINE, RUN_FOLDER, read_settings, wrong_settings
from lab.store import Store
from lab.system import IS_WINDOWS, memory

GIGABYTE: Final = 1 << 30
MEGABYTE: Final = 1 << 20
DISK: Final = GIGABYTE
# Measured with one learner: about 700 MB for Java, 250 MB for Python.
MEMORY: Final = int(1.5 * GIGABYTE)
PORT: Final = 8501


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "doctor",
        help="say what this machine has, and what to do about what is missing",
        description="Looks at all that the lab needs. Exits with 0 if the lab can run, with 1 if something is missing.",
    )
    parser.add_argument("--no-start", action="store_true", help="do not start Spark to see whether it starts")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the findings; return 0 if nothing is missing, else 1."""
    missing = 0
    for finding in findings(start=not options.no_start):
        print(finding, flush=True)
        missing += finding.state == "missing"
    print("\nThe lab can run." if not missing else f"\n{missing} thing{'s' if missing > 1 else ''} missing: see above.")
    return 1 if missing else 0


def findings(*, start: bool) -> Iterator[Finding]:
    """Yield the findings one by one; with `start`, also start Spark."""
    yield installation.python()
    yield from installation.system()
    yield from (package(name) for name in ("streamlit", "pyspark", "pandas", "altair", "sqlglot", "sqlalchemy"))
    if wrong := [Finding("Settings", "missing", error.what, error.advice) for _, error in wrong_settings()]:
        # Stop: the next checks would run with other settings than the lab has.
        yield from wrong
        return
    java = guarded("Java", _java)
    yield java
    if java.state != "missing":
        yield guarded("Class data", _class_data)
        yield guarded("Confined", _confinement)
    yield _disk(find_run_folder_parent())
    yield _memory()
    yield _port()
    yield guarded("Store", _store)
    if read_settings().log_data:
        yield guarded("Log files", _log_files)
    yield guarded("Master", _master)
    if read_settings().bucket:
        # Only a bucket needs the packages for S3.
        from lab.commands import doctor_s3  # noqa: PLC0415

        yield from doctor_s3.findings(start=start)
    elif start:
        yield guarded("Spark", _spark)


def _log_files() -> Finding:
    given = log_data()
    return Finding("Log files", "ok", f"of the course, for everybody: {', '.join(given.files)}")


def _java() -> Finding:
    java = find_java()
    return Finding("Java", "note" if java.note else "ok", f"{java.version}, {java.executable}", java.note)


def _class_data() -> Finding:
    data = class_data(find_java())
    if data.failure:
        return Finding(
            "Class data",
            "note",
            f"{data.failure} The lab runs without it, and starts more slowly.",
            f"The lab tries again a day later, or when you delete {data.failure_file}",
        )
    if not data.made:
        return Finding(
            "Class data",
            "note",
            f"not there yet, or of another version; it will be {data.archive}",
            "The first Spark that runs for a minute makes it; then Spark starts in half the time.",
        )
    return Finding("Class data", "ok", f"{data.size / MEGABYTE:.0f} MB, with which Spark starts faster: {data.archive}")


def _confinement() -> Finding:
    confinement = find_confinement(find_java().executable)
    if not confinement.hindrance:
        return Finding("Confined", "ok", "Java sees only its own folders (Landlock)")
    state: Literal["note", "missing"] = "missing" if confinement.required else "note"
    advice = f"{CONFINE} is required: run the lab where Java can be confined, or unset {CONFINE}."
    alone = "That is well for who works alone. A class server should run on Linux 5.19 or newer."
    return Finding("Confined", state, f"{confinement.hindrance}.", advice if confinement.required else alone)


def _disk(parent: RunFolderParent) -> Finding:
    if not parent.folder.is_dir():
        return Finding("Disk", "missing", f"{parent.folder} is not there", f"Make it, or unset {RUN_FOLDER}.")
    free = shutil.disk_usage(parent.folder).free
    found = f"{free / GIGABYTE:.1f} GB free in {parent.folder}"
    if free >= DISK:
        return Finding("Disk", "ok", found + (f", for {parent.why}" if parent.why else ""))
    return Finding("Disk", "missing", found, f"Free 1 GB there, or set {RUN_FOLDER} to a folder on another disk.")


def _memory() -> Finding:
    free = memory().available
    found = f"{free / GIGABYTE:.1f} GB available"
    if free >= MEMORY:
        return Finding("Memory", "ok", found)
    return Finding("Memory", "missing", found, "The lab needs about 1.5 GB: close other programs.")


def _port() -> Finding:
    with socket.socket() as probe:
        # As the server does, so that a port in TIME_WAIT counts as free. On Windows, a port in use would count as free.
        if not IS_WINDOWS:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", PORT))
        except OSError:
            return Finding("Port", "note", f"{PORT} is in use", "The lab takes the next one, or that of --server.port.")
    return Finding("Port", "ok", f"{PORT} is free")


def _store() -> Finding:
    store = Store()
    store.load("doctor")
    store.close()
    return Finding("Store", "ok", store.shown)


def _master() -> Finding:
    """Return which master Spark will use; with a bucket in S3, only the start of Spark checks the shared bucket."""
    cluster = named_cluster() if read_settings().bucket else find_cluster(None)
    url = cluster.master.url
    found = f"{url}, which was reached" if cluster.address else url
    advice = " ".join(cluster.own.overruled(spark_settings(Path())))
    return Finding("Master", "note" if advice else "ok", found, advice)


def _spark() -> Finding:
    engine, begin = lesson_engine(), time.monotonic()
    try:
        spark = engine.wait().version
    finally:
        engine.stop()
    return Finding("Spark", "ok", f"{spark} started and ran a query in {time.monotonic() - begin:.0f} s")
