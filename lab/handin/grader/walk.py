"""The search for the files of a class, in nested folders and zips, within limits; what is left out is reported."""

import os
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

from lab.errors import LabError
from lab.handin.grader.arrivals import AGAIN, Arrival, Arrivals
from lab.handin.grader.kinds import is_known_other, is_notebook, is_zip, refusal
from lab.handin.grader.owners import owner_in
from lab.handin.grader.zips import Member, members

MAX_FILES: Final = 5_000
MAX_DEPTH: Final = 8
_LISTED: Final = 3
# Files that operating systems add to folders and zips.
_OF_SYSTEMS: Final = frozenset({"__macosx", "thumbs.db", "desktop.ini"})
_Thing = TypeVar("_Thing")


def arrivals_in(paths: Sequence[Path], own: Collection[Path] = ()) -> Arrivals:
    """Return the files, with the folders inside of named folders, and the files in zips; leave out the grader's `own`.

    Raises LabError if there are only empty folders, or more files than MAX_FILES.
    """
    walk = _Walk({path.resolve() for path in own})
    names = Counter(path.name for path in paths)
    folders = sum(map(os.path.isdir, paths))
    found = [
        arrival
        for path in paths
        for arrival in walk.named(path, among_folders=folders > 1, is_one_of_many=names[path.name] > 1)
    ]
    if found and all(arrival.path in walk.empty for arrival in found):
        raise LabError(f"There is no notebook in the folder {found[0].path}.", "Name files that end in .ipynb.")
    once: dict[tuple[Path, int | None], Arrival] = {}
    for arrival in found:
        once.setdefault((arrival.path, arrival.member), arrival)
    return Arrivals(tuple(once.values()), tuple(walk.said()))


