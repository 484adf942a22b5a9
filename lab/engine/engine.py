"""The one Spark of this process: started in the background, watched, restarted, and stopped without leftovers."""

import atexit
import contextlib
import logging
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from lab.bucket import Bucket
from lab.bucket.folder import explain_os_error
from lab.bucket.storage import S3Access
from lab.bucket.temporary import TEMPORARY_BUCKETS
from lab.engine.changes import Changes
from lab.engine.class_data import Making
from lab.engine.cluster import has_stopped, join, reaching
from lab.engine.collector import spare_what_stays
from lab.engine.failures import text_of
from lab.engine.java import TEMPORARY, Java, Jvm, find_java, start_jvm
from lab.engine.launch_plan import plan_launch
from lab.engine.leftovers import tidy
from lab.engine.readiness import Phase, Readiness
from lab.engine.run_folder import delete_run_folder, find_run_folder_parent, make_run_folder
from lab.engine.settings import LOCAL
from lab.errors import LabError
from lab.settings import Settings, read_settings

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

WAIT_SECONDS: Final = 180
STOP_SECONDS: Final = 15
LOOK_SECONDS: Final = 1.0
NOTICE_SECONDS: Final = 5.0
# Spark starts while the first page is drawn. If two threads import modules and wait for each other, Python lets them go
# on with half-imported modules (importlib's `_ModuleLock`). So only one of them at a time imports what both need.
IMPORTS: Final = threading.RLock()

WarmUp: TypeAlias = Callable[["SparkSession", Bucket, Callable[[], None]], object]

_log = logging.getLogger(__name__)


