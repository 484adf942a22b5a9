"""An archive of the classes that Spark's JVM loads, in the user's cache: the next start maps it, and loads none anew.

Loading classes is half of what a start of Spark takes. Java calls this class-data sharing. The first JVM of its kind lists
what it loads; once Spark is ready, a process in the background makes the archive from that list.
"""

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

from lab.engine.cache import user_cache
from lab.engine.java import Java, class_path, jars_of, java_command
from lab.engine.settings import JVM_FLAGS
from lab.system import apart, delete_folder, patiently

# An archive that was not used for so long is of a Java or a Spark that is no longer there.
UNUSED_SECONDS: Final = 30 * 24 * 60 * 60
# When Java has failed to make one, how long it is not asked again: the machine may only have been too busy.
FAILED_SECONDS: Final = 24 * 60 * 60
# Making one takes half a minute, and ten on a machine that is very busy; whoever has not finished by then was killed.
MAKING_SECONDS: Final = 20 * 60
# It gives way, but is done also on a machine that is always busy, such as one that runs the tests.
NICENESS: Final = 5

# Where an archive is for all users of this Python, such as that of a container; whoever installs may put one there.
INSTALLED: Final = Path(sys.prefix) / "share" / "spark-streaming-lab"

_PREFIX: Final = "class-data-"
# With any other collector, Java 21 leaves its own first objects out of the archive; those of the lab can read them.
_COLLECTOR: Final = "-XX:+UseG1GC"
# An archive that cannot be used is no event of Spark's log, and must not be taken for the reason why it ended.
_SILENT: Final = "-Xlog:cds=off,cds+dynamic=off,class+path=off"


@dataclass(frozen=True)
class ClassData:
    """The archive for all JVMs of one Java with one class path, whether it has been made or not."""

    java: Java
    jars: tuple[Path, ...]
    archive: Path

    @property
    def made(self) -> bool:
        """Whether a JVM that starts now would use it."""
        return self.archive.exists()

    @property
    def failure(self) -> str:
        """Why Java could not make it here lately, as a sentence; empty if it could, or has not tried."""
        try:
            lately = time.time() - self.failure_file.stat().st_mtime < FAILED_SECONDS
            return self.failure_file.read_text(encoding="utf-8") if lately else ""
        except OSError:
            return ""

    @property
    def failure_file(self) -> Path:
        """Where that sentence is kept. Whoever deletes it makes the lab try again."""
        return self.archive.with_suffix(".failed")

    @property
    def wanted(self) -> bool:
        """Whether it is to be made: it is not there, and Java has not failed to make it lately."""
        return not self.made and not self.failure

    def flags(self) -> tuple[str, ...]:
        """Have a JVM use the archive; empty if there is none. One that Java cannot use, it ignores."""
        if not self.made:
            return ()
        with contextlib.suppress(OSError):
            os.utime(self.archive)
        return ("-Xshare:auto", f"-XX:SharedArchiveFile={self.archive}", "-XX:+VerifySharedSpaces", _SILENT)

    def discard(self) -> None:
        """Delete the archive, so that another one will be made."""
        with contextlib.suppress(OSError):
            self.archive.unlink(missing_ok=True)


def class_data(java: Java, jars: tuple[Path, ...] = ()) -> ClassData:
    """Return the archive for the JVMs of a Java that have `jars` besides Spark's own.

    Another Java, Spark or flag has another one.

    Raises LabError when PySpark is missing.
    """
    parts = [str(java.executable), *(flag.name for flag in JVM_FLAGS)]
    # Java refuses an archive when one of these has changed, be it only its date.
    for file in (java.executable.parent.parent / "lib" / "modules", *jars_of(jars)):
        with contextlib.suppress(OSError):
            status = file.stat()
            parts.append(f"{file} {status.st_size} {status.st_mtime_ns}")
    key = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]
    name = f"{_PREFIX}{key}.jsa"
    installed = INSTALLED / name
    return ClassData(java, jars, installed if installed.exists() else user_cache() / name)


