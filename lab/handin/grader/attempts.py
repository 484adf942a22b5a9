"""Which files of a class are attempts of one learner, and which attempt counts."""

from collections.abc import Sequence
from dataclasses import dataclass

from lab.handin.grader.arrivals import Arrival
from lab.handin.grader.grading import Grade
from lab.handin.grader.owners import Owner, owner_in, squashed, without_count
from lab.handin.grader.submission import Submission


@dataclass(frozen=True)
class Person:
    """The files of one learner, as indexes into the class's: the readable notebooks, newest first, and the others."""

    key: str
    notebooks: tuple[int, ...]
    others: tuple[int, ...] = ()


def people(arrivals: Sequence[Arrival], read: Sequence[Submission | Grade]) -> tuple[Person, ...]:
    """Return the learners, in the order of their first files. A file without a known owner is a learner of its own."""
    owners = [owner_in(arrival.file) for arrival in arrivals]
    folders = [arrival.file.rpartition("/")[0] for arrival in arrivals]
    keys = [_key(*each) for each in zip(owners, read, folders, strict=True)]
    counts = [owner.attempt for owner in owners]
    known = set(keys)
    for number, (owner, each) in enumerate(zip(owners, read, strict=True)):
        name, count = without_count(owner.named)
        first = _by_name(name, folders[number])
        # `lab8-Twin-1` is a second file of Twin only if there is a first one, and its metadata do not name `Twin 1`.
        made_for = each.learner == owner.named or squashed(each.learner) == squashed(name)
        if not owner.account and count and first in known and made_for:
            keys[number], counts[number] = first, (0, count)
    inside: dict[str, set[str]] = {}
    for number, each in enumerate(read):
        if isinstance(each, Submission):
            keys[number] = keys[number] or f"file {number}"
            inside.setdefault(folders[number], set()).add(keys[number])
    for number, key in enumerate(keys):
        beside = inside.get(folders[number], ()) if folders[number] else ()
        if not key:
            # In a subfolder that has notebooks of one learner only, the other files belong to that learner, too.
            keys[number] = next(iter(beside)) if len(beside) == 1 else f"file {number}"
    groups: dict[str, list[int]] = {}
    for number, key in enumerate(keys):
        groups.setdefault(key, []).append(number)
    found = []
    for key, group in groups.items():
        notebooks = [number for number in group if isinstance(read[number], Submission)]
        notebooks.sort(key=lambda number: (counts[number], arrivals[number].modified), reverse=True)
        others = tuple(number for number in group if number not in notebooks)
        found.append(Person(key, tuple(notebooks), others))
    return tuple(found)


def _key(owner: Owner, read: Submission | Grade, folder: str) -> str:
    """Return the key that the files of one learner share; empty if nothing identifies the learner.

    The file's name says who has handed it in, its metadata who has made it. Names are compared within one folder: files
    with the same name in two folders may belong to a learner and a friend.
    """
    return owner.account or _by_name(owner.named or read.learner, folder)


def _by_name(name: str, folder: str) -> str:
    return f"{folder}/{squashed(name)}" if squashed(name) else ""
