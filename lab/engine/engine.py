"""The one Spark of this process: started in the background, watched, brought back, and stopped without a trace."""

import atexit
import contextlib
import logging
import os
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lab.bucket.folder import explain_os_error
from lab.bucket.storage import S3Access
from lab.engine.changes import Changes
from lab.engine.failures import text_of
from lab.engine.java import TEMPORARY, Java, Jvm, Launch, find_java, start_jvm, trust_flags
from lab.engine.leftovers import tidy
from lab.engine.settings import Setting, spark_settings
from lab.errors import LabError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

RUN_FOLDER_PREFIX: Final = "spark-streaming-lab-"
WAIT_SECONDS: Final = 180
STOP_SECONDS: Final = 15

_log = logging.getLogger(__name__)


class Phase(Enum):
    """Where the engine is; the value is what a learner reads."""

    STOPPED = "Spark is not running"
    JARS = "Fetching Spark's S3 client, once for this machine"
    JAVA = "Starting Java"
    SPARK = "Starting Spark"
    WARM_UP = "Warming up the first query"
    READY = "Spark is ready"
    FAILED = "Spark could not start"
    DIED = "Spark has stopped unexpectedly"


STARTING: Final = (Phase.JAVA, Phase.SPARK, Phase.WARM_UP)


@dataclass(frozen=True)
class Readiness:
    """The engine's phase, since when (`time.monotonic`), the error of FAILED, and a note.

    The note is about the Java in use or, of JARS, how far that is; `part` says it as a part of the whole.
    """

    phase: Phase
    since: float
    error: LabError | None = None
    note: str = ""
    part: float = 0.0

    @property
    def starting(self) -> bool:
        """Whether Spark will be ready by itself."""
        return self.phase in {*STARTING, Phase.JARS}

    @property
    def down(self) -> bool:
        """Whether somebody must start it."""
        return self.phase in {Phase.STOPPED, Phase.FAILED, Phase.DIED}