def install(data: ClassData) -> ClassData:
    """Put an archive that has been made where all users of this Python find it. Raises OSError when that cannot be done."""
    target = INSTALLED / data.archive.name
    if data.archive != target:
        target.parent.mkdir(parents=True, exist_ok=True)
        # Renamed when it is whole: a JVM may start meanwhile.
        half = target.with_suffix(".half")
        shutil.copyfile(data.archive, half)
        half.replace(target)
        data.discard()
    return replace(data, archive=target)


def recording_flags(into: Path) -> tuple[str, ...]:
    """Have a JVM list the classes that it loads."""
    return (f"-XX:DumpLoadedClassList={into}", _SILENT)


class Making:
    """The making of an archive, in the background; nothing but `stop` need be called, and nothing is raised.

    Without room for it there is no archive, and the next start is as slow as this one. When Java cannot make it, or not
    within MAKING_SECONDS / 2, that is remembered, so that not every start tries in vain.
    """

    def __init__(self, data: ClassData, recorded: Path) -> None:
        self._data = data
        self._recorded = recorded
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="class-data", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End it, and wait until what is half made is deleted."""
        with self._lock:
            self._stopped = True
            if self._process:
                self._process.kill()
        self._thread.join()

    def wait(self) -> None:
        """Wait until it is done, or was given up."""
        self._thread.join()

    def _run(self) -> None:
        # Whoever makes this folder makes the archive.
        folder = self._data.archive.with_suffix(".making")
        with contextlib.suppress(OSError):
            folder.parent.mkdir(parents=True, exist_ok=True)
            _sweep(folder.parent)
            folder.mkdir()
            try:
                if self._data.wanted:
                    self._keep(folder, self._make(folder))
            finally:
                delete_folder(folder)

    def _keep(self, folder: Path, failure: str) -> None:
        """Put the archive where JVMs look for it or, if there was a failure, the sentence that says so."""
        if not failure:
            patiently(partial((folder / self._data.archive.name).replace, self._data.archive))
        elif not self._stopped:
            self._data.failure_file.write_text(failure, encoding="utf-8")

    def _make(self, folder: Path) -> str:
        """Have Java make the archive in a folder, and return why it has not; empty if it has."""
        classes = folder / "classes"
        # The JVM goes on listing: its last line may be half a one.
        classes.write_bytes(self._recorded.read_bytes().rpartition(b"\n")[0] + b"\n")
        archive = folder / self._data.archive.name
        with self._lock:
            if self._stopped:
                return "The lab was stopped."
            self._process = _start_in_background(
                java_command(
                    self._data.java,
                    [
                        "-Xshare:dump",
                        *(flag.name for flag in JVM_FLAGS if not flag.name.endswith("GC")),
                        _COLLECTOR,
                        f"-XX:SharedClassListFile={classes}",
                        f"-XX:SharedArchiveFile={archive}",
                        "-cp",
                        class_path(self._data.jars),
                    ],
                    folder / "arguments",
                ),
                folder,
            )
        try:
            code = self._process.wait(MAKING_SECONDS / 2)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            return f"Java was not done after {MAKING_SECONDS / 2:g} seconds."
        return "" if code == 0 else f"Java ended with exit code {code}."


def _start_in_background(command: list[str], folder: Path) -> "subprocess.Popen[bytes]":
    """Start a process that gives way to others."""
    process = subprocess.Popen(  # noqa: S603 - the command is built from our own parts
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        **apart(background=True),
    )
    if sys.platform != "win32":
        # Its threads take it on from its first one, which has not started any yet.
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, process.pid, NICENESS)
    return process


def _sweep(folder: Path) -> None:
    """Delete the archives that nobody uses any more, and what somebody who was killed has half made."""
    now = time.time()
    for path in folder.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            unused = now - path.stat().st_mtime
            if path.suffix == ".making" and unused > MAKING_SECONDS:
                delete_folder(path, 0)
            elif path.suffix in {".jsa", ".failed"} and unused > UNUSED_SECONDS:
                path.unlink()
