"""The smallest log on which an answer is wrong, delivered to the learner's own query."""

from collections.abc import Sequence
from itertools import count

from lab.bucket import LOG_DATA, LOG_DATA_LIVE, files_in
from lab.bucket.quota import require_room
from lab.judge.feedback import Feedback
from lab.learner.learner import Learner
from lab.lesson.steps import STEPS, Step
from lab.ui.press import button
from lab.ui.session import act


def offer_delivery(learner: Learner, step: Step, feedback: Feedback) -> None:
    """Offer to deliver the example of a feedback, in files of its own, while a query that reads the live folder runs."""
    running = any(learner.runs.is_running(known) for known in STEPS.values() if known.streams)
    if not feedback.log or not running:
        return
    if button("Deliver these to my query", key=f"deliver-example-{step.id}", icon=":material/move_to_inbox:"):
        act(lambda: _deliver(learner, feedback.deliveries), "Delivering …", "The log is delivered.")


def _deliver(learner: Learner, deliveries: Sequence[str]) -> None:
    bucket, names = learner.workspace.bucket, []
    there = {entry.name for folder in (LOG_DATA, LOG_DATA_LIVE) for entry in files_in(bucket, folder)}
    free = (name for number in count(1) if (name := f"example{number}.csv") not in there)
    contents = [f"{log}\n".encode() for log in deliveries]
    require_room(bucket, len(contents), sum(map(len, contents)))
    for name, content in zip(free, contents, strict=False):
        bucket.write(LOG_DATA + name, content)
        names.append(name)
    for name in names:
        learner.deliver((name,))
