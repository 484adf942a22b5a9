"""Days later: questions made from the mistakes that a learner met, to bring the lab back to mind. They are never graded."""

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
# What was learned is asked about once it begins to be forgotten.
PAUSE_SECONDS: Final = 2 * 24 * 60 * 60


@dataclass(frozen=True)
class Question:
    """An answer to a step that makes a mistake, and the titles of mistakes, of which one is right.

    `told` is what the check said when the learner made this mistake in this step; empty if they never did.
    """

    step: Step
    code: str
    choices: tuple[str, ...]
    right: str
    told: str = ""


def is_due(history: History, recalled_at: float, now: float) -> bool:
    """Return whether it is long since a learner did anything in a step and was asked, both in seconds since 1970."""
    acts = [event.at for step in EXERCISES for event in history.of(step).events]
    return bool(acts) and min(now - max(acts), now - recalled_at) >= PAUSE_SECONDS and bool(_met(history))


def questions(history: History, seed: str) -> tuple[Question, ...]:
    """Make the questions: first of the mistakes that were met, the newest first, then of others in the same steps.

    The same `seed` gives the same ones.
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
    """Return what a learner was told of each mistake in each step, by both, the newest first."""
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


# The page Start asks with each drawing, of every event of a learner.
@cache
def _made_in(step: Step) -> tuple[Mistake, ...]:
    """Return the mistakes of which the registry has a program for the step that stands alone."""
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
