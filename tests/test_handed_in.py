"""What real courses hand in: answers and notebooks, with the verdict that a fair teacher gives."""

import json
from pathlib import Path

import pytest

from lab.handin.grader.batch import grade_all
from lab.handin.grader.walk import arrivals_in
from lab.judge.feedback import PASSED
from lab.learner.trial import try_answer
from lab.lesson.steps import STEPS

HERE = Path(__file__).parent
# "passed" and "not passed" are fair verdicts, tried with plain PySpark. A function of one's own in a Python worker has power
# over the server: it is right, and not performed.
ANSWERS = json.loads((HERE / "handed_answers.json").read_text(encoding="utf-8"))
OUTCOMES = {"passed": PASSED, "not passed": {"wrong", "error"}, "not performed": {"not performed"}}
# The points of the four results, None where somebody has to look.
NOTEBOOKS = {
    "lab8-A01 handout as it is.ipynb": [25, 25, 25, 25],
    "lab8-A02 bucket positional.ipynb": [25, 25, 25, 25],
    "lab8-A07 own function around the helper.ipynb": [25, 25, 25, 25],
    "lab8-B01 variables renamed.ipynb": [25, 25, 25, 25],
    "lab8-B07 session in the answer's cell.ipynb": [25, 25, 25, 25],
    # Its count is of the SEV2 records alone, and so are its time units.
    "lab8-B13 columns made with withColumn.ipynb": [0, 0, 25, 25],
    # Nothing after that cell is ever run.
    "lab8-C07 awaitTermination for ever.ipynb": [0, 0, 0, 0],
    "lab8-C08 try except.ipynb": [25, 25, 25, 25],
    "lab8-C11 trigger of a minute.ipynb": [25, 25, 25, 25],
    "lab8-C15 option queryName.ipynb": [25, 25, 25, 25],
    # It writes a file by pandas, which the lab does not perform.
    "lab8-D08 pandas in the batch.ipynb": [25, 25, None, None],
    "lab8-ids-with-minor-2.ipynb": [25, 25, 25, 25],
    "lab8-missing-outputs.ipynb": [25, 25, 25, 25],
    "lab8-utf16.ipynb": [25, 25, 25, 25],
}


@pytest.mark.slow
@pytest.mark.parametrize("answer", ANSWERS, ids=[answer["id"] for answer in ANSWERS])
def test_an_answer_gets_its_fair_verdict(classroom, answer):
    engine = classroom.engine
    _, feedback = try_answer(STEPS[answer["step"]], answer["code"], engine.root, engine.run_folder, "")
    assert feedback.outcome in OUTCOMES[answer["expected"]], feedback


@pytest.mark.slow
@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_gets_its_fair_points(runs, name):
    (graded,) = grade_all(arrivals_in([HERE / "handed_in" / name]).found, runs)
    assert [result.points if result.graded else None for result in graded.results] == NOTEBOOKS[name], graded


def test_every_notebook_that_was_handed_in_has_its_fair_points():
    assert {path.name for path in (HERE / "handed_in").glob("*.ipynb")} == set(NOTEBOOKS)