class Engine:
    """Owns the JVM, the SparkContext and the run folder, in which everything that the lab writes on this machine lives.

    `find_access` says how Spark is to reach S3, if it is.
    """

    def __init__(self, find_access: Callable[[Path], S3Access | None] = lambda _: None) -> None:
        self.find_access = find_access
        # Called when the JVM ends by itself, from a thread of the engine's.
        self.on_death: Callable[[], None] = lambda: None
        # Told of every change of `readiness`.
        self.changes = Changes()
        self._changed = threading.Condition()
        self._readiness = Readiness(Phase.STOPPED, time.monotonic())
        self._jvm: Jvm | None = None
        self._starter: threading.Thread | None = None
        self._root: SparkSession | None = None
        self._run_folder: Path | None = None
        # Counts starts and stops: a thread that belongs to an earlier one gives up.
        self._generation = 0

    @property
    def readiness(self) -> Readiness:
        """A snapshot of where the engine is."""
        return self._readiness

    @property
    def root(self) -> "SparkSession":
        """The root session; raises LabError when Spark is not ready."""
        if self._root is None or self._readiness.phase is not Phase.READY:
            raise LabError(f"{self._readiness.phase.value}.", "Start it at the top of the page, then try again.")
        return self._root

    @property
    def run_folder(self) -> Path:
        """The folder of this process; made on first use. Raises LabError when it cannot be."""
        with self._changed:
            if self._run_folder is None:
                try:
                    _sweep()
                    self._run_folder = Path(tempfile.mkdtemp(prefix=f"{RUN_FOLDER_PREFIX}{os.getpid()}-"))
                except OSError as error:
                    raise explain_os_error(error, Path(tempfile.gettempdir())) from error
                atexit.register(self.stop)
            return self._run_folder

    def start(self) -> None:
        """Start Spark in the background unless it is running or starting already."""
        with self._changed:
            if not self._readiness.down:
                return
            self._generation += 1
            self._set(Phase.JAVA)
            self._starter = threading.Thread(
                target=self._start, args=(self._generation,), name="engine-start", daemon=True
            )
            self._starter.start()

    def wait(self, seconds: float = WAIT_SECONDS) -> "SparkSession":
        """Wait until Spark is ready; raises LabError when it is not ready in time or cannot start."""
        self.start()
        with self._changed:
            if not self._changed.wait_for(lambda: not self._readiness.starting, seconds):
                raise LabError(
                    f"Spark has not become ready in {seconds:.0f} seconds.",
                    "Wait on, or stop the lab with Ctrl+C and start it again.",
                )
            if self._readiness.error:
                raise self._readiness.error
            return self.root

    def tidy(self) -> None:
        """Take away what a Spark that is running leaves behind."""
        with self._changed:
            root, folder = self._root, self._run_folder
        if root and folder and self._readiness.phase is Phase.READY:
            with contextlib.suppress(Exception):  # the JVM may end meanwhile, and takes what it has left with it
                tidy(root, folder / TEMPORARY)

    def stop(self) -> None:
        """Stop Spark, also while it is starting, and delete the run folder."""
        with self._changed:
            self._generation += 1
            jvm, self._jvm = self._jvm, None
            folder, self._run_folder = self._run_folder, None
            starter, self._starter = self._starter, None
            self._set(Phase.STOPPED)
        if jvm:
            jvm.stop()
        if starter:
            # Without its JVM it ends at once; and it must not write into the folder any more.
            starter.join(STOP_SECONDS)
            _disconnect()
        self._root = None
        if folder:
            shutil.rmtree(folder, ignore_errors=True)
            atexit.unregister(self.stop)

    def _start(self, generation: int) -> None:
        """Runs in a thread of its own; gives up silently when the engine was stopped in the meantime."""

        def given_up() -> bool:
            return self._generation != generation

        jvm = None
        try:
            _disconnect()
            java = find_java()
            with self._changed:
                if given_up():
                    return
                folder = self.run_folder
            access = self.find_access(folder)
            settings, launch = self._settings(java, folder, access, generation)
            jvm = start_jvm(java, folder, settings, launch, given_up, meanwhile=_import_pyspark)
            with self._changed:
                if given_up():
                    raise _GivenUpError
                self._jvm = jvm
                self._set(Phase.SPARK, note=java.note)
            from lab.engine.spark import connect  # noqa: PLC0415 - importing PySpark takes a second
            from lab.engine.warmup import warm_up, warm_up_s3  # noqa: PLC0415

            root = connect(jvm)
            self._advance(generation, Phase.WARM_UP, java.note)
            warm_up(root, folder / "warm-up")
            if access:
                warm_up_s3(root, access)
            self._root = root
            self._advance(generation, Phase.READY, java.note)
            threading.Thread(target=self._watch, args=(generation, jvm), name="engine-watch", daemon=True).start()
        except Exception as error:
            # Before the JVM ends, which is asked for the text of its errors.
            explained = None if given_up() else _explained(error)
            if jvm:
                jvm.stop()
            with self._changed:
                if not given_up():
                    self._jvm = self._root = None
                    self._set(Phase.FAILED, explained)

    def _settings(
        self, java: Java, folder: Path, access: S3Access | None, generation: int
    ) -> tuple[tuple[Setting, ...], Launch]:
        """What the JVM is started with; for S3, its client is fetched before, should it not be there yet."""
        settings = spark_settings(folder)
        if access is None:
            return settings, Launch()
        from lab.engine.jars import fetch_jars, kept_jars  # noqa: PLC0415 - only S3 needs them
        from lab.engine.s3 import s3_settings  # noqa: PLC0415

        if not kept_jars():
            self._advance(generation, Phase.JARS)
        jars = fetch_jars(java, folder, lambda: self._generation != generation, self._note)
        self._advance(generation, Phase.JAVA)
        return settings + s3_settings(access), Launch(jars, trust_flags(), access.environment)

    def _note(self, note: str, part: float) -> None:
        """How far JARS is."""
        with self._changed:
            if self._readiness.phase is Phase.JARS:
                self._readiness = replace(self._readiness, note=note, part=part)
                self.changes.tell()

    def _watch(self, generation: int, jvm: Jvm) -> None:
        """Notice when the JVM ends."""
        jvm.process.wait()
        with self._changed:
            if self._generation != generation:
                return
            self._root = self._jvm = None
            self._set(Phase.DIED)
        self.on_death()

    def _advance(self, generation: int, phase: Phase, note: str = "") -> None:
        with self._changed:
            if self._generation != generation:
                raise _GivenUpError
            self._set(phase, note=note)

    def _set(self, phase: Phase, error: LabError | None = None, note: str = "") -> None:
        with self._changed:
            self._readiness = Readiness(phase, time.monotonic(), error, note)
            self._changed.notify_all()
            self.changes.tell()


class _GivenUpError(Exception):
    """The engine was stopped while it was starting."""


def _disconnect() -> None:
    """Drop what PySpark keeps of an earlier JVM, if there was one."""
    if "pyspark" in sys.modules:
        from lab.engine.spark import disconnect  # noqa: PLC0415

        disconnect()


def _import_pyspark() -> None:
    import lab.engine.spark  # noqa: PLC0415
    import lab.engine.warmup  # noqa: F401, PLC0415


def _explained(error: Exception) -> LabError:
    if isinstance(error, LabError):
        return error
    _log.error("Spark could not start", exc_info=error)
    if isinstance(error, OSError):
        return explain_os_error(error, Path(tempfile.gettempdir()))
    first = next(iter(text_of(error).splitlines()), type(error).__name__)
    return LabError(f"Spark could not start: {first[:200]}.", "Start it again; if it stays, see the server's console.")


def _sweep(alive: Callable[[int], bool] | None = None) -> None:
    """Delete the run folders of processes that were killed before they could do it themselves."""
    for folder in Path(tempfile.gettempdir()).glob(f"{RUN_FOLDER_PREFIX}*-*"):
        owner = folder.name.removeprefix(RUN_FOLDER_PREFIX).partition("-")[0]
        if owner.isdigit() and not (alive or _is_alive)(int(owner)):
            shutil.rmtree(folder, ignore_errors=True)


def _is_alive(process: int) -> bool:
    if os.name == "nt":
        return True  # there, os.kill would end it instead of asking
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
