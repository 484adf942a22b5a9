"""The rows of a course for an export, collected from the store in parts of some learners each."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from lab.course.entrance import is_same_code
from lab.course.export import KINDS, Fact, facts_of, numbers_for, ordered
from lab.learner.kept import IDENTITY, read_identity
from lab.store import DocumentKey, Survey
from lab.store.survey import MAX_ROWS, DocumentId

# The documents of at most so many learners are in memory at a time.
_AT_A_TIME = 50


@dataclass(frozen=True)
class Course:
    """The rows of a course, without names. `whole` is False if the store has more of it than is read at once."""

    facts: tuple[Fact, ...]
    whole: bool = True


def collect(
    survey: Survey,
    class_code: str,
    since: datetime,
    say: Callable[[int, int], None] = lambda _, __: None,
    votes: Sequence[Fact] = (),
) -> Course:
    """Collect the rows of all learners who did something after `since`; with a class code, of that class alone.

    `say` is called with the number of learners that are done and of all. `votes` are rows from `facts_of_votes`. Raises
    LabError when the store cannot be read.
    """
    changed = survey.changed(KINDS, since)
    there = list(dict.fromkeys(document.learner for document in changed))
    numbers = numbers_for(there, random.SystemRandom())
    found: list[Fact] = []
    for done, some in _parts(there):
        documents: dict[str, dict[DocumentKey, object]] = {key: {} for key in some}
        ids: list[DocumentId] = [document.id for document in survey.of(some, KINDS)]
        for (key, kind, name), value in survey.values(ids).items():
            documents[key][kind, name] = value
        for key, own in documents.items():
            code = read_identity(own.get((IDENTITY, ""))).class_code
            if not class_code or is_same_code(code, class_code):
                found.extend(facts_of(numbers[key], own))
        say(done + len(some), len(there))
    return Course(ordered([*votes, *found]), len(changed) < MAX_ROWS)


def _parts(keys: Sequence[str]) -> Iterator[tuple[int, Sequence[str]]]:
    return ((at, keys[at : at + _AT_A_TIME]) for at in range(0, len(keys), _AT_A_TIME))
