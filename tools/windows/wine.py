"""Windows programs under Wine: a prefix, which is a separate Windows, and its processes."""

import os
import shutil
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

SHIMS: Final = Path(__file__).resolve().parent / "shims"
PYTHON: Final = r"C:\Python\python.exe"
# A name that is not plain ASCII: it becomes part of the path of each temporary file.
USER: Final = "Zoë Ångström"
CHECKOUT: Final = "Übung 8"
PATIENCE: Final = "LAB_TEST_PATIENCE"
# Windows in Western Europe and America uses this encoding for pipes.
ENCODING: Final = "cp1252"
# The variable that names the work folder to the browser tests.
VARIABLE: Final = "LAB_WINE"
_LAST_LINES: Final = 40
_SECONDS_TO_END: Final = 20


class TookTooLongError(Exception):
    """A command did not end in time, and was killed."""


class Wine:
    """A Windows in a work folder; it exists once `make` was called."""

    def __init__(self, work: Path) -> None:
        self.prefix = work / "wine"
        self.drive = self.prefix / "drive_c"
        self.home = self.drive / "Python"
        self.checkout = self.drive / CHECKOUT
        self.temporary = self.drive / "users" / USER / "Temp"
        local = self.drive / "users" / USER / "AppData" / "Local"
        self.cache = local / "spark-streaming-lab" / "spark-streaming-lab" / "Cache"
        self._unix_home = work / "home"
        self._desktop: subprocess.Popen[bytes] | None = None

    def environment(self, variables: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return the environment of a Windows program: nothing of the real user, and no display."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self._unix_home),
            "LANG": "C.UTF-8",
            "USER": USER,
            "LOGNAME": USER,
            "WINEPREFIX": str(self.prefix),
            "WINEDEBUG": "-all",
            # Disable .NET and Windows' own browser engine.
            "WINEDLLOVERRIDES": "mscoree,mshtml=",
            # How many times longer tests wait than on Linux.
            PATIENCE: os.environ.get(PATIENCE, "1"),
            **(variables or {}),
        }

    def make(self, limit: float) -> None:
        """Create the prefix, as Windows 10."""
        self._unix_home.mkdir(parents=True)
        run(["wine", "wineboot", "--init"], limit, environment=self.environment())
        version = ["reg", "add", r"HKCU\Software\Wine", "/v", "Version", "/d", "win10", "/f"]
        run(["wine", *version], limit, environment=self.environment())

    def python(self, arguments: Sequence[str]) -> list[str]:
        """Return the command that runs Windows' Python."""
        return ["wine", PYTHON, *arguments]

    def open(self) -> None:
        """Let Wine start its shared processes, above all a desktop; `end` ends them.

        Otherwise Java would start the desktop. The desktop outlives Java and would keep Java's log open, because it
        inherits that as its output.
        """
        keep = "import ctypes, sys; ctypes.windll.user32.GetDesktopWindow(); print(flush=True); sys.stdin.read()"
        self._desktop = subprocess.Popen(
            self.python(["-c", keep]),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=self.environment(),
            start_new_session=True,
        )
        if self._desktop.stdout:
            self._desktop.stdout.readline()

    def run(self, arguments: Sequence[str], limit: float, log: Path | None = None) -> int:
        """Run Windows' Python in the checkout; return its exit code. End all processes that it leaves."""
        self.open()
        try:
            return run(
                self.python(arguments),
                limit,
                environment=self.environment(),
                folder=self.checkout,
                log=log,
                encoding=ENCODING,
            )
        finally:
            self.end()

    def processes(self, name: str) -> list[int]:
        """Return the Linux process ids of this prefix's programs with a name, such as java.exe."""
        found = []
        for process in Path("/proc").iterdir():
            if not process.name.isdigit():
                continue
            try:
                program = (process / "cmdline").read_bytes().split(b"\0")[0].decode(errors="replace")
                environment = (process / "environ").read_bytes().split(b"\0")
            except OSError:
                continue  # the process has ended, or belongs to another user
            if f"WINEPREFIX={self.prefix}".encode() in environment and f"{program}.".lower().find(name) >= 0:
                found.append(int(process.name))
        return found

    def end(self) -> None:
        """End every program of the prefix."""
        if self._desktop:
            self._desktop.kill()
            self._desktop.wait()
            self._desktop = None
        if self.prefix.exists() and shutil.which("wineserver"):
            for option in ("-k", "-w"):
                subprocess.run(
                    ["wineserver", option],
                    env=self.environment(),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    timeout=_SECONDS_TO_END,
                    check=False,
                )

    def add_what_wine_lacks(self) -> list[str]:
        """Compile and install what the lab's packages need and Wine lacks; return a list of it."""
        added = ["complex mathematics", "WMI"]
        libraries = self.drive / "windows" / "system32"
        if not (libraries / "bcryptprimitives.dll").exists():
            _compile("bcryptprimitives", libraries / "bcryptprimitives.dll", "-ladvapi32")
            added.append("bcryptprimitives.dll")
        if b"GetAnycastIpAddressTable" not in (libraries / "iphlpapi.dll").read_bytes():
            _compile("iphlpshm", libraries / "iphlpshm.dll")
            _rename_import(self.home, "net.dll", b"IPHLPAPI.DLL", b"IPHLPSHM.DLL")
            added.append("GetAnycastIpAddressTable")
        # The next two exist in Wine by name, so nobody can tell whether they work; replacing them does no harm.
        _compile("ucrt_complex", libraries / "npw-ms-win-crt-math-l1-1-0.dll")
        _rename_import(
            self.home, "numpy/**/*.pyd", b"api-ms-win-crt-math-l1-1-0.dll", b"npw-ms-win-crt-math-l1-1-0.dll"
        )
        # Python asks for the Windows version by WMI; without this file, it asks in another way.
        (self.home / "_wmi.pyd").unlink(missing_ok=True)
        return added


