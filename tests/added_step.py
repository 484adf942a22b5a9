"""Checks for a step that was added as CONTRIBUTING.md says; test_steps.py runs this file in a copy of the lab."""

from notebooks import ALL, changed, index_of, notebook, points
from paging import fields, learner_of, open_page, press, words, write_text

from lab.dataset import SHIPPED
from lab.handin.outline import Content, outline
from lab.handin.preflight import preflight
from lab.learner.retrospective import Retrospective
from lab.learner.trial import try_answer
from lab.lesson.steps import STEPS
from lab.ui.editor import COMPLETIONS

STEP = STEPS["sev1"]


def test_it_is_on_its_page_and_checked_there(app):
    open_page(app, "sev0_log")
    assert fields(app)["code-sev1"] == STEP.starter
    learner_of(app).prepare(STEP)
    write_text(app, "code-sev1", STEP.code)
    press(app, "run-sev1")
    assert STEP.passed in words(app.success)


def test_it_is_checked(classroom):
    engine = classroom.engine

    def said(text):
        return try_answer(STEP, text, engine.root, engine.run_folder)[1]

    assert said(STEP.code).message == STEP.passed
    wrong = said(STEP.code.replace("severity = 1", "severity = 2"))
    assert (wrong.outcome, wrong.message) == ("wrong", "On a log of our own, `sev1` has 14 rows, expected 4.")
    # Mistakes that are possible in any step are recognised in the new step, too.
    assert said(STEP.code + "\nsev1.show()").mistake == "action-on-stream"


def test_it_is_in_the_notebook():
    cells = [cell.id for cell in outline(Content(SHIPPED))]
    at = cells.index("sev1")
    assert cells[at - 3 : at + 1] == ["task-sev0-query", "sev0-query", "task-sev1", "sev1"]
    assert cells.count("sev1") == 1


def test_it_is_in_the_list_before_handing_in_and_offered_by_the_editor():
    (steps,) = (item for item in preflight(Content(SHIPPED), None, Retrospective()) if item.id == "steps")
    assert any(detail.startswith(STEP.title) for detail in steps.details)
    assert ("sev1", "lab") in COMPLETIONS


def test_it_is_graded(graded):
    assert points(graded(notebook())) == ALL
    made = notebook(changed("sev1", "streamingLogData", "streamingData"))
    (note,) = graded(made).notes
    number = len([cell for cell in made.cells[: index_of(made, "sev1") + 1] if cell.cell_type == "code"])
    assert note.startswith(f"Code cell {number} (sev1) failed: 'streamingData' is not defined yet.")
