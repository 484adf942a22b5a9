"""The processes of the container, as /proc shows them."""

import os
import re
from collections.abc import Iterator
from pathlib import Path


class Process:
    """A process by its id."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._folder = Path("/proc", str(number))

    def signal(self, number: int) -> None:
        """Send a signal to the process."""
        os.kill(self._number, number)

    def ended(self) -> bool:
        """Return whether the process is gone, or is a zombie."""
        try:
            return self._status("State").startswith("Z")
        except (OSError, StopIteration):
            return True

    def is_confined(self, user: int) -> bool:
        """Return whether all its user and group ids are `user`, and it has no capabilities and cannot gain any."""
        users = self._status("Uid").split() + self._status("Gid").split()
        return set(users) == {str(user)} and int(self._status("CapEff"), 16) == 0 and self._status("NoNewPrivs") == "1"

    def rights(self) -> str:
        """Return these properties as text."""
        return " ".join(
            f"{name} {' '.join(self._status(name).split()[:1])}" for name in ("Uid", "CapEff", "NoNewPrivs")
        )

    def memory(self) -> int:
        """Return its resident memory in bytes."""
        return int(self._status("VmRSS").split()[0]) * 1024

    def mapped(self, suffix: str) -> list[str]:
        """Return the files with this suffix that are mapped into its memory."""
        lines = (self._folder / "maps").read_text(encoding="utf-8").splitlines()
        return sorted({path for line in lines for path in line.split(maxsplit=5)[5:] if path.endswith(suffix)})

    def mount_options(self, place: str) -> list[str]:
        """Return the first two mount options of a place, as the process sees it."""
        lines = (line.split() for line in (self._folder / "mounts").read_text(encoding="utf-8").splitlines())
        return next((options.split(",")[:2] for _, where, _, options, *_ in lines if where == place), [])

    def _status(self, name: str) -> str:
        found = re.search(rf"^{name}:\s*(.*)$", (self._folder / "status").read_text(encoding="utf-8"), re.MULTILINE)
        return found[1] if found else ""


def lab() -> Process:
    """Return the lab's server; raise StopIteration when there is none."""
    return next(_running("python", b"streamlit_app.py"))


def java() -> Process:
    """Return the lab's JVM; raise StopIteration when there is none."""
    return next(_running("java"))


def _running(program: str, argument: bytes = b"") -> Iterator[Process]:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            name = (folder / "exe").readlink().name
            if name.startswith(program) and argument in (folder / "cmdline").read_bytes():
                yield Process(int(folder.name))
        except OSError:
            continue
