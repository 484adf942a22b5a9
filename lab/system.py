"""Differences between Windows, macOS and Linux: processes, files in use, consoles, file names."""

import contextlib
import ctypes
import io
import os
import re
import shlex
import stat
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from typing import Any, Final, TypeVar

from lab.errors import LabError

try:
    import fcntl
except ImportError:  # on Windows
    fcntl = None  # type: ignore[assignment]

# Importing psutil takes a while, and the first page does not need it: the functions that ask the system import it.

T = TypeVar("T")

IS_WINDOWS: Final = sys.platform == "win32"
# On Windows, a file that is open cannot be deleted or replaced. A virus scanner opens each new file for a moment, and
# Java's log stays open for a second after Java has ended.
HELD_SECONDS: Final = 5.0 if IS_WINDOWS else 0.0
_AGAIN_SECONDS: Final = 0.05
# https://learn.microsoft.com/en-us/windows/win32/fileio/naming-a-file
_FORBIDDEN: Final = re.compile(r'[<>:"/\\|?*\x00-\x1f]')
_DEVICE: Final = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)
MAX_NAME_BYTES: Final = 255
# Java keeps the 300 jars of Spark's class path open, and the lab has a few connections for each learner.
FEW_FILES: Final = 1024
MANY_FILES: Final = 65_536
# Names of network file systems on Linux and macOS.
_NETWORKS: Final = frozenset(
    {"9p", "afpfs", "afs", "ceph", "cifs", "fuse.sshfs", "gpfs", "lustre", "nfs", "nfs4", "smb3", "smbfs", "webdav"}
)
# Neither the start time of a process nor the time of a file is exact.
SLACK_SECONDS: Final = 5.0
# https://learn.microsoft.com/en-us/windows/win32/api/fileapi/nf-fileapi-getdrivetypew
_REMOTE_DRIVE: Final = 4
# https://learn.microsoft.com/en-us/windows/win32/procthread/process-creation-flags
# Python has these names on Windows only.
_NEW_PROCESS_GROUP: Final = 0x200
_BELOW_NORMAL_PRIORITY: Final = 0x4000


@dataclass(frozen=True)
class Memory:
    """The memory of a machine in bytes: the total, and what programs can still get."""

    total: int
    available: int


def detached_process_args(*, background: bool = False, platform: str = sys.platform) -> dict[str, Any]:
    """Return arguments for `subprocess.Popen` so that Ctrl+C in our terminal does not reach the child process.

    With `background`, the child has a lower priority, but only on Windows; on other systems, use `os.setpriority`.
    """
    if platform == "win32":
        return {"creationflags": _NEW_PROCESS_GROUP | (_BELOW_NORMAL_PRIORITY if background else 0)}
    return {"start_new_session": True}


def retry_while_in_use(action: Callable[[], T], seconds: float = HELD_SECONDS) -> T:
    """Run a file operation, and retry it for some seconds while another program has the file open.

    Return the operation's result; raise the PermissionError of the last attempt.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            return action()
        except PermissionError:
            if time.monotonic() >= deadline:
                raise
        time.sleep(_AGAIN_SECONDS)


def delete_folder(folder: Path, seconds: float = HELD_SECONDS) -> bool:
    """Delete a folder with everything in it, at any depth, and return whether it is gone. Raise nothing.

    Retry for some seconds while another program has a file open.
    """
    deadline = time.monotonic() + seconds
    while True:
        _delete_what_can_be(long_path(folder))
        if not os.path.lexists(folder):
            return True
        if time.monotonic() >= deadline:
            return False
        time.sleep(_AGAIN_SECONDS)


def _delete_what_can_be(top: str) -> None:
    """Delete a folder, except for the files in it that cannot be deleted now.

    Folders may be nested so deep that their paths are too long for the system, and that `shutil.rmtree` of Python 3.11
    raises RecursionError. So each one is moved directly below `top` before it is opened.
    """
    folders = [top]
    for folder in folders:  # grows meanwhile
        try:
            with os.scandir(folder) as entries:
                found = list(entries)
        except OSError:
            continue
        for entry in found:
            with contextlib.suppress(OSError):
                if not entry.is_dir(follow_symlinks=False):
                    Path(entry.path).unlink()
                elif _is_junction(entry):
                    Path(entry.path).rmdir()
                else:
                    folders.append(_moved(entry.path, f"{top}{os.sep}.{len(folders)}"))
    for folder in reversed(folders):
        with contextlib.suppress(OSError):
            Path(folder).rmdir()


def _moved(folder: str, to: str) -> str:
    """Rename a folder, and return its path now. On Windows, a folder with an open file stays where it is."""
    try:
        Path(folder).rename(to)
    except OSError:
        return folder
    return to


def _is_junction(entry: "os.DirEntry[str]") -> bool:
    """Return whether a folder is a junction, Windows' link to another folder."""
    # Linux and macOS do not have this attribute.
    attributes = getattr(entry.stat(follow_symlinks=False), "st_file_attributes", 0)
    return bool(attributes & stat.FILE_ATTRIBUTE_REPARSE_POINT)


def hold_folder(folder: Path) -> int | None:
    """Lock a folder until it is released or this process ends; return the open file descriptor.

    Return None if another process has the lock, or the system has no such locks (Windows). systemd-tmpfiles, which
    cleans temporary folders, skips a locked folder; `is_held` tests for the lock.
    """
    if fcntl is None:
        return None
    try:
        opened = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(opened)
        return None
    return opened


def release_folder(held: int | None) -> None:
    """Release the lock that `hold_folder` has returned."""
    if held is not None:
        os.close(held)


