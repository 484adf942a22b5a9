"""The run folder: it holds everything that a process of the lab writes on this machine while it runs."""

import contextlib
import logging
import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lab.bucket.folder import explain_os_error, is_pattern
from lab.engine.cache import user_cache
from lab.settings import RUN_FOLDER, Settings, read_settings
from lab.system import delete_folder, hold_folder, is_alive, is_held, is_on_network, release_folder

_log = logging.getLogger(__name__)

PREFIX: Final = "spark-streaming-lab-"
# Below a run folder, Spark's own paths have up to 120 characters, and Windows allows 260 for the whole path.
MAX_CHARACTERS: Final = 110
_IN_CACHE: Final = "runs"
_TEMPORARY: Final = ("/var/tmp", "/tmp")  # noqa: S108 - a folder of its own is made in it, which others cannot enter


@dataclass(frozen=True)
class RunFolderParent:
    """A parent folder for run folders, and the prefix of their names; `why` says why it is not the user's cache."""

    folder: Path
    prefix: str = PREFIX
    why: str = ""


# The run folders of this process, each with its lock from `hold_folder`.
_made: Final[dict[Path, int | None]] = {}


def find_run_folder_parent(settings: Settings | None = None) -> RunFolderParent:
    """Return where to make run folders: LAB_RUN_FOLDER, else the user's cache, else the folder for temporary files.

    The folder for temporary files comes last because its cleaners delete files in use, too.
    """
    if named := (settings or read_settings()).run_folder:
        return RunFolderParent(named.absolute(), why=f"{RUN_FOLDER} says so")
    cache = _in_cache()
    if why := _hindrance(cache.folder):
        return RunFolderParent(_temporary(), why=f"{cache.folder} {why}")
    return cache


def make_run_folder(settings: Settings | None = None) -> Path:
    """Return a new run folder for this process, and delete those of processes that were killed.

    Raise LabError when it cannot be made.
    """
    parent = find_run_folder_parent(settings)
    sweep(parents=_parents(parent))
    try:
        with contextlib.suppress(FileNotFoundError):
            return _made_at(parent)
        # Another process has just ended, and has deleted the parent folder together with its own run folder.
        return _made_at(parent)
    except OSError as error:
        raise explain_os_error(error, parent.folder) from error


def delete_run_folder(folder: Path) -> None:
    """Delete a folder that was made for this process."""
    delete_folder(folder)
    release_folder(_made.pop(folder, None))
    if folder.parent.name == _IN_CACHE:
        with contextlib.suppress(OSError):  # other processes may have run folders there
            folder.parent.rmdir()


def sweep(alive: Callable[[int, float], bool] | None = None, parents: Iterator[RunFolderParent] | None = None) -> None:
    """Delete the run folders of processes that were killed before they could do it themselves.

    `alive` returns whether a process is alive that started before a time, in seconds since 1970.
    """
    for parent in parents or _parents():
        for folder in run_folders(parent):
            owner = folder.name.removeprefix(parent.prefix).partition("-")[0]
            if not owner.isdigit() or folder in _made or is_held(folder):
                continue
            # No retries: a start must not wait for a file that another program has open.
            if not (alive or _lives)(int(owner), _changed(folder)) and not delete_folder(folder, 0):
                _log.warning("%s is left of a lab that was killed, and cannot be deleted", folder)


def run_folders(parent: RunFolderParent, process: int | str = "*") -> list[Path]:
    """Return the run folders in a parent folder, or only those of one process."""
    with contextlib.suppress(OSError):
        return list(parent.folder.glob(f"{parent.prefix}{process}-*"))
    return []


def _made_at(parent: RunFolderParent) -> Path:
    parent.folder.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{parent.prefix}{os.getpid()}-", dir=parent.folder))
    _made[folder] = hold_folder(folder)
    return folder


def _in_cache() -> RunFolderParent:
    # Without a prefix, because Windows needs short paths.
    return RunFolderParent(user_cache() / _IN_CACHE, "")


def _parents(parent: RunFolderParent | None = None) -> Iterator[RunFolderParent]:
    """Yield where run folders may lie, including those that were made when the cache was not writable."""
    yield from dict.fromkeys([*filter(None, [parent]), _in_cache(), RunFolderParent(_temporary())])


def _hindrance(folder: Path) -> str:
    """Return why run folders must not be made in a folder, as the rest of a sentence; empty if they can be."""
    if is_pattern(folder.resolve()):
        return "is a pattern to Spark, because of a sign such as [ in its path"
    if len(str(folder)) > MAX_CHARACTERS:
        return f"is longer than {MAX_CHARACTERS} characters"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if is_on_network(folder):
            return "is on another machine"
        with tempfile.TemporaryDirectory(dir=folder, prefix="try-"):
            return ""
    except OSError as error:
        return f"cannot be written ({error.strerror})"


def _temporary() -> Path:
    """Return the folder for temporary files; another one of the system if Spark would read its path as a pattern."""
    own = Path(tempfile.gettempdir())
    if not is_pattern(own.resolve()):
        return own
    return next((other for other in map(Path, _TEMPORARY) if other.is_dir() and os.access(other, os.W_OK)), own)


def _changed(folder: Path) -> float:
    try:
        return folder.stat().st_mtime
    except OSError:
        return 0.0


def _lives(process: int, at: float) -> bool:
    # A folder with this process's id that this process has not made belongs to a dead process with the same id.
    return process != os.getpid() and is_alive(process, at)