def run(
    command: Sequence[str],
    limit: float,
    *,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    log: Path | None = None,
    encoding: str = "utf-8",
) -> int:
    """Run a command and return its exit code; its output goes to `log`.

    Raise TookTooLongError if it does not end within `limit` seconds. It is killed then, and on Ctrl+C.
    """
    # Windows' Python cannot start under Wine 8 when its output is a file, so the output is a pipe.
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment,
        cwd=folder,
        start_new_session=True,
    )
    listening = threading.Thread(target=_listen, args=(process, log, encoding), daemon=True)
    listening.start()
    try:
        return process.wait(limit)
    except subprocess.TimeoutExpired:
        raise TookTooLongError from None
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        # A child that outlives the command may keep the pipe open; do not wait for it.
        listening.join(1)


def last_lines(log: Path) -> str:
    """Return the last lines of a command's log."""
    with log.open(encoding="utf-8") as lines:
        return "".join(deque(lines, _LAST_LINES))


def _listen(process: "subprocess.Popen[bytes]", log: Path | None, encoding: str) -> None:
    with (log or Path(os.devnull)).open("a", encoding="utf-8") as into:
        for line in process.stdout or ():
            into.write(line.decode(encoding, errors="replace").replace("\r\n", "\n"))
            into.flush()


def _compile(name: str, into: Path, *libraries: str) -> None:
    exports = SHIMS / f"{name}.def"
    sources = [str(SHIMS / f"{name}.c"), *([str(exports)] if exports.exists() else [])]
    # Link statically, since Wine does not have the compiler's libraries.
    compiler = ["x86_64-w64-mingw32-gcc", "-shared", "-O2", "-s", "-static"]
    subprocess.run([*compiler, "-o", str(into), *sources, *libraries], check=True)


def _rename_import(home: Path, pattern: str, name: bytes, other: bytes) -> None:
    """Replace an imported library's name in the packages' libraries with another name of the same length."""
    for path in (home / "Lib" / "site-packages").rglob(pattern):
        content = path.read_bytes()
        path.write_bytes(content.replace(name, other))
