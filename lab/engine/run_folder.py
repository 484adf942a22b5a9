"""The folder in which everything lies that a process of the lab writes on this machine while it runs."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from lab.system import delete_folder, is_alive

PREFIX: Final = "spark-streaming-lab-"

# Those of this process.
_made: Final[set[Path]] = set()


def make_run_folder() -> Path:
    """Return a new folder of this process, and delete those of processes that were killed.

    Raises OSError when it cannot be made.
    """
    sweep()
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
    _made.add(folder)
    return folder


def sweep(alive: Callable[[int, float], bool] | None = None) -> None:
    """Delete the run folders of processes that were killed before they could do it themselves.

    `alive` tells whether a process lives that had begun before a time in seconds since 1970.
    """
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*-*"):
        owner = folder.name.removeprefix(PREFIX).partition("-")[0]
        if owner.isdigit() and folder not in _made and not (alive or _lives)(int(owner), _changed(folder)):
            # A start does not wait for a file that somebody holds.
            delete_folder(folder, 0)


def _changed(folder: Path) -> float:
    try:
        return folder.stat().st_mtime
    except OSError:
        return 0.0


def _lives(process: int, at: float) -> bool:
    # A folder with this process's own number that it has not made is of a dead one.
    return process != os.getpid() and is_alive(process, at)