@dataclass
class _Walk:
    """One walk through all folders, which counts the files and what was left out."""

    own: set[Path]
    empty: set[Path] = field(default_factory=set)
    hidden: list[str] = field(default_factory=list)
    retrospectives: list[str] = field(default_factory=list)
    reports: list[str] = field(default_factory=list)
    seen: int = 0

    def named(self, path: Path, *, among_folders: bool, is_one_of_many: bool) -> Iterator[Arrival]:
        """Yield the files of a path that the user has named; a file of an unknown kind is read as a notebook."""
        beside = path.absolute().parent.name
        if os.path.isdir(path):  # noqa: PTH112 - of a name that is too long, `Path.is_dir` raises
            name = path.absolute().name
            # Keep the names of several folders: two sections of a course may each have an Ada. Also keep one that names
            # the owner.
            place = name if among_folders or owner_in(f"{name}/x").account else ""
            yield from self._folder(path, f"{beside}/{name}" if place and is_one_of_many else place, 1)
            return
        # Keep the name of the folder if it names the owner, or if several files have this name.
        place = f"{beside}/{path.name}" if is_one_of_many or owner_in(f"{beside}/x").account else path.name
        if is_zip(path.name):
            yield from self._zip(path, place)
        else:
            yield Arrival(
                place, path, modified=_modified(path), refusal=refusal(path.name) if is_known_other(path.name) else ""
            )

    def said(self) -> Iterator[str]:
        """Yield sentences about what was left out."""
        for names, one, many in (
            (self.hidden, "hidden file or folder", "hidden files and folders"),
            (self.retrospectives, "retrospective, which is yours to read", "retrospectives, which are yours to read"),
            (self.reports, "file of the grader's own report", "files of the grader's own report"),
        ):
            if names:
                yield f"Left out: {_listed(names, one, many)}."

    def _folder(self, folder: Path, place: str, depth: int) -> Iterator[Arrival]:
        """Yield the files of a folder in the order of their names; for an empty folder, yield the folder itself."""
        try:
            with os.scandir(folder) as entries:
                inside = sorted(self._counted(entries), key=lambda entry: entry.name)
        except OSError as error:
            yield Arrival(
                place or folder.name, folder, refusal=f"The folder {folder.name} cannot be read: {error.strerror}."
            )
            return
        some = False
        for entry in inside:
            if self._is_left_out(entry):
                continue
            for arrival in self._entry(entry, f"{place}/{entry.name}" if place else entry.name, depth):
                some = True
                yield arrival
        if not some:
            self.empty.add(folder)
            yield Arrival(
                place or folder.name,
                folder,
                refusal=f"There is no notebook in the folder {folder.name}. Ask for it, if it was due.",
            )

    def _entry(self, entry: os.DirEntry[str], place: str, depth: int) -> Iterator[Arrival]:
        path = Path(entry.path)
        if entry.is_dir(follow_symlinks=False):
            if depth >= MAX_DEPTH:
                why = f"{entry.name} lies more than {MAX_DEPTH} folders deep, and was not looked into. Name it itself."
                yield Arrival(place, path, refusal=why)
            else:
                yield from self._folder(path, place, depth + 1)
        elif entry.is_dir():
            # The link may lead to a folder above, which would never end.
            yield Arrival(
                place,
                path,
                refusal=f"{entry.name} is a link to a folder, which is not followed. Name that folder itself.",
            )
        elif not path.exists():
            yield Arrival(place, path, refusal=f"{entry.name} is a link that leads nowhere. Ask for the file itself.")
        elif not entry.is_file():
            yield Arrival(place, path, refusal=f"{entry.name} is not a file. {AGAIN}")
        elif is_zip(entry.name):
            yield from self._zip(path, place)
        else:
            why = "" if is_notebook(entry.name) else refusal(entry.name)
            yield Arrival(place, path, modified=_modified(path), refusal=why)

    def _zip(self, path: Path, place: str) -> Iterator[Arrival]:
        """Yield the notebooks of a zip, and files outside of their folders; without notebooks, yield the zip itself."""
        try:
            inside = [each for each in self._counted(members(path)) if not self._is_member_left_out(each)]
        except LabError as error:
            yield Arrival(place, path, modified=_modified(path), refusal=f"{error.what} {error.advice}")
            return
        notebooks = [member for member in inside if is_notebook(member.name)]
        if not notebooks:
            names = [member.file for member in inside]
            holds = f"; it holds {_listed(names, 'other file', 'other files')}" if names else ""
            yield Arrival(
                place, path, modified=_modified(path), refusal=f"There is no notebook in {path.name}{holds}. {AGAIN}"
            )
            return
        folders = {member.folder for member in notebooks}
        beside: dict[str, list[str]] = {folder: [] for folder in folders}
        for member in inside:
            if is_notebook(member.name):
                continue
            folder = next((each for each in member.folders if each in folders), None)
            if folder is None or is_zip(member.name):
                why = f"{member.file} is a zip in a zip, which is not opened. Unpack {path.name}, and name the folder."
                why = why if is_zip(member.name) else refusal(member.file)
                yield Arrival(f"{place}/{member.name}", path, member.number, member.modified, why)
            else:
                beside[folder].append(member.file)
        for member in notebooks:
            others = beside.pop(member.folder, None)
            note = f"Not looked at in {path.name}: {_listed(others, 'other file', 'other files')}." if others else ""
            notes = (note,) if note else ()
            yield Arrival(f"{place}/{member.name}", path, member.number, member.modified, notes=notes)

    def _is_member_left_out(self, member: Member) -> bool:
        hidden = next((part for part in member.name.split("/") if _is_hidden(part)), None)
        if hidden:
            self.hidden.append(hidden)
        return hidden is not None or self._is_retrospective(member.file)

    def _counted(self, things: Iterable[_Thing]) -> Iterator[_Thing]:
        for thing in things:
            self.seen += 1
            if self.seen > MAX_FILES:
                raise LabError(f"There are more than {MAX_FILES:,} files and folders.", "Name the folder of one class.")
            yield thing

    def _is_left_out(self, entry: os.DirEntry[str]) -> bool:
        if _is_hidden(entry.name):
            self.hidden.append(entry.name)
        elif Path(entry.path).resolve() in self.own:
            self.reports.append(entry.name)
        else:
            return self._is_retrospective(entry.name)
        return True

    def _is_retrospective(self, name: str) -> bool:
        """Return whether a file is a retrospective, the other file of a hand-in; count it if so."""
        found = "retrospective" in name.lower() and name.lower().endswith(".pdf")
        if found:
            self.retrospectives.append(name)
        return found


def _is_hidden(name: str) -> bool:
    # macOS adds a file that begins with a dot for each one that it copies; Office adds one that begins with a tilde.
    return (name.startswith((".", "~$")) and name not in {".", ".."}) or name.lower() in _OF_SYSTEMS


def _listed(names: Sequence[str], one: str, many: str) -> str:
    """Return the number of names and the first ones: `4 hidden files and folders (.a, .b, .c and 1 more)`."""
    more = len(names) - _LISTED
    listed = ", ".join(name[:60] for name in names[:_LISTED]) + (f" and {more} more" if more > 0 else "")
    return f"{len(names)} {one if len(names) == 1 else many} ({listed})"


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except (OSError, ValueError):
        return 0.0
