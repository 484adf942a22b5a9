"""What the doctor says of one thing."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Final, Literal

from lab.errors import LabError

REINSTALL: Final = "Run: pip install -r requirements.txt"


@dataclass(frozen=True)
class Finding:
    """What was found of one thing; `advice` says what to do when it is not well."""

    what: str
    state: Literal["ok", "note", "missing"]
    found: str
    advice: str = ""

    def __str__(self) -> str:
        mark = {"ok": "ok     ", "note": "note   ", "missing": "MISSING"}[self.state]
        return f"{mark}  {self.what:10}  {self.found}" + (f"\n{' ' * 21}{self.advice}" if self.advice else "")


def guarded(what: str, look: Callable[[], Finding]) -> Finding:
    """Return what a look gives, or that the thing is missing, with the reason that it raises."""
    try:
        return look()
    except LabError as error:
        return Finding(what, "missing", error.what, error.advice)


def package(name: str) -> Finding:
    """Return whether a package is installed, and in which version."""
    try:
        return Finding(name, "ok", version(name))
    except PackageNotFoundError:
        return Finding(name, "missing", "not installed", REINSTALL)
