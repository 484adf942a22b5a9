"""An archive of the classes that Spark's JVM loads, kept in the user's cache: the next start maps it into memory.

Loading classes takes half of the time of a Spark start. Java calls the solution class-data sharing (CDS). A first JVM
lists the classes that it loads; once Spark is ready, a background process makes the archive from that list.

Java would still make the classes of Scala's closures in each start, and there are 4,500. So another background process
first writes them into a jar (`Closures.java`), which comes before Spark's own jars wherever the archive is used.
"""

import contextlib
import hashlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from lab.engine.cache import user_cache
from lab.engine.java import Java, class_path, jars_of, java_command
from lab.engine.settings import JVM_FLAGS
from lab.system import delete_folder, detached_process_args, retry_while_in_use

# An archive that was not used for so long belongs to a Java or a Spark that is no longer installed.
UNUSED_SECONDS: Final = 30 * 24 * 60 * 60
# How long to wait before a retry after Java has failed to make an archive: the machine may only have been too busy.
FAILED_SECONDS: Final = 24 * 60 * 60
# Making an archive takes half a minute, or ten minutes on a very busy machine. After this time, its process was killed.
MAKING_SECONDS: Final = 20 * 60
# A low priority, but one that still finishes on a machine that is always busy, such as one that runs the tests.
NICENESS: Final = 5

# The place of an archive for all users of this Python, for example in a container; an installer may put one there.
INSTALLED: Final = Path(sys.prefix) / "share" / "spark-streaming-lab"

_PREFIX: Final = "class-data-"
# Only with this collector does Java 21 put its initial heap objects into the archive. The lab's JVMs, which use another
# collector, can read them.
_COLLECTOR: Final = "-XX:+UseG1GC"
# A warning that the archive cannot be used must not be in Spark's log, where it would be taken for the reason of a
# failure.
_SILENT: Final = "-Xlog:cds=off,cds+dynamic=off,class+path=off"
# The main class of Closures.java.
_CLOSURES: Final = "lab.engine.Closures"


@dataclass(frozen=True)
class ClassData:
    """The archive for all JVMs of one Java with one class path; it may not have been made yet.

    `closures` is the jar with the closures of Spark, or None if they are not written as classes.
    """

    java: Java
    jars: tuple[Path, ...]
    archive: Path
    closures: Path | None

    @property
    def files(self) -> tuple[Path, ...]:
        """All that is made."""
        return (self.archive, self.closures) if self.closures else (self.archive,)

    @property
    def made(self) -> bool:
        """Whether a JVM that starts now would use it."""
        return all(file.exists() for file in self.files)

    @property
    def first(self) -> tuple[Path, ...]:
        """The jars that come before Spark's own on the class path of a JVM that starts now."""
        return (self.closures,) if self.closures and self.made else ()

    @property
    def size(self) -> int:
        """The size of all files, in bytes. Raises OSError when one is missing."""
        return sum(file.stat().st_size for file in self.files)

    @property
    def failure(self) -> str:
        """A sentence that says why Java has failed to make it lately; empty if it has not failed or not tried."""
        try:
            lately = time.time() - self.failure_file.stat().st_mtime < FAILED_SECONDS
            return self.failure_file.read_text(encoding="utf-8") if lately else ""
        except OSError:
            return ""

    @property
    def failure_file(self) -> Path:
        """The file with that sentence. Deleting it makes the lab try again."""
        return self.archive.with_suffix(".failed")

    @property
    def wanted(self) -> bool:
        """Whether the archive should be made: it does not exist, and Java has not failed to make it lately."""
        return not self.made and not self.failure

    def flags(self) -> tuple[str, ...]:
        """Return the flags to use the archive; empty if there is none. Java ignores an archive that it cannot use."""
        if not self.made:
            return ()
        # The jar keeps its date: Java refuses the archive when that has changed.
        with contextlib.suppress(OSError):
            os.utime(self.archive)
        return ("-Xshare:auto", f"-XX:SharedArchiveFile={self.archive}", "-XX:+VerifySharedSpaces", _SILENT)

    def discard(self) -> None:
        """Delete all files, so that others will be made."""
        for file in self.files:
            with contextlib.suppress(OSError):
                file.unlink(missing_ok=True)


def class_data(java: Java, jars: tuple[Path, ...] = (), *, closures: bool = True) -> ClassData:
    """Return the archive for the JVMs of a Java that have `jars` besides Spark's own, with or without its closures.

    A different Java, Spark or flag leads to a different archive. It is in the folder for all users if that can be written,
    or has it already. Raise LabError when PySpark is missing.
    """
    parts = [str(java.executable), str(closures), *(flag.name for flag in JVM_FLAGS)]
    # Java refuses an archive when one of these files has changed, even if only in its date.
    for file in (java.executable.parent.parent / "lib" / "modules", *jars_of(jars)):
        with contextlib.suppress(OSError):
            status = file.stat()
            parts.append(f"{file} {status.st_size} {status.st_mtime_ns}")
    key = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]
    name = f"{_PREFIX}{key}.jsa"
    for_all = (INSTALLED / name).exists() or os.access(INSTALLED, os.W_OK)
    archive = (INSTALLED if for_all else user_cache()) / name
    return ClassData(java, jars, archive, archive.with_suffix(".jar") if closures else None)


