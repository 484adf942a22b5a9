#!/usr/bin/env python3
"""Ask pip for a wheel of everything that running the lab needs, for each system and each Python."""

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from email import message_from_string
from email.message import Message
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Final

import platformdirs
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.tags import parse_tag
from packaging.utils import canonicalize_name

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from lab.commands.installation import OLDEST, TOO_NEW  # noqa: E402 - it is found after the line above

# PySpark has no wheel at all. It is pure Python, so pip can build it anywhere.
SOURCE_ALONE: Final = {"pyspark"}
PYTHONS: Final = [f"{OLDEST[0]}.{minor}" for minor in range(OLDEST[1], TOO_NEW[1])]
# The names by version of glibc: 2.28 is that of Debian 10 and RHEL 8.
_GLIBC: Final = ("manylinux2014", *(f"manylinux_2_{minor}" for minor in range(5, 29)))
ABOUT: Final = """\
Run it before a release, and when a version in requirements.txt changes; in a virtual environment that has what
requirements.txt names, since the packages that those need in turn are found there. It downloads no package. What was found
once is kept in the user's cache, and not asked again; the first run takes long.
Exits with 1 if a wheel is missing."""


@dataclass(frozen=True)
class Target:
    """A system: its platform tags for pip, and the environment that markers see there."""

    title: str
    tags: tuple[str, ...]
    environment: Mapping[str, str]


