"""The folder in which everything lies that a process of the lab writes on this machine while it runs."""

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

PREFIX: Final = "spark-streaming-lab-"


def make_run_folder() -> Path:
    """A new folder of this process; those of processes that were killed are deleted.

    Raises OSError when it cannot be made.
    """
    sweep()
    return Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))


def sweep(alive: Callable[[int], bool] | None = None) -> None:
    """Delete the run folders of processes that were killed before they could do it themselves."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*-*"):
        owner = folder.name.removeprefix(PREFIX).partition("-")[0]
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
