"""The steps before handing in: the desk, the list of what a grader will see, and the page."""

import gc
import threading
import time
import weakref
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from nbformat import v4
from paging import learner_of, open_page, press, words
from py4j.protocol import Py4JNetworkError

from lab.bucket.folder import FolderBucket
from lab.dataset import SHIPPED
from lab.engine.cooldown import Cooldown
from lab.errors import LabError
from lab.handin.desk import Desk, Made, State, _Job, desk_of
from lab.handin.grader.grade import grade
from lab.handin.grader.grading import Grade, ResultGrade, not_graded
from lab.handin.grader.submission import parse_submission
from lab.handin.grader.verdicts import expected
from lab.handin.notebook import to_bytes, to_notebook
from lab.handin.outline import Content
from lab.handin.preflight import preflight
from lab.judge.handout import HandoutWorkspace
from lab.learner.examine import not_attempted
from lab.learner.identity import Identity
from lab.learner.learner import Learner
from lab.learner.progress import Progress
from lab.learner.retrospective import Retrospective
from lab.lesson.results import GROUPS
from lab.lesson.steps import EXERCISES, STEPS
from lab.store import Store

SOLUTIONS = {step.id: step.code for step in EXERCISES}
RESULTS = {group.id: expected(group, SHIPPED) for group in GROUPS}
WHOLE = Content(SHIPPED, "Zoë", SOLUTIONS, RESULTS, frozenset(SOLUTIONS))
FULL = Grade("a", "Zoë", "shipped", tuple(ResultGrade(group.id, 25, "Right.") for group in GROUPS))
WRITTEN = Retrospective("Zoë", "1 h", "much", "more")


def made_of(content, grade=FULL, running=0, notebook=None):
    return Made(content, notebook or to_notebook(content), running, grade, "5 min", datetime.now(UTC))


def of(items, item_id):
    return next(item for item in items if item.id == item_id)


# --- the list


def test_all_is_right_when_all_is_right():
    assert {item.status for item in preflight(WHOLE, made_of(WHOLE), WRITTEN)} == {"right"}
    assert not any(item.advice for item in preflight(WHOLE, made_of(WHOLE), WRITTEN))


def test_before_it_is_executed_it_is_open_what_only_that_can_tell():
    items = preflight(WHOLE, None, WRITTEN)
    assert {item.id for item in items if item.status == "open"} == {"executed", "errors", "stopped", "right"}
    assert all(item.advice for item in items if item.status == "open")


def test_what_was_executed_and_changed_since_counts_no_longer():
    changed = replace(WHOLE, results=RESULTS | {"log-first": "s1 1"})
    items = preflight(changed, made_of(WHOLE), WRITTEN)
    assert of(items, "executed").status == "wrong"
    assert "changed something" in of(items, "executed").advice
    assert of(items, "right").status == "open"


def test_each_thing_that_is_wrong_is_named():
    answers = SOLUTIONS | {"stop": "", "sev0": "sev0 = streamingLogData.??", "schema": "logSchema = 1"}
    content = Content(
        SHIPPED, " ", answers, {"volume-first": "s1 1"}, frozenset(SOLUTIONS) - {"stop", "sev0", "schema"}
    )
    notebook = to_notebook(content)
    for cell in notebook.cells:
        if cell.id in {"volume-show-first", "log-deliver-first"}:
            cell.outputs = [v4.new_output("error", ename="Refused", evalue="No.\nNo!", traceback=[])]
    results = tuple(ResultGrade(group.id, 0, "Only typed in.") for group in GROUPS)
    made = made_of(content, replace(FULL, results=results), 2, notebook)
    items = preflight(content, made, Retrospective("", "1 h", "a \U00010380", ""))
    assert {item.id for item in items if item.status == "wrong"} == {
        "name", "steps", "errors", "stopped", "results", "right", "retrospective",
    }  # fmt: skip
    assert of(items, "steps").details == (
        "Declare the schema",
        "Define the log (?? still stands in it)",
        "Stop all streams (empty)",
    )
    assert of(items, "errors").advice.startswith("Read the table with SQL: Refused, No (and 1 more).")
    assert "2 are running" in of(items, "stopped").advice
    assert "3 · SEV0 log after the first pair" in of(items, "results").advice
    assert of(items, "right").details[0] == f"{GROUPS[0].title}: 0 of 25 points. Only typed in."
    assert of(items, "retrospective").advice.startswith("Empty: Your name, Takeaways.")
    assert "\U00010380" in of(items, "retrospective").advice


