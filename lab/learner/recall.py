"""Recall questions, days later, from the mistakes that a learner made, to refresh the memory. They are never graded."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

from lab.judge.mistake import Mistake
from lab.learner.history import History
from lab.lesson.mistakes import MISTAKES
from lab.lesson.steps import EXERCISES, Step

MAX_QUESTIONS: Final = 6
CHOICES: Final = 3
# The questions come when a learner begins to forget.
PAUSE_SECONDS: Final = 2 * 24 * 60 * 60


@dataclass(frozen=True)
class Question:
    """An answer to a step that makes a mistake, and a choice of titles of mistakes; `right` is the right title.

    `told` is the message of the check when the learner made this mistake in this step; empty if they never did.
    """

    step: Step
    code: str
    choices: tuple[str, ...]
    right: str
    told: str = ""


def is_due(history: History, recalled_at: float, now: float) -> bool:
    """Return whether there are mistakes to ask about, and the last event and the last recall were PAUSE_SECONDS ago.

    `recalled_at` and `now` are in seconds since 1970.
    """
    acts = [event.at for step in EXERCISES for event in history.of(step).events]
    return bool(acts) and min(now - max(acts), now - recalled_at) >= PAUSE_SECONDS and bool(_met(history))


def questions(history: History, seed: str) -> tuple[Question, ...]:
    """Return the questions: first on the learner's own mistakes, newest first, then on others in the steps they tried.

    The same `seed` makes the same questions.
    """
    chance = random.Random(seed)
    met = _met(history)
    steps = {step.id: step for step in EXERCISES}
    tried = [step for step in EXERCISES if history.of(step).attempts]
    others = [(step.id, mistake.id) for step in tried for mistake in _made_in(step) if (step.id, mistake.id) not in met]
    chance.shuffle(others)
    asked = [*met, *others][:MAX_QUESTIONS]
    return tuple(
        _question(steps[step_id], mistake_id, met.get((step_id, mistake_id), ""), chance)
        for step_id, mistake_id in asked
    )


def _met(history: History) -> Mapping[tuple[str, str], str]:
    """Return the newest message for each pair of step and mistake, newest first."""
    events = [
        (event.at, step, event)
        for step in EXERCISES
        for event in history.of(step).events
        if any(event.mistake == mistake.id for mistake in _made_in(step))
    ]
    events.sort(key=lambda known: -known[0])
    met: dict[tuple[str, str], str] = {}
    for _, step, event in events:
        met.setdefault((step.id, event.mistake), event.message)
    return met


# Cached, because the page Start calls it at each drawing, for every event of a learner.
@cache
def _made_in(step: Step) -> tuple[Mistake, ...]:
    """Return the mistakes with a program for the step that needs no cell before it."""
    return tuple(mistake for mistake in MISTAKES if _codes(mistake, step))


def _codes(mistake: Mistake, step: Step) -> tuple[str, ...]:
    return tuple(program.text for program in mistake.programs if program.step_id == step.id and not program.before)


def _question(step: Step, mistake_id: str, told: str, chance: random.Random) -> Question:
    known = _made_in(step)
    mistake = next(each for each in known if each.id == mistake_id)
    wrong = [each.title for each in known if each.title != mistake.title]
    choices = [mistake.title, *chance.sample(wrong, min(CHOICES - 1, len(wrong)))]
    chance.shuffle(choices)
    return Question(step, chance.choice(_codes(mistake, step)), tuple(choices), mistake.title, told)
