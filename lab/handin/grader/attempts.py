"""Which files of a class are attempts of one learner, and which attempt counts."""

from collections.abc import Sequence
from dataclasses import dataclass

from lab.handin.grader.arrivals import Arrival
from lab.handin.grader.grading import Grade
from lab.handin.grader.owners import Owner, owner_in, squashed, without_count
from lab.handin.grader.submission import Submission


@dataclass(frozen=True)
class Person:
    """One learner's files, by their places among all of a class: the readable notebooks, newest first, and the others."""

    key: str
    notebooks: tuple[int, ...]
    others: tuple[int, ...] = ()


def people(arrivals: Sequence[Arrival], read: Sequence[Submission | Grade]) -> tuple[Person, ...]:
    """Return the learners, in the order of their first files. A file of which nobody knows whose it is stands alone."""
    owners = [owner_in(arrival.file) for arrival in arrivals]
    folders = [arrival.file.rpartition("/")[0] for arrival in arrivals]
    keys = [_key(*each) for each in zip(owners, read, folders, strict=True)]
    counts = [owner.attempt for owner in owners]
    known = set(keys)
    for number, (owner, each) in enumerate(zip(owners, read, strict=True)):
        name, count = without_count(owner.named)
        first = _by_name(name, folders[number])
        # `lab8-Twin-1` is a second file of Twin only if there is a first one, and its metadata know of no `Twin 1`.
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
            # What lies in a folder below the class's, beside the notebook of one learner, is that learner's.
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
    """Return what the files of one learner have in common; empty if there is nothing.

    What a file is called says who has handed it in, its metadata who has made it. In folders of their own, two files of one
    name may be those of a learner and of a friend.
    """
    return owner.account or _by_name(owner.named or read.learner, folder)


def _by_name(name: str, folder: str) -> str:
    return f"{folder}/{squashed(name)}" if squashed(name) else ""