class Engine:
    """The owner of the JVM, the SparkContext and the run folder, which holds all that the lab writes on this machine.

    `find_access` returns how Spark reaches S3, or None. `folders` are further folders that Spark may use. `settings` is
    called at each start. `warm_up` runs, before Spark is ready for others, what must be quick later. It gets a bucket
    that it may fill, and may call its third argument when others need not wait for the rest. `imports` imports what
    `warm_up` needs, while Java starts.
    """

    def __init__(
        self,
        find_access: Callable[[Path], S3Access | None] = lambda _: None,
        folders: tuple[Path, ...] = (),
        settings: Callable[[], Settings] = read_settings,
        warm_up: WarmUp = lambda _root, _bucket, _ready: None,
        imports: Callable[[], object] = lambda: None,
    ) -> None:
        self.find_access = find_access
        self.folders = folders
        self._asked = settings
        self._warm_up = warm_up
        self._imports = imports
        # Called in a thread of the engine when the JVM has ended without `stop`.
        self.on_death: Callable[[], None] = lambda: None
        # Notifies of every change of `readiness`.
        self.changes = Changes()
        self._changed = threading.Condition()
        self._readiness = Readiness(Phase.STOPPED, time.monotonic())
        self._jvm: Jvm | None = None
        self._starter: threading.Thread | None = None
        self._making: Making | None = None
        self._root: SparkSession | None = None
        self._run_folder: Path | None = None
        # Why the lab itself has ended the previous Spark.
        self._before = ""
        # Counts starts and stops, so that a thread of an earlier start can see that it must give up.
        self._generation = 0

    @property
    def readiness(self) -> Readiness:
        """A snapshot of the engine's state."""
        return self._readiness

    @property
    def root(self) -> "SparkSession":
        """The root session; raises LabError when Spark is not ready."""
        with self._changed:
            if self._root is None or self._readiness.phase is not Phase.READY:
                raise LabError(f"{self._readiness.phase.value}.", "Start it, then try again.")
            return self._root

    @property
    def run_folder(self) -> Path:
        """The folder of this process; made on first use. Raises LabError when it cannot be made."""
        with self._changed:
            if self._run_folder is None:
                self._run_folder = make_run_folder(self._asked())
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
        """Wait until Spark is ready; raise LabError when it is not ready in time or cannot start."""
        self.start()
        with self._changed:
            if not self._changed.wait_for(lambda: not self._readiness.starting, seconds):
                raise LabError(
                    f"Spark has not become ready in {seconds:.0f} seconds.",
                    "Wait on, or stop the lab with Ctrl+C and start it again.",
                )
            if error := self._readiness.error:
                # A new error for each waiting thread: threads that raise the same one would all add to its traceback.
                raise LabError(error.what, error.advice) from error
            return self.root

    def has_died(self) -> bool:
        """Return whether Spark has ended. Wait a little: the engine's thread notices it later than a caller."""
        with self._changed:
            return self._changed.wait_for(lambda: self._readiness.phase is not Phase.READY, NOTICE_SECONDS)

    def wait_until_warm(self) -> None:
        """Wait until a start has also finished what it does after Spark is ready."""
        with self._changed:
            starter = self._starter
        if starter:
            starter.join()

    def wait_for_class_data(self) -> None:
        """Wait until the class archive that a start has begun to make is finished, or has failed."""
        self.wait_until_warm()
        with self._changed:
            making = self._making
        if making:
            making.wait()

    def tidy(self) -> None:
        """Delete what a running Spark leaves behind."""
        with self._changed:
            root, folder = self._root, self._run_folder
        if root and folder and self._readiness.phase is Phase.READY:
            with contextlib.suppress(Exception):  # if the JVM ends meanwhile, its leftovers go with it
                tidy(root, folder / TEMPORARY)

    def stop(self) -> None:
        """Stop Spark, even while it is starting, and delete the run folder."""
        with self._changed:
            self._generation += 1
            jvm, self._jvm = self._jvm, None
            folder, self._run_folder = self._run_folder, None
            starter, self._starter = self._starter, None
            making, self._making = self._making, None
            self._before = ""
            self._set(Phase.STOPPED)
        if making:
            making.stop()
        if jvm:
            jvm.stop()
        if starter:
            # Without its JVM, the starter ends at once; afterwards it cannot write into the folder any more.
            starter.join(STOP_SECONDS)
            _disconnect()
        self._root = None
        if folder:
            delete_run_folder(folder)
            atexit.unregister(self.stop)

    def _start(self, generation: int) -> None:
        """Start Spark, in a thread of its own; give up silently when the engine is stopped in the meantime."""

        def given_up() -> bool:
            return self._generation != generation

        jvm = None
        in_use = threading.Event()
        try:
            _disconnect()
            here = self._asked()
            java = find_java(here)
            with self._changed:
                if given_up():
                    return
                folder = self.run_folder
            access = self.find_access(folder)
            fetch = partial(self._fetch_jars, generation, java, folder)
            plan = plan_launch(here, java, folder, self.folders, access, fetch)
            cluster = plan.cluster
            TEMPORARY_BUCKETS.elsewhere = access.temporary_bucket if access and cluster.master.elsewhere else None
            jvm = start_jvm(java, folder, plan.settings, plan.launch, given_up, meanwhile=self._import)
            with self._changed:
                if given_up():
                    raise _GivenUpError
                self._jvm = jvm
                self._set(Phase.SPARK, note=plan.note)
            from lab.engine.spark import connect, is_shared  # noqa: PLC0415 - importing PySpark takes a second
            from lab.engine.warm_s3 import warm_up_s3  # noqa: PLC0415

            root = join(cluster, jvm, partial(connect, jvm, cluster.executor_environment(access)))
            self._advance(generation, Phase.WARM_UP, plan.note)
            if access:
                warm_up_s3(root, access)
            with reaching(cluster, access):
                self._make_ready(
                    root, folder, in_use, partial(self._give, generation, jvm, root, folder / LOCAL, in_use)
                )
            with self._changed:
                if plan.recorded and not given_up():
                    # A making that began before an earlier JVM died goes on.
                    self._making = self._making or Making(plan.data, plan.recorded)
                elif plan.uses_data and not is_shared(root):
                    plan.data.discard()
        except Exception as error:
            if in_use.is_set():
                # Spark is already in use, so its users see what is wrong; if it has ended, `_watch` notices.
                _log.info("The warm-up did not come to its end", exc_info=error)
                return
            # Before the JVM is stopped, because the text of its errors comes from the JVM.
            explained = None if given_up() else _explained(error)
            if jvm:
                jvm.stop()
            with self._changed:
                if not given_up():
                    self._jvm = self._root = None
                    self._set(Phase.FAILED, explained)
        finally:
            if not given_up():
                spare_what_stays()

    def _import(self) -> None:
        with IMPORTS:
            # PySpark would import it with the first session, while Java waits.
            import pandas  # noqa: F401, ICN001, PLC0415

            import lab.engine.spark  # noqa: PLC0415
            import lab.engine.workspace  # noqa: F401, PLC0415

            self._imports()

    def _make_ready(
        self, root: "SparkSession", folder: Path, in_use: threading.Event, give: Callable[[], None]
    ) -> None:
        self._warm_up(root, TEMPORARY_BUCKETS.make(folder), give)
        if not in_use.is_set():
            give()

    def _give(self, generation: int, jvm: Jvm, root: "SparkSession", local: Path, in_use: threading.Event) -> None:
        """Let others use a Spark that is ready, and watch it."""
        with self._changed:
            self._advance(generation, Phase.READY, self._readiness.note)
            self._root = root
        in_use.set()
        watch = (generation, jvm, root, local)
        threading.Thread(target=self._watch, args=watch, name="engine-watch", daemon=True).start()

    def _fetch_jars(self, generation: int, java: Java, folder: Path) -> tuple[Path, ...]:
        """Return Spark's S3 client; fetch it first if it is missing."""
        from lab.engine.jars import fetch_jars, kept_jars  # noqa: PLC0415 - only S3 needs them

        if not kept_jars():
            self._advance(generation, Phase.JARS)
        jars = fetch_jars(java, folder, lambda: self._generation != generation, self._note)
        self._advance(generation, Phase.JAVA)
        return jars

    def _note(self, note: str, part: float) -> None:
        """Note the progress of the phase JARS."""
        with self._changed:
            if self._readiness.phase is Phase.JARS:
                self._readiness = replace(self._readiness, note=note, part=part)
                self.changes.notify()

    def _watch(self, generation: int, jvm: Jvm, root: "SparkSession", local: Path) -> None:
        """Wait until the JVM ends, and kill it when the watchdog says so; in this case, start it again."""
        from lab.engine.watchdog import Watchdog  # noqa: PLC0415 - importing PySpark takes a second

        watchdog = Watchdog(root.sparkContext, local, partial(has_stopped, root))
        while not jvm.has_ended(LOOK_SECONDS):
            if watchdog.is_over():
                jvm.kill()
        watchdog.end(jvm.exit_code)
        with self._changed:
            if self._generation != generation:
                return
            self._root = self._jvm = None
            self._before = watchdog.verdict
            self._set(Phase.DIED)
        self.on_death()
        with self._changed:
            # The engine may have been stopped meanwhile.
            if watchdog.verdict and self._generation == generation:
                self.start()

    def _advance(self, generation: int, phase: Phase, note: str = "") -> None:
        with self._changed:
            if self._generation != generation:
                raise _GivenUpError
            self._set(phase, note=note)

    def _set(self, phase: Phase, error: LabError | None = None, note: str = "") -> None:
        with self._changed:
            self._readiness = Readiness(phase, time.monotonic(), error, note, before=self._before)
            self._changed.notify_all()
            self.changes.notify()


class _GivenUpError(Exception):
    """The engine was stopped while it was starting."""


def _disconnect() -> None:
    """Drop PySpark's references to an earlier JVM, if there was one."""
    if "pyspark" in sys.modules:
        with IMPORTS:
            from lab.engine.spark import disconnect  # noqa: PLC0415

        disconnect()


def _explained(error: Exception) -> LabError:
    if isinstance(error, LabError):
        return error
    _log.error("Spark could not start", exc_info=error)
    if isinstance(error, OSError):
        return explain_os_error(error, find_run_folder_parent().folder)
    first = next(iter(text_of(error).splitlines()), type(error).__name__)
    return LabError(f"Spark could not start: {first[:200]}.", "Start it again; if it stays, see the server's console.")