@pytest.mark.parametrize(
    ("step", "text", "detail"),
    [
        ("sev0", "# what do ?? stand for\nsev0 = 1", "Define the log"),
        ("sev0", "sev0 = spark.sql('SELECT 1 -- ??')", "Define the log"),
        ("sev0", "sev0 = 1 # ?\nsev0 = ??", "Define the log (?? still stands in it)"),
        ("volume-show", STEPS["volume-show"].starter, "Read the table with SQL (?? still stands in it)"),
    ],
)
def test_a_blank_is_one_where_the_page_says_so_too(step, text, detail):
    content = Content(SHIPPED, "Zoë", SOLUTIONS | {step: text}, RESULTS, frozenset(SOLUTIONS) - {step})
    assert of(preflight(content, None, WRITTEN), "steps").details == (detail,)
    assert bool(not_attempted(STEPS[step], text)) == ("still stands" in detail)


def test_what_could_not_be_graded_says_why():
    made = made_of(WHOLE, not_graded("a", "Spark ended 2 times."))
    assert of(preflight(WHOLE, made, WRITTEN), "right").advice == "Spark ended 2 times."
    assert of(preflight(WHOLE, made_of(WHOLE, running=-1), WRITTEN), "stopped").status == "wrong"


# --- the desk


def solve_everything(learner, dataset):
    for step in EXERCISES:
        learner.progress.keep_answer(step, text=step.code, checked=step.code, passed=step.code, how="solved")
    for group in GROUPS:
        learner.progress.write_result(group.id, expected(group, dataset))


