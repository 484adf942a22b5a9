"""The lesson with the learner's bucket on S3: the same code, the same checks, the same pages."""

import pytest

from lab.lesson.results import GROUPS, seen
from lab.lesson.sev0_output import read_log_output
from lab.lesson.steps import EXERCISES, STEPS

pytestmark = pytest.mark.usefixtures("on_s3")

VOLUME, LOG = STEPS["volume-query"], STEPS["sev0-query"]


@pytest.fixture
def s3_learner(on_s3, learner):
    assert learner.workspace.names.get("s3_log_data_uri", "s3://").startswith("s3://")
    return learner


def test_both_parts_run_through_on_s3(s3_learner):
    s3_learner.run_everything()
    assert all(seen(group, s3_learner.runs.of_query(STEPS[group.step_id])) for group in GROUPS)
    rows = read_log_output(s3_learner.workspace.bucket).rows
    assert [(server, time) for _, server, time in rows][:3] == [("s1", 1), ("s1", 3), ("s2", 3)]


def test_every_solution_passes_on_s3(s3_learner):
    for step in EXERCISES:
        s3_learner.progress.write(step, step.code)
        s3_learner.submit(step)
        assert s3_learner.progress.answer(step).feedback.outcome == "passed", step.id
