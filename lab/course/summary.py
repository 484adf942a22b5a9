"""What a class misunderstands: statistics of its steps, mistakes and predictions, from the rows of an export."""

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from lab.course.export import CLASS, Fact
from lab.judge.feedback import PASSED
from lab.lesson.steps import EXERCISES

_ORDER: Final = {step.id: place for place, step in enumerate(EXERCISES)}


@dataclass(frozen=True)
class StepSummary:
    """How a step went: how many learners tried it, passed it, and passed it at the first attempt; what they needed.

    `attempts` is the median number of attempts of those who tried it, `median` that of seconds of the `timed` learners;
    each is None without any. `hints` and `solutions` count the learners that looked at one.
    """

    step_id: str
    tried: int
    passed: int
    at_first: int
    attempts: float | None
    hints: int
    solutions: int
    median: float | None
    timed: int


@dataclass(frozen=True)
class MistakeSummary:
    """A mistake that was made in a step: by how many learners, and in how many attempts."""

    step_id: str
    mistake: str
    learners: int
    attempts: int


@dataclass(frozen=True)
class QuestionSummary:
    """The results of a prediction or a vote: how many were right, were wrong, and skipped it."""

    kind: str
    question: str
    right: int
    wrong: int
    skipped: int


@dataclass(frozen=True)
class Summary:
    """A course: how many learners did something, and how the steps, the mistakes and the questions went."""

    learners: int
    steps: tuple[StepSummary, ...]
    mistakes: tuple[MistakeSummary, ...]
    questions: tuple[QuestionSummary, ...]


def summary(facts: Sequence[Fact]) -> Summary:
    """Summarise the rows of an export. Mistakes are in the order of the steps, then those of most learners first."""
    by_step: dict[str, list[Fact]] = defaultdict(list)
    by_learner: dict[int, list[Fact]] = defaultdict(list)
    for fact in facts:
        if fact.learner != CLASS:
            by_learner[fact.learner].append(fact)
        if fact.about in _ORDER and fact.learner != CLASS:
            by_step[fact.about].append(fact)
    took: dict[str, list[int]] = defaultdict(list)
    for own in by_learner.values():
        for step_id, seconds in _durations(own).items():
            took[step_id].append(seconds)
    return Summary(
        len(by_learner),
        tuple(_step(step_id, by_step.get(step_id, ()), took.get(step_id, ())) for step_id in _ORDER),
        tuple(mistake for step_id in _ORDER for mistake in _mistakes(step_id, by_step.get(step_id, ()))),
        tuple(_questions(facts)),
    )


def _step(step_id: str, facts: Iterable[Fact], took: Sequence[int]) -> StepSummary:
    tries: Counter[int] = Counter()
    solved: set[int] = set()
    first: set[int] = set()
    hints: set[int] = set()
    solutions: set[int] = set()
    for fact in facts:
        if fact.kind == "hint":
            hints.add(fact.learner)
        elif fact.kind == "solution":
            solutions.add(fact.learner)
        elif fact.kind == "attempt":
            tries[fact.learner] = max(tries[fact.learner], fact.number)
            if fact.outcome in PASSED:
                solved.add(fact.learner)
                # A first attempt after a hint or the solution does not count as right at first.
                if fact.number == 1 and fact.learner not in hints | solutions:
                    first.add(fact.learner)
    return StepSummary(
        step_id,
        len(tries),
        len(solved),
        len(first),
        statistics.median(tries.values()) if tries else None,
        len(hints),
        len(solutions),
        statistics.median(took) if took else None,
        len(took),
    )


def _durations(own: Iterable[Fact]) -> Mapping[str, int]:
    """Return how many seconds a learner worked on each step that they passed, since the previous one that they passed.

    A step whose solution they saw before they passed it has no time of its own; the time of the next step starts there.
    """
    passed: dict[str, int] = {}
    shown: set[str] = set()
    for fact in own:
        if fact.kind == "solution" and fact.about not in passed:
            shown.add(fact.about)
        elif fact.kind == "attempt" and fact.outcome in PASSED and fact.worked is not None and fact.about in _ORDER:
            passed.setdefault(fact.about, fact.worked)
    found: dict[str, int] = {}
    before = 0
    for step_id, worked in sorted(passed.items(), key=lambda item: (item[1], _ORDER[item[0]])):
        if step_id not in shown:
            found[step_id] = worked - before
        before = worked
    return found


def _mistakes(step_id: str, facts: Iterable[Fact]) -> list[MistakeSummary]:
    who: dict[str, list[int]] = defaultdict(list)
    for fact in facts:
        if fact.kind == "attempt" and fact.mistake:
            who[fact.mistake].append(fact.learner)
    found = [MistakeSummary(step_id, mistake, len(set(each)), len(each)) for mistake, each in who.items()]
    return sorted(found, key=lambda each: (-each.learners, -each.attempts, each.mistake))


def _questions(facts: Iterable[Fact]) -> Iterable[QuestionSummary]:
    found: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for fact in facts:
        if fact.kind in {"prediction", "vote"}:
            found[fact.kind, fact.about][fact.outcome] += fact.number if fact.kind == "vote" else 1
    for (kind, question), counts in sorted(found.items()):
        yield QuestionSummary(kind, question, counts["right"], counts["wrong"], counts["skipped"])
