"""The smallest log on which an answer is wrong, delivered to the learner's own query."""

from itertools import count

from lab.bucket import LOG_DATA, LOG_DATA_LIVE, files_in
from lab.bucket.quota import require_room
from lab.lesson.feedback import Feedback
from lab.lesson.learner import Learner
from lab.lesson.steps import STEPS, Step
from lab.ui.press import button
from lab.ui.session import act


def offer_delivery(learner: Learner, step: Step, feedback: Feedback) -> None:
    """Offer to deliver the example of a feedback, as a file of its own, while a query that reads the live folder runs."""
    running = any(learner.runs.is_running(known) for known in STEPS.values() if known.streams)
    if not feedback.log or not running:
        return
    if button("Deliver these to my query", key=f"deliver-example-{step.id}", icon=":material/move_to_inbox:"):
        act(lambda: _deliver(learner, feedback.log), "Delivering …", "The log is delivered.")


def _deliver(learner: Learner, log: str) -> None:
    bucket, content = learner.workspace.bucket, f"{log}\n".encode()
    there = {entry.name for folder in (LOG_DATA, LOG_DATA_LIVE) for entry in files_in(bucket, folder)}
    name = next(name for number in count(1) if (name := f"example{number}.csv") not in there)
    require_room(bucket, 1, len(content))
    bucket.write(LOG_DATA + name, content)
    learner.deliver((name,))
