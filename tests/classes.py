"""Classes of learners in a store, as their pages write them."""

import time

from clocks import Clock

from lab.judge.feedback import Feedback
from lab.learner.identity import Identity
from lab.learner.progress import Progress
from lab.lesson.steps import EXERCISES

WRONG = Feedback("wrong", "It has `timestamp` as a date.", mistake="schema-date")
RIGHT = Feedback("passed", "Right.")


class Now(Clock):
    """A clock that begins now: the store has the time of its database."""

    def __init__(self):
        self.now = time.time()


def learner_id(number):
    return f"{number:032x}"


def come(store, number, clock, name="", class_code=""):
    """Somebody says who they are."""
    progress = Progress(store, learner_id(number), clock)
    progress.introduce(Identity(name or f"Learner {number}", class_code))
    return progress


def attempt(progress, step, feedback, text="logSchema = 3"):
    """As a learner's cell that was checked."""
    progress.write(step, text)
    answer = progress.answer(step)
    progress.keep_answer(
        step, checked=text, feedback=feedback, how=answer.how or (answer.help if feedback.has_passed else "")
    )
    progress.history.attempted(step, feedback)


def fill(store, clock, number=30):
    """A class that is in the middle of the lab: each is some steps far, with a few tries and hints on the way."""
    class_ = [come(store, each, clock) for each in range(number)]
    for each, progress in enumerate(class_):
        for step in EXERCISES[: each % len(EXERCISES)]:
            clock.wait(20)
            for _ in range(each % 4):
                attempt(progress, step, WRONG)
            attempt(progress, step, RIGHT, step.code)
    return class_