def _windows(title: str, tag: str, machine: str) -> Target:
    seen = {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt", "platform_machine": machine}
    return Target(title, (tag,), seen)


def _mac(title: str, machine: str) -> Target:
    seen = {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix", "platform_machine": machine}
    return Target(title, (f"macosx_12_0_{machine}",), seen)


def _linux(title: str, machine: str, kinds: Iterable[str] = _GLIBC) -> Target:
    seen = {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix", "platform_machine": machine}
    return Target(title, tuple(f"{kind}_{machine}" for kind in kinds), seen)


SUPPORTED: Final = {
    "windows": _windows("Windows x64", "win_amd64", "AMD64"),
    "mac-intel": _mac("macOS 12 Intel", "x86_64"),
    "mac-apple": _mac("macOS 12 Apple", "arm64"),
    "linux": _linux("Linux x86-64", "x86_64"),
    "linux-arm": _linux("Linux arm64", "aarch64"),
}
# Systems where the lab cannot be installed, or only with extra work: to see whether that is still so.
OTHERS: Final = {
    "windows-arm": _windows("Windows ARM64", "win_arm64", "ARM64"),
    "windows-32": _windows("Windows 32 bit", "win32", "x86"),
    "linux-32": _linux("Linux 32 bit", "i686"),
    "linux-arm-32": _linux("Linux ARM 32 bit", "armv7l"),
    "alpine": _linux("Alpine x86-64", "x86_64", ("musllinux_1_1", "musllinux_1_2")),
    "alpine-arm": _linux("Alpine arm64", "aarch64", ("musllinux_1_1", "musllinux_1_2")),
}


@dataclass(frozen=True)
class Need:
    """A package that is needed: in one version if that is pinned, else at least as new as the installed one."""

    name: str
    wanted: SpecifierSet
    # Whether one wheel serves all systems, or all Pythons. If it is so here, it is so everywhere.
    any_system: bool = False
    any_python: bool = False


class Index:
    """A cache of pip's answers about the index: a wheel that was there stays there."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[str, list[str]] = json.loads(path.read_text("utf-8")) if path.exists() else {}

    def has(self, need: Need, target: Target, python: str) -> bool:
        """Return whether the package has a wheel for this system and Python."""
        system, version = "" if need.any_system else target.tags[-1], "" if need.any_python else python
        key = f"{need.name}{need.wanted} {system} {version}".strip()
        if key not in self._known:
            versions = list(need.wanted.filter(_versions(need.name, target, python), prereleases=True))
            if not versions:
                return False
            self._known[key] = versions[:1]
        return True

    def keep(self) -> None:
        """Write the cache."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_text(json.dumps(self._known, indent=0, sort_keys=True), "utf-8")


def _versions(name: str, target: Target, python: str) -> list[str]:
    """Return the versions that have a wheel.

    pip lists them in its error when it is asked for an impossible version, and then downloads nothing. `pip index
    versions` would not do: it also counts versions that have only a source archive.
    """
    tags = [part for tag in target.tags for part in ("--platform", tag)]
    command = [sys.executable, "-m", "pip", "download", f"{name}<0", "--no-deps", "--only-binary=:all:", *tags]
    said = subprocess.run(
        [*command, "--implementation", "cp", "--python-version", python], capture_output=True, text=True, check=False
    ).stderr
    found = re.search(r"\(from versions: (.*)\)", said)
    if found is None:
        raise SystemExit(f"pip could not ask for {name}:\n{said}")
    return [] if found[1] == "none" else found[1].split(", ")


def needs(target: Target, python: str) -> Iterator[Need]:
    """Yield everything that pip would install there: what requirements.txt names, and all dependencies."""
    environment = {
        **target.environment,
        "python_version": python,
        "python_full_version": f"{python}.0",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
        "implementation_version": f"{python}.0",
    }
    lines = (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    waiting = [(Requirement(line), "") for line in lines if line and not line.startswith("#")]
    seen: set[tuple[str, frozenset[str]]] = set()
    given: set[str] = set()
    while waiting:
        requirement, extra = waiting.pop(0)
        name = canonicalize_name(requirement.name)
        if requirement.marker and not requirement.marker.evaluate({**environment, "extra": extra}):
            continue
        if (name, frozenset(requirement.extras)) in seen:
            continue
        seen.add((name, frozenset(requirement.extras)))
        try:
            found = distribution(name)
        except PackageNotFoundError:
            # A package for another system is not installed here, so its own dependencies are unknown.
            yield Need(name, requirement.specifier)
            continue
        if name not in given:
            given.add(name)
            pinned = any(each.operator == "==" for each in requirement.specifier)
            # pip takes the newest version, even if that has only a source archive: an older wheel does not count.
            wanted = requirement.specifier if pinned else SpecifierSet(f">={found.version}")
            yield Need(name, wanted, *_suits(found, python))
        for each in map(Requirement, found.requires or ()):
            waiting.extend((each, part) for part in ("", *requirement.extras))


def _suits(found: Distribution, python: str) -> tuple[bool, bool]:
    """Return whether the wheel that is installed here serves all systems, and whether it serves that Python."""
    tags = {tag for line in _metadata(found, "WHEEL").get_all("Tag", []) for tag in parse_tag(line)}
    declared = SpecifierSet(found.metadata.get("Requires-Python") or "").contains(f"{python}.99")
    free = any(tag.abi == "abi3" or (tag.abi == "none" and tag.interpreter == "py3") for tag in tags)
    return any(tag.platform == "any" for tag in tags), declared and free


def _metadata(found: Distribution, name: str) -> Message:
    return message_from_string(found.read_text(name) or "")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a table, and the missing wheels; return 1 if a wheel is missing."""
    parser = argparse.ArgumentParser(description=__doc__, epilog=ABOUT)
    parser.add_argument("--on", nargs="+", choices=[*SUPPORTED, *OTHERS], default=list(SUPPORTED), metavar="SYSTEM")
    parser.add_argument("--python", nargs="+", default=PYTHONS, metavar="3.X", help=f"default: {' '.join(PYTHONS)}")
    parser.add_argument("--list", action="store_true", help="list all that was looked for")
    options = parser.parse_args(arguments)
    index = Index(platformdirs.user_cache_path("spark-streaming-lab") / "wheels.json")
    for name in SOURCE_ALONE:
        if _versions(name, SUPPORTED["linux"], PYTHONS[0]):
            raise SystemExit(f"pip names a wheel of {name}, of which there was only the source: can this be relied on?")
    missing: dict[tuple[str, str], list[str]] = {}
    counts: dict[tuple[str, str], int] = {}
    try:
        for on in options.on:
            target = (SUPPORTED | OTHERS)[on]
            for python in options.python:
                wanted = [need for need in needs(target, python) if need.name not in SOURCE_ALONE]
                print(f"{target.title}, Python {python}", file=sys.stderr, flush=True)
                with ThreadPoolExecutor(2) as pool:
                    there = list(pool.map(lambda need: index.has(need, target, python), wanted))  # noqa: B023 - now
                counts[on, python] = len(wanted)
                gone = [need for need, found in zip(wanted, there, strict=True) if not found]
                missing[on, python] = [f"{need.name}{need.wanted}" for need in gone]
                if options.list:
                    print(*(f"  {need.name}{need.wanted}" for need in wanted), sep="\n")
    finally:
        index.keep()
    print(_table(options.on, options.python, counts, missing))
    for (on, python), gone in missing.items():
        if gone:
            print(f"{(SUPPORTED | OTHERS)[on].title}, Python {python}: no wheel of {', '.join(gone)}")
    return 1 if any(missing.values()) else 0


def _table(
    systems: list[str],
    pythons: list[str],
    counts: Mapping[tuple[str, str], int],
    missing: Mapping[tuple[str, str], list[str]],
) -> str:
    rows = [["wheels of", *(f"Python {python}" for python in pythons)]]
    for on in systems:
        cells = [f"{counts[on, each] - len(missing[on, each])} of {counts[on, each]}" for each in pythons]
        rows.append([(SUPPORTED | OTHERS)[on].title, *cells])
    return "\n".join(
        "  ".join(cell.ljust(16 if not at else 12) for at, cell in enumerate(row)).rstrip() for row in rows
    )


if __name__ == "__main__":
    sys.exit(main())
