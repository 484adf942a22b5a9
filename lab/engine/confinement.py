"""Java sees only its own folders: a wall behind the vocabulary, which the kernel builds (see `confine.py`).

Whatever a learner may get past the vocabulary, the store, other people's files and the lab's code stay out of reach.
"""

import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from lab.engine import confine
from lab.errors import LabError
from lab.settings import CONFINE, Settings, read_settings

_ELSEWHERE: Final = "Only Linux can confine a program to its own folders"

# What any program on Linux loads itself with.
_LIBRARIES: Final = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/lib32", "/nix/store", "/gnu/store")
# The number of processors, limits of memory, this machine's name, the names of users, the time zone. It is all of /proc: a
# rule for one file in it is lost when the kernel drops its caches, since the file has another inode then. There, the
# environment and the memory of other processes stay closed.
_SYSTEM: Final = (
    "/proc",
    "/sys/fs/cgroup",
    "/sys/devices/system/cpu",
    "/sys/kernel/mm",
    "/etc/hosts",
    "/etc/host.conf",
    "/etc/nsswitch.conf",
    "/etc/resolv.conf",
    "/etc/passwd",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/etc/ssl/certs",
    "/etc/pki",
    "/usr/share/zoneinfo",
    "/dev/random",
    "/dev/urandom",
)
_DEVICES: Final = ("/dev/null",)


@dataclass(frozen=True)
class Confinement:
    """Whether Java can be confined here; `hindrance` says why not, in a sentence without its full stop, else it is empty."""

    hindrance: str = ""
    required: bool = False

    def command(
        self, command: Sequence[str], run: Iterable[Path], read: Iterable[Path], write: Iterable[Path]
    ) -> list[str]:
        """Return the command that runs a command so that it sees only what any program needs, and these.

        Where it cannot be confined, that is the command itself. Raises LabError if confinement is required there.
        """
        if self.hindrance:
            if self.required:
                raise LabError(
                    f"{self.hindrance}, and {CONFINE} says that the lab must not run without that.",
                    f"Run it where it can be confined, or unset {CONFINE}.",
                )
            return list(command)
        options = [
            (confine.RUN, [*_LIBRARIES, *map(str, run)]),
            (confine.READ, [*_SYSTEM, *map(str, read)]),
            (confine.WRITE, [*_DEVICES, *map(str, write)]),
        ]
        # Without the folders from which Python imports packages, it is there in 20 milliseconds.
        python = [sys.executable, "-I", "-S", confine.__file__]
        return [
            *python,
            *(part for option, paths in options for path in paths for part in (option, path)),
            "--",
            *command,
        ]


def find_confinement(java: Path, settings: Settings | None = None) -> Confinement:
    """Return how a Java is confined on this machine, as LAB_CONFINE says."""
    settings = settings or read_settings()
    if settings.confine == "off":
        return Confinement(f"{CONFINE} is off, so Java sees all files of this user")
    confinement = Confinement(_hindrance(), required=settings.confine == "required")
    # The lab's own Java needs nothing but its folder; another one may be a script, or have its libraries elsewhere.
    if not confinement.hindrance and settings.java_home and not _starts(confinement, java):
        return replace(confinement, hindrance="The Java of JAVA_HOME does not start when it sees its own folder alone")
    return confinement


def home_of(executable: Path) -> tuple[Path, ...]:
    """Return a Java's own folder, and those outside to which its links lead: distributions have its settings in /etc."""
    home = executable.resolve().parent.parent
    linked = {path.resolve() for path in home.rglob("*") if path.is_symlink()}
    return (home, *sorted(path for path in linked if not path.is_relative_to(home)))


def _starts(confinement: Confinement, java: Path) -> bool:
    command = confinement.command([str(java), "-version"], home_of(java), (), ())
    try:
        return subprocess.run(command, capture_output=True, timeout=20, check=False).returncode == 0  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return False


def _hindrance() -> str:
    if sys.platform != "linux":
        return _ELSEWHERE
    try:
        found = confine.abi()
    except OSError as error:
        return f"This kernel cannot confine Java to its own folders: it has no Landlock ({error.strerror})"
    if found < confine.OLDEST_ABI:
        return "This kernel cannot confine Java to its own folders: its Landlock is older than that of Linux 5.19"
    return ""