def prepare_for_all() -> None:
    """Make the folder for all users of this Python: archives are made there from now on. Raise OSError if that fails."""
    INSTALLED.mkdir(parents=True, exist_ok=True)


def recording_flags(into: Path) -> tuple[str, ...]:
    """Return the flags with which a JVM lists the classes that it loads in the file `into`."""
    return (f"-XX:DumpLoadedClassList={into}", _SILENT)


class Making:
    """A thread that makes an archive in the background. The caller needs to call only `stop`; nothing is raised.

    If the disk has no room for the archive, the next start is as slow as this one. If Java fails, or takes longer than
    MAKING_SECONDS / 2, the failure is kept in a file, so that not every start tries in vain.
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
        """Stop the making, and wait until the half-made files are deleted."""
        with self._lock:
            self._stopped = True
            if self._process:
                self._process.kill()
        self._thread.join()

    def wait(self) -> None:
        """Wait until the archive is made, or the making has failed."""
        self._thread.join()

    def _run(self) -> None:
        # Creating this folder is the lock: only one process makes the archive.
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
        """Put the archive where JVMs look for it or, if there was a failure, write the failure file."""
        if not failure:
            retry_while_in_use(partial((folder / self._data.archive.name).replace, self._data.archive))
        elif not self._stopped:
            self._data.failure_file.write_text(failure, encoding="utf-8")

    def _make(self, folder: Path) -> str:
        """Let Java make all files in a folder; return a sentence with the reason of a failure, empty on success."""
        data = self._data
        classes = folder / "classes"
        # The JVM is still writing the list, so its last line may be incomplete.
        classes.write_bytes(self._recorded.read_bytes().rpartition(b"\n")[0] + b"\n")
        if data.closures:
            jar, listed = folder / data.closures.name, folder / "with-closures"
            files = map(str, (classes, jar, listed))
            if failure := self._run_java(folder, ["-cp", class_path(data.jars), _CLOSURES, *files]):
                return failure
            # Java notes its path and date in the archive. So it must be where JVMs look for it, and have a date that layers
            # of an image keep, which is one of whole seconds.
            now = int(time.time())
            os.utime(jar, (now, now))
            retry_while_in_use(partial(jar.replace, data.closures))
            classes = listed
        flags = (flag.name for flag in JVM_FLAGS if not flag.name.endswith("GC"))
        used = [f"-XX:SharedClassListFile={classes}", f"-XX:SharedArchiveFile={folder / data.archive.name}"]
        first = (data.closures,) if data.closures else ()
        return self._run_java(folder, ["-Xshare:dump", *flags, _COLLECTOR, *used, "-cp", class_path(data.jars, first)])

    def _run_java(self, folder: Path, arguments: Sequence[str]) -> str:
        """Run Java to its end; return a sentence with the reason of a failure, empty on success."""
        with self._lock:
            if self._stopped:
                return "The lab was stopped."
            command = java_command(self._data.java, arguments, folder / "arguments")
            self._process = _start_in_background(command, folder)
        try:
            code = self._process.wait(MAKING_SECONDS / 2)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            return f"Java was not done after {MAKING_SECONDS / 2:g} seconds."
        return "" if code == 0 else f"Java ended with exit code {code}."


def _start_in_background(command: list[str], folder: Path) -> "subprocess.Popen[bytes]":
    """Start a process with a low priority."""
    process = subprocess.Popen(  # noqa: S603 - the command is built from our own parts
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        **detached_process_args(background=True),
    )
    if sys.platform != "win32":
        # The threads inherit the priority of the first one, which has not started any others yet.
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, process.pid, NICENESS)
    return process


def _sweep(folder: Path) -> None:
    """Delete the archives that nobody uses any more, and half-made ones of processes that were killed."""
    now = time.time()
    for path in folder.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            # A jar keeps its date, and is used as long as its archive.
            dated = (file for file in (path, path.with_suffix(".jsa")) if file.exists())
            unused = now - max(file.stat().st_mtime for file in dated)
            if path.suffix == ".making" and unused > MAKING_SECONDS:
                delete_folder(path, 0)
            # In the folder for all, users who may not write there leave no date.
            elif folder != INSTALLED and path.suffix in {".jsa", ".jar", ".failed"} and unused > UNUSED_SECONDS:
                path.unlink()
