"""Run a command that can access only the given paths: `python confine.py OPTION PATH … -- COMMAND`.

The kernel enforces this, for the command and for all its child processes, with Landlock: Linux 5.19 or newer, without
root and without a package (https://docs.kernel.org/userspace-api/landlock.html). This file runs as a script of its own,
so it imports nothing from the lab.

The options are `--run` (a path that may be executed and read), `--read` (only read) and `--write` (read and changed). A
path that does not exist is ignored.
"""

import ctypes
import os
import stat
import sys
from collections.abc import Iterable, Sequence
from typing import Final

# ABI 2 added the right to rename between folders; Spark needs it to finish a file.
OLDEST_ABI: Final = 2
RUN, READ, WRITE = "--run", "--read", "--write"

# System call numbers; they are the same on every processor.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_ASK_FOR_ABI: Final = 1
_PATH_BENEATH: Final = 1
_PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS = 24, 38
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_TRUNCATE, _IOCTL_DEVICE = 1 << 14, 1 << 15
# All rights that an ABI knows: the kernel refuses a ruleset with any right that it does not know.
_RIGHTS: Final = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1}
_ALL_RIGHTS: Final = (1 << 16) - 1
_SCOPED_ABI: Final = 6
# No signals to processes outside, and no connections to their abstract sockets.
_SCOPED: Final = 0b11
# Root's capabilities that only bypass the owners of files. With those to trace or to administer, root could read other
# processes and their environments in spite of Landlock.
_HARMLESS: Final = frozenset({0, 1, 2, 3, 4})
_LAST_CAPABILITY: Final = 63


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("ports", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32))


def abi() -> int:
    """Return the version of Landlock that this kernel offers. Raise OSError if it offers none."""
    return _call(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(_ASK_FOR_ABI))


def confine(run: Iterable[str], read: Iterable[str], write: Iterable[str]) -> None:
    """Give up access to all files but these, for ever. Raise OSError if the kernel cannot do that."""
    version = abi()
    known = _RIGHTS.get(version, _ALL_RIGHTS)
    ruleset = _Ruleset(known, 0, _SCOPED)
    # The structure must have the size that it has in the kernel's ABI.
    size = 24 if version >= _SCOPED_ABI else 8
    rules = _call(_CREATE_RULESET, ctypes.byref(ruleset), ctypes.c_size_t(size), ctypes.c_uint32(0))
    for paths, rights in (
        (run, _EXECUTE | _READ_FILE | _READ_DIR),
        (read, _READ_FILE | _READ_DIR),
        (write, known & ~_EXECUTE),
    ):
        for path in paths:
            _allow(rules, path, rights)
    _drop_capabilities()
    _no_new_privileges()
    _call(_RESTRICT_SELF, ctypes.c_int(rules), ctypes.c_uint32(0))
    os.close(rules)


def _allow(rules: int, path: str, rights: int) -> None:
    try:
        opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(opened).st_mode):
            rights &= _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEVICE
        rule = _PathBeneath(rights, opened)
        _call(_ADD_RULE, ctypes.c_int(rules), ctypes.c_int(_PATH_BENEATH), ctypes.byref(rule), ctypes.c_uint32(0))
    finally:
        os.close(opened)


def _drop_capabilities() -> None:
    """Let root keep only the harmless capabilities after an `exec`. Other users have none."""
    if os.geteuid() == 0:
        libc = ctypes.CDLL(None, use_errno=True)
        for capability in set(range(_LAST_CAPABILITY)) - _HARMLESS:
            # Ignore a refusal: this kernel may not know the capability, or root may not be allowed to drop any.
            libc.prctl(_PR_CAPBSET_DROP, ctypes.c_ulong(capability), 0, 0, 0)


def _no_new_privileges() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, ctypes.c_ulong(1), ctypes.c_ulong(0), ctypes.c_ulong(0), ctypes.c_ulong(0)):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _call(number: int, *arguments: object) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    result = libc.syscall(ctypes.c_long(number), *arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return int(result)


def main(arguments: Sequence[str]) -> None:
    """Confine this process, and replace it by the command."""
    end = arguments.index("--")
    paths: dict[str, list[str]] = {RUN: [], READ: [], WRITE: []}
    for option, path in zip(arguments[:end:2], arguments[1:end:2], strict=True):
        paths[option].append(path)
    try:
        confine(paths[RUN], paths[READ], paths[WRITE])
    except OSError as error:
        sys.exit(f"Java could not be confined to its own folders: {error.strerror}")
    command = list(arguments[end + 1 :])
    os.execv(command[0], command)  # noqa: S606 - the command is built from our own parts


if __name__ == "__main__":
    main(sys.argv[1:])
