"""The export of a course without names: what learners did in the steps, and what they predicted, as rows of one table.

It has no names, no code, and no text that somebody has typed. A learner is a random number that is new in each export,
so no two exports can be joined. It has no dates: times are seconds since a learner began.
"""

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any, Final, get_args

from lab.dataset import Dataset
from lab.judge.feedback import Outcome
from lab.learner.history import HISTORY, StepHistory, read_history
from lab.learner.kept import IDENTITY, PREDICTION, SKIPPED, read_identity, read_text
from lab.lesson.mistakes import TITLES
from lab.lesson.predictions import PREDICTIONS, Prediction
from lab.lesson.steps import STEPS
from lab.store import DocumentKey

KINDS: Final = (IDENTITY, HISTORY, PREDICTION)
# Learners have numbers from 1 to MAX_NUMBER; CLASS stands for all of them.
CLASS: Final = 0
MAX_NUMBER: Final = 999_999
# Longer than any course, and small enough for every kind of table.
MAX_SECONDS: Final = 999_999_999
OUTCOMES: Final = frozenset({"", *get_args(Outcome)})
# The meaning of each column; docs/course-export.md has the same words, and a test compares the two.
COLUMNS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "learner": "a random number, new in each export; the rows of one learner have the same; 0 is the whole class",
        "kind": "`attempt`, `hint`, `solution`, `reset`, `prediction` or `vote`",
        "about": "the id of the step; of a prediction, its id; of a vote, the id of its question with the round: `header-1`",
        "number": "which attempt of this learner in this step, from 1; of a hint, which of the three; of a vote, "
        "how many have voted so; else 0",
        "outcome": "of an attempt, what the check said; of a prediction, `right`, `wrong` or `skipped`; of a vote, `right`, "
        "`wrong`, or empty where nobody has said what is right",
        "mistake": "of an attempt, the id of the mistake that was recognised; else empty",
        "worked": "how many seconds the learner had worked on the lab by then; empty if that is not known",
        "since_begin": "how many seconds had passed since the learner's first attempt, hint or solution; empty likewise",
    }
)


@dataclass(frozen=True)
class Fact:
    """A row of the export; the fields are its columns."""

    learner: int
    kind: str
    about: str
    number: int = 0
    outcome: str = ""
    mistake: str = ""
    worked: int | None = None
    since_begin: int | None = None


if tuple(COLUMNS) != tuple(each.name for each in fields(Fact)):
    raise TypeError("each column is a field of a fact")


def numbers_for(learners: Iterable[str], chance: random.Random) -> Mapping[str, int]:
    """Draw a random number for each learner; only this mapping says which learner has which."""
    keys = sorted(learners)
    return dict(zip(keys, chance.sample(range(1, MAX_NUMBER + 1), len(keys)), strict=True))


def facts_of(
    number: int, documents: Mapping[DocumentKey, Any], dataset: Callable[[], Dataset] | None = None
) -> tuple[Fact, ...]:
    """Return the rows of one learner from their documents.

    `dataset` returns their log files, which decide whether a predicted number is right; by default they are made from
    the learner's identity. It is called only if there is such a prediction, because making log files takes a moment.
    """
    histories = {
        key: known
        for (kind, key), value in documents.items()
        if kind == HISTORY and key in STEPS and (known := read_history(value))
    }
    begin = min((event.at for known in histories.values() for event in known.events), default=0.0)
    steps = [
        fact
        for step_id in STEPS
        if step_id in histories
        for fact in _of_step(number, step_id, histories[step_id], begin)
    ]
    files = dataset or (lambda: read_identity(documents.get((IDENTITY, ""))).dataset)
    return (*steps, *_predicted(number, documents, files))


def _of_step(number: int, step_id: str, known: StepHistory, begin: float) -> Iterator[Fact]:
    attempts = [event for event in known.events if event.kind == "attempt"]
    # Of very many events only the newest are kept, so the first one here may not be attempt 1.
    count = max(known.attempts, len(attempts)) - len(attempts)
    for event in known.events:
        count += event.kind == "attempt"
        yield Fact(
            number,
            event.kind,
            step_id,
            _bounded(count if event.kind == "attempt" else event.hint if event.kind == "hint" else 0),
            # Another version of the lab may have written outcomes and mistakes that this one does not know.
            event.outcome if event.outcome in OUTCOMES else "",
            event.mistake if event.mistake in TITLES else "",
            _bounded(event.worked),
            _bounded(event.at - begin),
        )


def _bounded(number: float) -> int:
    return round(min(max(0, number), MAX_SECONDS))


def _predicted(number: int, documents: Mapping[DocumentKey, Any], dataset: Callable[[], Dataset]) -> Iterator[Fact]:
    for prediction in PREDICTIONS.values():
        text = read_text(documents.get((PREDICTION, prediction.id)))
        if text is not None:
            yield Fact(number, "prediction", prediction.id, outcome=_came(prediction, text, dataset))


def _came(prediction: Prediction, text: str, dataset: Callable[[], Dataset]) -> str:
    if text == SKIPPED:
        return "skipped"
    if prediction.number is None:
        return "right" if text == prediction.right else "wrong"
    return "right" if prediction.is_right(text, dataset()) else "wrong"


def facts_of_votes(votes: Iterable[tuple[str, int, str, int]]) -> tuple[Fact, ...]:
    """Return the rows of votes. Each vote is the id of its question, the round, the outcome, and how many voted so.

    Votes are secret, so these are rows of the whole class, with the number CLASS.
    """
    return tuple(Fact(CLASS, "vote", f"{question}-{turn}", count, outcome) for question, turn, outcome, count in votes)


def ordered(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """Return the rows sorted by their random numbers, so the order tells nothing; rows of one learner keep theirs."""
    return tuple(sorted(facts, key=lambda fact: fact.learner))


def learners_in(facts: Sequence[Fact]) -> int:
    """Return how many learners have a row."""
    return len({fact.learner for fact in facts} - {CLASS})
