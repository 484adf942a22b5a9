"""Windows programs under Wine: a prefix, which is a Windows of its own, and what runs in it."""

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
# As of a person who is not called like an example: it becomes a part of the path of each temporary file.
USER: Final = "Zoë Ångström"
CHECKOUT: Final = "Übung 8"
PATIENCE: Final = "LAB_TEST_PATIENCE"
# A Windows of Western Europe and America writes to pipes in this.
ENCODING: Final = "cp1252"
# Names the work folder to the tests in a browser.
VARIABLE: Final = "LAB_WINE"
_LAST_LINES: Final = 40
_SECONDS_TO_END: Final = 20


class TookTooLongError(Exception):
    """A command did not end in its time, and was ended."""


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
        """Return what a Windows program sees of this machine: nothing of who runs it, and no display."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self._unix_home),
            "LANG": "C.UTF-8",
            "USER": USER,
            "LOGNAME": USER,
            "WINEPREFIX": str(self.prefix),
            "WINEDEBUG": "-all",
            # Neither .NET nor a browser of Windows' own.
            "WINEDLLOVERRIDES": "mscoree,mshtml=",
            # How much longer than on Linux tests wait.
            PATIENCE: os.environ.get(PATIENCE, "1"),
            **(variables or {}),
        }

    def make(self, limit: float) -> None:
        """Make the prefix, as Windows 10."""
        self._unix_home.mkdir(parents=True)
        run(["wine", "wineboot", "--init"], limit, environment=self.environment())
        version = ["reg", "add", r"HKCU\Software\Wine", "/v", "Version", "/d", "win10", "/f"]
        run(["wine", *version], limit, environment=self.environment())

    def python(self, arguments: Sequence[str]) -> list[str]:
        """Return the command that runs Windows' Python."""
        return ["wine", PYTHON, *arguments]

    def open(self) -> None:
        """Have Wine start what it starts once, a desktop above all; `end` ends it.

        Otherwise Java would, and the desktop, which outlives it, would hold its log open, since it has it as its own output.
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
        """Run Windows' Python in the checkout; return its exit code. Whatever it leaves running is ended."""
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
        """Return the process ids that Linux has for the programs of a name, such as java.exe, in this prefix."""
        found = []
        for process in Path("/proc").iterdir():
            if not process.name.isdigit():
                continue
            try:
                program = (process / "cmdline").read_bytes().split(b"\0")[0].decode(errors="replace")
                environment = (process / "environ").read_bytes().split(b"\0")
            except OSError:
                continue  # it has ended, or is somebody else's
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
        """Compile and install what Wine lacks and the lab's packages want; return what that was."""
        added = ["complex mathematics", "WMI"]
        libraries = self.drive / "windows" / "system32"
        if not (libraries / "bcryptprimitives.dll").exists():
            _compile("bcryptprimitives", libraries / "bcryptprimitives.dll", "-ladvapi32")
            added.append("bcryptprimitives.dll")
        if b"GetAnycastIpAddressTable" not in (libraries / "iphlpapi.dll").read_bytes():
            _compile("iphlpshm", libraries / "iphlpshm.dll")
            _rename_import(self.home, "net.dll", b"IPHLPAPI.DLL", b"IPHLPSHM.DLL")
            added.append("GetAnycastIpAddressTable")
        # Of the next two, Wine has the names, so that they cannot be told from what it can do; neither does harm.
        _compile("ucrt_complex", libraries / "npw-ms-win-crt-math-l1-1-0.dll")
        _rename_import(
            self.home, "numpy/**/*.pyd", b"api-ms-win-crt-math-l1-1-0.dll", b"npw-ms-win-crt-math-l1-1-0.dll"
        )
        # Python asks Windows for its version by WMI or, without this file, in another way.
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
    """Run a command and return its exit code; what it says goes to `log`.

    Raise TookTooLongError if it does not end within `limit` seconds. It is ended then, and on Ctrl+C.
    """
    # Windows' Python cannot start under Wine 8 when its output is a file, so it is a pipe.
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
        # What a child that outlives it holds open is not waited for.
        listening.join(1)


def last_lines(log: Path) -> str:
    """Return the end of what a command said."""
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
    # Without the compiler's own libraries, which Wine does not have.
    compiler = ["x86_64-w64-mingw32-gcc", "-shared", "-O2", "-s", "-static"]
    subprocess.run([*compiler, "-o", str(into), *sources, *libraries], check=True)


def _rename_import(home: Path, pattern: str, name: bytes, other: bytes) -> None:
    """In the libraries of packages, have Windows look for another library, whose name is as long."""
    for path in (home / "Lib" / "site-packages").rglob(pattern):
        content = path.read_bytes()
        path.write_bytes(content.replace(name, other))
