"""A finding: what the doctor says of one thing."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Final, Literal

from lab.errors import LabError

REINSTALL: Final = "Run: pip install -r requirements.txt"


@dataclass(frozen=True)
class Finding:
    """What was found about one thing; `advice` says what to do when its state is not ok."""

    what: str
    state: Literal["ok", "note", "missing"]
    found: str
    advice: str = ""

    def __str__(self) -> str:
        mark = {"ok": "ok     ", "note": "note   ", "missing": "MISSING"}[self.state]
        return f"{mark}  {self.what:10}  {self.found}" + (f"\n{' ' * 21}{self.advice}" if self.advice else "")


def guarded(what: str, look: Callable[[], Finding]) -> Finding:
    """Return the finding of `look`; if it raises LabError, a finding that the thing is missing, with the reason."""
    try:
        return look()
    except LabError as error:
        return Finding(what, "missing", error.what, error.advice)


def package(name: str) -> Finding:
    """Return a finding: whether a package is installed, and in which version."""
    try:
        return Finding(name, "ok", version(name))
    except PackageNotFoundError:
        return Finding(name, "missing", "not installed", REINSTALL)