def is_held(folder: Path) -> bool:
    """Return whether a process holds the lock of a folder."""
    if fcntl is None:
        return False
    held = hold_folder(folder)
    release_folder(held)
    return held is None and folder.is_dir()


def long_path(path: Path, platform: str = sys.platform) -> str:
    r"""Return a path with the prefix `\\?\` on Windows, which accepts only 260 characters without it.

    A relative path stays as it is: Windows accepts the prefix for absolute paths only.
    """
    text = os.fspath(path)
    if platform != "win32" or text.startswith("\\\\") or not PureWindowsPath(text).is_absolute():
        return text
    return f"\\\\?\\{text}"


def command_line(command: Sequence[str], folder: Path, platform: str = sys.platform) -> str:
    """Return a command as one string for the shell of this system.

    On Windows, write a script into `folder` and return its name: cmd.exe splits a quoted string that is not a file
    name, and always interprets a %.
    """
    if platform != "win32":
        return shlex.join(command)
    script = folder / "command.cmd"
    # Within quotes, only " and % are special to cmd.exe.
    line = " ".join(f'"{part}"' for part in command).replace("%", "%%")
    script.write_text(f"@chcp 65001 >nul\n@{line}\n", encoding="utf-8", newline="\r\n")
    return f'"{script}"'


def is_on_network(path: Path) -> bool:
    """Return whether a path is on a network file system, as home folders of a university often are."""
    place = os.path.abspath(path)  # noqa: PTH100 - resolve() may wait for a server that is away
    if place.startswith("\\\\"):
        return True
    if sys.platform == "win32":
        # psutil asks every drive, and one of them may be on a server that does not answer.
        drive = os.path.splitdrive(place)[0] + "\\"
        return bool(ctypes.windll.kernel32.GetDriveTypeW(drive) == _REMOTE_DRIVE)
    import psutil  # noqa: PLC0415

    holding = [disk for disk in psutil.disk_partitions(all=True) if _holds(disk.mountpoint, place)]
    disk = max(holding, key=lambda disk: len(disk.mountpoint), default=None)
    return disk is not None and disk.fstype.lower() in _NETWORKS


def _holds(folder: str, place: str) -> bool:
    folder, place = os.path.normcase(folder), os.path.normcase(place)
    return place == folder or place.startswith(folder.rstrip(os.sep) + os.sep)


def is_alive(process: int, at: float) -> bool:
    """Return whether a process is alive that started before `at`, in seconds since 1970.

    The start time matters because systems reuse process ids. Return True if the start time cannot be read.
    """
    import psutil  # noqa: PLC0415

    try:
        return bool(psutil.Process(process).create_time() <= at + SLACK_SECONDS)
    except psutil.NoSuchProcess:
        return False
    except psutil.Error:
        return True


def memory() -> Memory:
    """Return how much memory this machine has."""
    import psutil  # noqa: PLC0415

    found = psutil.virtual_memory()
    return Memory(found.total, found.available)


def open_files() -> int:
    """Raise the limit of open files and connections for this process and its children; return the limit.

    The default of a shell is low, 256 on macOS. A program may raise it itself, up to what the system allows.
    """
    if sys.platform == "win32":
        return MANY_FILES
    import resource  # noqa: PLC0415

    few, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    # On macOS, "unlimited" means the kernel's limit for one process, which is at least the second value.
    for many in (MANY_FILES, 10_240):
        wanted = many if most == resource.RLIM_INFINITY else min(many, most)
        if few == resource.RLIM_INFINITY or few >= wanted:
            return MANY_FILES if few == resource.RLIM_INFINITY else few
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
            return wanted
    return few


def require_files() -> None:
    """Raise LabError if the limit of open files is too low for Spark's Java."""
    if (there := open_files()) < FEW_FILES:
        raise LabError(
            f"This process, and the Java that it starts, may have {there} files open at a time; Spark needs {FEW_FILES:,}.",
            f"Close the lab, run `ulimit -n {FEW_FILES * 4}` in its shell, and start it again. If that is refused, ask who "
            "administers this machine.",
        )


def speak_any_console() -> None:
    """Let `print` escape a character that the console cannot show, instead of raising UnicodeEncodeError."""
    for stream in (sys.stdout, sys.stderr):
        # A test or a notebook may have replaced the stream.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def refusal_of_file_name(name: str) -> str:
    """Return a sentence that says why some system refuses this file name; empty if none does."""
    if found := _FORBIDDEN.search(name):
        return f"{name!r} contains {found[0]!r}, which no file name may contain on Windows."
    if _DEVICE.fullmatch(name):
        return f"{name!r} is the name of a device on Windows."
    if name.endswith((" ", ".")):
        return f"{name!r} ends in a blank or a dot, which Windows takes away."
    if len(name.encode("utf-8", errors="replace")) > MAX_NAME_BYTES:
        return f"{name[:40]!r}… is longer than a file name may be."
    return ""


def require_readable_by_java(paths: Sequence[Path], encoding: str = "mbcs" if IS_WINDOWS else "") -> None:
    """Raise LabError for a path that Java cannot open because the machine's code page lacks one of its characters.

    On Windows, Java reads its command line in the code page (`sun.jnu.encoding`); elsewhere it takes the bytes as they
    are.
    """
    if not encoding:
        return
    for path in paths:
        try:
            os.fspath(path).encode(encoding, errors="strict")
        except UnicodeEncodeError as error:
            letters = error.object[error.start : error.end]
            raise LabError(
                f"Java cannot open {path}: this machine's code page does not have {letters!r}.",
                r"Put the lab into a folder such as C:\lab, and set LAB_RUN_FOLDER to one such as C:\tmp.",
            ) from error
