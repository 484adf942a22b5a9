"""Classes of learners in a store, written as their pages write them."""

import time

from clocks import Clock

from lab.judge.feedback import Feedback
from lab.learner.identity import Identity
from lab.learner.progress import Progress
from lab.lesson.steps import EXERCISES

WRONG = Feedback("wrong", "It has `timestamp` as a date.", mistake="schema-date")
RIGHT = Feedback("passed", "Right.")


class Now(Clock):
    """A clock that starts at the current time, since the store takes the time of its database."""

    def __init__(self):
        self.now = time.time()


def learner_id(number):
    return f"{number:032x}"


def come(store, number, clock, name="", class_code=""):
    """Store a learner who has entered a name; return their progress."""
    progress = Progress(store, learner_id(number), clock)
    progress.introduce(Identity(name or f"Learner {number}", class_code))
    return progress


def attempt(progress, step, feedback, text="logSchema = 3"):
    """Store an attempt, as a checked cell does."""
    progress.write(step, text)
    answer = progress.answer(step)
    progress.keep_answer(
        step, checked=text, feedback=feedback, how=answer.how or (answer.help if feedback.has_passed else "")
    )
    progress.history.attempted(step, feedback)


def fill(store, clock, number=30):
    """Store a class in the middle of the lab: each learner has solved some steps, after a few tries."""
    class_ = [come(store, each, clock) for each in range(number)]
    for each, progress in enumerate(class_):
        for step in EXERCISES[: each % len(EXERCISES)]:
            clock.wait(20)
            for _ in range(each % 4):
                attempt(progress, step, WRONG)
            attempt(progress, step, RIGHT, step.code)
    return class_
