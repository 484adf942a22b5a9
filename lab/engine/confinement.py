"""Confine Java to its own folders: a second barrier behind the vocabulary, enforced by the kernel (see `confine.py`).

Even if a learner's code gets past the vocabulary, the store, other people's files and the lab's code stay out of reach.
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

# The shared libraries that any program on Linux needs to start.
_LIBRARIES: Final = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/lib32", "/nix/store", "/gnu/store")
# For the number of processors, memory limits, this machine's name, the names of users, the time zone. All of /proc is
# needed: a rule for a single file in it is lost when the kernel drops its caches, as the file then gets another inode.
# The environment and the memory of other processes in /proc stay out of reach.
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
    """Whether Java can be confined here; `hindrance` says why not, as a sentence without full stop, or is empty."""

    hindrance: str = ""
    required: bool = False

    def require(self) -> None:
        """Raise LabError if Java cannot be confined, but must be."""
        if self.hindrance and self.required:
            raise LabError(
                f"{self.hindrance}, and {CONFINE} says that the lab must not run without that.",
                f"Run it where it can be confined, or unset {CONFINE}.",
            )

    def command(
        self, command: Sequence[str], run: Iterable[Path], read: Iterable[Path], write: Iterable[Path]
    ) -> list[str]:
        """Return a command that runs `command` with access only to what any program needs and to these paths.

        Where it cannot be confined, return the command unchanged, or raise LabError if confinement is required.
        """
        self.require()
        if self.hindrance:
            return list(command)
        options = [
            (confine.RUN, [*_LIBRARIES, *map(str, run)]),
            (confine.READ, [*_SYSTEM, *map(str, read)]),
            (confine.WRITE, [*_DEVICES, *map(str, write)]),
        ]
        # -I and -S skip the folders for packages, so Python starts in 20 milliseconds.
        python = [sys.executable, "-I", "-S", confine.__file__]
        return [
            *python,
            *(part for option, paths in options for path in paths for part in (option, path)),
            "--",
            *command,
        ]


def confinement_here(settings: Settings) -> Confinement:
    """Return whether this system can confine a program, and whether LAB_CONFINE requires it."""
    if settings.confine == "off":
        return Confinement(f"{CONFINE} is off, so Java sees all files of this user")
    return Confinement(_hindrance(), required=settings.confine == "required")


def find_confinement(java: Path, settings: Settings | None = None) -> Confinement:
    """Return how to confine a Java on this machine, according to LAB_CONFINE."""
    settings = settings or read_settings()
    confinement = confinement_here(settings)
    # The lab's own Java needs only its own folder; another Java may be a script, or have its libraries elsewhere.
    if not confinement.hindrance and settings.java_home and not _starts(confinement, java):
        return replace(confinement, hindrance="The Java of JAVA_HOME does not start when it sees its own folder alone")
    return confinement


def home_of(executable: Path) -> tuple[Path, ...]:
    """Return a Java's own folder, and the targets of its links outside: distributions keep its settings in /etc."""
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