def wait_until(condition, seconds=600):
    """Wait until the condition holds; poll as the page does, which is not notified either."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture
def another(classroom):
    learner = classroom.enter("f" * 32)
    yield learner
    learner.close()


@pytest.mark.slow
def test_notebooks_are_executed_one_after_the_other_and_graded(learner, another, classroom):
    learner.introduce(Identity("Zoë", "spring"))
    solve_everything(learner, learner.workspace.dataset)
    desk, waiting = desk_of(learner, classroom.engine), desk_of(another, classroom.engine)
    assert desk_of(learner, classroom.engine) is desk
    desk.begin()
    wait_until(lambda: desk.state.progress.total)
    waiting.begin()
    wait_until(lambda: "1 ahead of you" in waiting.state.progress.words)
    # A second press does not start over; a learner who leaves the line is no longer waited for.
    desk.begin()
    another.close()
    wait_until(lambda: waiting.state.progress is None)
    assert waiting.state.made is None
    assert waiting.state.error is None

    wait_until(lambda: desk.state.progress is None)
    made = desk.state.made
    assert (made.running, made.grade.points, made.grade.notes) == (0, 100, ())
    assert made.grade.seed == learner.workspace.dataset.seed != SHIPPED.seed
    assert made.content == desk.content
    assert "probe" not in [cell.id for cell in made.notebook.cells]
    # The earlier result stays when the next execution is cancelled.
    desk.begin()
    desk.cancel()
    wait_until(lambda: desk.state.progress is None)
    assert desk.state.made is made
    wait_until(lambda: not list(classroom.engine.run_folder.glob("notebook-*")))


def test_what_fails_is_told_and_can_be_tried_again(learner, classroom, monkeypatch):
    desk = Desk(learner, classroom.engine)
    monkeypatch.setattr("lab.handin.desk.Execution", lambda *_: 1 / 0)
    desk.begin()
    wait_until(lambda: desk.state.progress is None)
    assert str(desk.state.error).startswith("The notebook could not be executed (ZeroDivisionError).")


class _Held:
    """A stand-in for an execution that goes on until the test lets it go, like one that is being graded."""

    def __init__(self):
        self.begun, self.go = threading.Event(), threading.Event()

    def __call__(self, *_):
        return self

    def cancel(self):
        pass

    def run(self, *_):
        self.begun.set()
        assert self.go.wait(60)
        raise LabError("It has failed.", "")


@pytest.fixture
def held(monkeypatch):
    held = _Held()
    monkeypatch.setattr("lab.handin.desk.Execution", held)
    yield held
    held.go.set()


def test_who_cancels_need_not_wait_and_hears_no_more_of_it(learner, classroom, held):
    desk = Desk(learner, classroom.engine)
    desk.begin()
    assert held.begun.wait(60)
    desk.cancel()
    assert desk.state == State()
    # The next one waits for the turn that the first one still holds.
    desk.begin()
    wait_until(lambda: "1 ahead of you" in desk.state.progress.words)
    desk.cancel()
    held.go.set()
    wait_until(lambda: not any(thread.name == "hand-in" for thread in threading.enumerate()))
    assert desk.state == State()


@pytest.mark.parametrize("way", ["killed", "stopped"])
def test_a_server_that_was_restarted_meanwhile_says_so_until_it_is_executed_again(learner, classroom, held, way):
    desk = Desk(learner, classroom.engine)
    assert desk.state == State()
    desk.begin()
    assert held.begun.wait(60)
    if way == "stopped":
        desk.clear()
    # As after a restart of the server.
    learner.progress = Progress(Store(), learner.id)
    following = Desk(learner, classroom.engine)
    assert "was being executed when the lab was restarted" in str(following.state.error)
    assert following.state.progress is None
    following.begin()
    assert following.state.error is None
    following.cancel()
    held.go.set()
    wait_until(lambda: not any(thread.name == "hand-in" for thread in threading.enumerate()))
    assert Desk(learner, classroom.engine).state == State()
    assert Progress(Store(), learner.id).executes is False


def test_what_was_made_is_forgotten_with_the_rest_and_not_by_starting_over(learner, classroom, held):
    desk = desk_of(learner, classroom.engine)
    desk._state = State(made=made_of(desk.content))
    learner.start_over()
    assert desk.state.made
    desk.begin()
    assert held.begun.wait(60)
    learner.start_over(forget=True)
    assert desk.state == State()


def test_a_learner_who_has_left_is_not_kept_by_their_desk(classroom, tmp_path, store_url):
    learner = Learner(
        "e" * 32,
        HandoutWorkspace(FolderBucket(tmp_path), SHIPPED),
        classroom.engine,
        Progress(Store(store_url), "e" * 32),
    )
    desk_of(learner, classroom.engine)
    gone = weakref.ref(learner)
    del learner
    gc.collect()
    assert gone() is None


def test_that_spark_has_ended_is_not_the_notebooks_fault(app, classroom, monkeypatch):
    def end(*_):
        raise Py4JNetworkError("Answer from Java side is empty")

    monkeypatch.setattr("lab.handin.grader.run_again.run_again", end)
    job = _Job(WHOLE, "", classroom.engine, Cooldown())
    graded = grade(parse_submission("a.ipynb", to_bytes(to_notebook(WHOLE))), SHIPPED, job._run_again)
    assert graded.error.startswith("Spark has stopped")
    open_page(app, "start")
    desk = desk_of(learner_of(app), classroom.engine)
    desk._state = State(made=made_of(desk.content, graded))
    open_page(app, "hand_in")
    assert "It could not be graded." in words(app.caption)
    assert graded.error in words(app.markdown)


# --- the page


def test_the_page_lists_what_is_missing_and_offers_the_empty_lab(app):
    open_page(app, "hand_in")
    shown = words(app.markdown)
    assert "0 of 8 are right" in words(app.subheader)
    assert "Declare the schema (?? still stands in it)" in shown
    assert "Then you can download the two files here" in shown
    (button,) = app.get("download_button")
    assert button.label == "Download the empty lab"
    # The page may be redrawn during a press, so the pressed address must stay valid.
    assert button.proto.url
    app.run()
    assert app.get("download_button")[0].proto.url == button.proto.url


def test_solutions_that_stood_in_are_offered_for_the_notebook(app):
    open_page(app, "hand_in")
    assert "take-solutions" not in [button.key for button in app.button]
    learner = learner_of(app)
    learner.prepare(STEPS["read-stream"])
    app.run()
    assert "You went on with the lab's solution of *Declare the schema*" in words(app.markdown)
    press(app, "take-solutions")
    assert learner.progress.answer(STEPS["schema"]).text == STEPS["schema"].code
    assert "take-solutions" not in [button.key for button in app.button]
    assert "Declare the schema (?? still stands in it)" not in words(app.markdown)


def test_what_a_learner_writes_is_text_on_the_page_not_markdown(app, classroom):
    app.run()
    learner = learner_of(app)
    learner.progress.introduce(Identity("![x](http://example.org/x.png)"))
    desk = desk_of(learner, classroom.engine)
    reason = "The code gives ![y](http://example.org/y.png)"
    grade = replace(FULL, results=tuple(ResultGrade(group.id, 0, reason) for group in GROUPS))
    desk._state = replace(desk._state, made=made_of(desk.content, grade))
    open_page(app, "hand_in")
    shown = "".join(str(element.value) for element in (*app.markdown, *app.caption))
    assert "example" in shown
    assert "![" not in shown
    labels = [button.label.replace("\\", "") for button in app.get("download_button")]
    assert labels[:2] == ["Download lab8-x-http-example.org-x.png.ipynb", "Download retrospective.pdf"]
