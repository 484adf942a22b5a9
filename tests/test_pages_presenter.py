"""The presenter and the page that watches it, without a browser: keys as buttons, what is shown, and to whom."""
# ruff: noqa: F811 - a fixture is requested by its name

import json
import time

import pytest
from apptest import AppTest
from paging import learner_of, open_page, press, put, words
from test_pages_teacher import class_server, enter, teacher  # noqa: F401 - fixtures

from lab.course.showing import SILENT_SECONDS, Showing
from lab.course.shown import Shown
from lab.errors import LabError
from lab.lesson.steps import STEPS
from lab.stage.result_rows import ResultRows
from lab.ui.parts import parts
from lab.ui.teacher import access, class_board
from lab.ui.teacher import presenter as presenter_module
from lab.ui.teacher.presenter import BACK, DELIVER, EMPTY, KEYS, LIVE, NEXT, RUN, SOLUTION

SCHEMA, QUERY = STEPS["schema"], STEPS["volume-query"]
FIRST = next(iter(STEPS))
WRONG = "logSchema = 3"
RESULT = ResultRows("The report after batch 0", ("serverID", "avgVolume"), (("s1", "0.8"),))
SHOWN = Shown("schema", "logSchema = 'as the teacher has it'", verdict="Not so.", outcome="wrong")


def blocks(app):
    """Return the blocks of the slide, by kind."""
    found = [
        json.loads(each.proto.json) for each in app.get("bidi_component") if each.proto.component_name == "lab_slide"
    ]
    return {block["kind"]: block for part in found for block in part["blocks"]}


def facts(app):
    (found,) = (
        json.loads(each.proto.json) for each in app.get("bidi_component") if each.proto.component_name == "lab_stage"
    )
    return found["facts"]


@pytest.fixture
def present(app):
    """Return a function that opens the presenter at a step."""

    def opened(step_id=FIRST):
        app.run()
        app.switch_page("pages/presenter.py")
        app.query_params["step"] = step_id
        app.run()
        assert not app.exception
        return app

    return opened


@pytest.fixture
def showing(monkeypatch):
    """What is shown to a test class; `wait` sets its clock forward."""
    ahead = []
    made = Showing(lambda: parts().classroom.store, lambda: "the class of the board", lambda: time.time() + sum(ahead))
    made.wait = ahead.append
    monkeypatch.setattr(parts(), "showing", made)
    monkeypatch.setattr("lab.course.showing.FRESH_SECONDS", 0)
    monkeypatch.setattr("lab.course.showing.SAVE_SECONDS", 0)
    yield made
    parts().classroom.store.forget(made._id)


# --- the presenter


def test_the_steps_follow_one_another_and_end(present):
    app = present()
    seen = [blocks(app)["title"]["text"]]
    assert app.button(key=BACK).disabled
    while not app.button(key=NEXT).disabled:
        press(app, NEXT)
        seen.append(blocks(app)["title"]["text"])
    assert seen == [step.title for step in STEPS.values()]
    assert blocks(app)["about"]["text"] == f"SEV0 log · step {len(STEPS)} of {len(STEPS)}"
    press(app, BACK)
    assert blocks(app)["title"]["text"] == seen[-2]
    assert app.query_params["step"] in (list(STEPS)[-2], [list(STEPS)[-2]])


def test_what_is_in_the_address_and_is_no_step_is_the_first_one(present):
    assert blocks(present("<b>"))["title"]["text"] == SCHEMA.title


def test_it_shows_what_the_teacher_types_in_the_other_window_and_what_comes_of_it(present):
    app = present("schema")
    put(learner_of(app).texts, "code-schema", WRONG)
    app.run()
    assert blocks(app)["code"]["text"] == WRONG
    assert blocks(app)["verdict"]["text"] == ""
    press(app, RUN)
    shown = blocks(app)
    assert shown["verdict"]["outcome"] == "wrong"
    assert "expected a StructType" in shown["verdict"]["text"]
    put(learner_of(app).texts, "code-schema", SCHEMA.code)
    app.run()
    # The old verdict was about other code.
    assert blocks(app)["verdict"]["text"] == ""
    assert "another one ran" in blocks(app)["note"]["text"]
    press(app, RUN)
    assert blocks(app)["verdict"]["outcome"] == "passed"


def test_the_solution_is_there_while_it_is_switched_on_and_the_next_step_begins_without(present):
    app = present("schema")
    starter = blocks(app)["code"]["text"]
    assert starter == SCHEMA.starter
    press(app, SOLUTION)
    assert blocks(app)["code"]["text"] == SCHEMA.code
    assert blocks(app)["about"]["text"].endswith("the lab's solution")
    press(app, SOLUTION)
    assert blocks(app)["code"]["text"] == starter
    press(app, SOLUTION)
    press(app, NEXT)
    assert app.button(key=SOLUTION).disabled
    press(app, BACK)
    assert blocks(app)["code"]["text"] == starter


def test_a_lesson_by_keys_a_query_two_pairs_and_back_to_now(present):
    app = present("volume-query")
    press(app, SOLUTION)
    press(app, RUN)
    # The earlier steps ran with the solutions, as on a prepared page.
    assert facts(app)["Query"] == "running"
    assert "Ran first: Declare the schema" in words(app.toast)
    assert "Deliver t1 to t5 (d)" in app.button(key=DELIVER).label
    press(app, DELIVER)
    assert facts(app)["Rows in"] == "21"
    assert blocks(app)["table"]["columns"] == ["serverID", "avgVolume"]
    assert "Deliver t6 to t10 (d)" in app.button(key=DELIVER).label
    press(app, DELIVER)
    assert blocks(app)["table"]["columns"] == ["serverID", "avgVolume", "before"]
    assert app.button(key=DELIVER).disabled
    # The main window shows the same workspace.
    learner = learner_of(app)
    assert learner.runs.is_running(QUERY)
    app.session_state[f"moment-{QUERY.id}"] = (learner.runs.latest(QUERY).run_id, "start")
    app.run()
    assert "No batch yet" in blocks(app)["table"]["text"]
    press(app, LIVE)
    assert blocks(app)["table"]["columns"] == ["serverID", "avgVolume", "before"]
    press(app, EMPTY)
    assert app.button(key=EMPTY).disabled
    assert "Deliver t1 to t5 (d)" in app.button(key=DELIVER).label


@pytest.mark.slow
def test_a_query_that_runs_with_this_code_is_not_run_twice_and_other_code_takes_its_place(present):
    app = present("volume-query")
    learner = learner_of(app)
    put(learner.texts, "code-volume-query", QUERY.code)
    press(app.run(), RUN)
    first = learner.runs.latest(QUERY).run_id
    press(app, RUN)
    assert "already runs with this code" in words(app.toast)
    assert learner.runs.latest(QUERY).run_id == first
    put(learner.texts, "code-volume-query", f"{QUERY.code}\n# another")
    press(app.run(), RUN)
    assert learner.runs.latest(QUERY).run_id != first
    assert blocks(app)["verdict"]["outcome"] == "passed"


def test_files_that_lie_there_already_are_asked_about_before_a_query_starts(present):
    app = present("volume-query")
    learner = learner_of(app)
    learner.prepare(QUERY)
    learner.deliver(learner.workspace.dataset.files)
    press(app.run(), SOLUTION)
    press(app, RUN)
    press(app, "skipped-late-start")
    assert "LogDataLive already has 4 files" in words(app.warning)
    press(app, f"begin-empty-{QUERY.id}")
    assert facts(app)["Query"] == "running"
    assert app.button(key=EMPTY).disabled


def test_files_that_lie_there_are_asked_about_also_when_earlier_steps_run_first(present):
    app = present("volume-query")
    learner = learner_of(app)
    learner.deliver(learner.workspace.dataset.files)
    press(app.run(), SOLUTION)
    press(app, RUN)
    press(app, "skipped-late-start")
    assert "LogDataLive already has 4 files" in words(app.warning)
    press(app, f"begin-read-{QUERY.id}")
    assert facts(app)["Rows in"] == str(
        sum(len(file.records) for file in map(learner.workspace.dataset.log_file, learner.workspace.dataset.files))
    )


def test_a_demonstration_that_spark_refuses_is_shown_as_that(present):
    app = present("sev0-sorted")
    press(app, RUN)
    assert blocks(app)["verdict"]["outcome"] == "refused"


def test_a_bucket_that_is_away_is_a_sentence_and_the_slide_stays(present, monkeypatch):
    app = present("volume-query")

    def fail(*_):
        raise LabError("The bucket is away.", "Wait.")

    with monkeypatch.context() as patch:
        patch.setattr(presenter_module, "look", fail)
        patch.setattr(presenter_module, "files_in", fail)
        app.run()
    assert not app.exception
    assert "The bucket is away." in words(app.toast)
    assert blocks(app)["title"]["text"] == QUERY.title


def test_every_key_has_a_button(present):
    app = present()
    named = {each.key for each in app.button}
    assert set(KEYS.values()) - named == {presenter_module.HELP}
    assert not app.error


# --- to whom


def test_without_the_key_a_class_server_has_no_presenter(class_server, app):
    enter(app)
    app.run()
    with pytest.raises(ValueError, match="Could not find a navigation page"):
        app.switch_page("pages/presenter.py").run()
    page = AppTest.from_file("../pages/presenter.py", default_timeout=60).run()
    assert "This page is for the teacher" in words(page.info)
    assert not page.get("bidi_component")
    assert not page.button


def test_who_is_alone_has_nobody_who_watches(app, present):
    app.run()
    with pytest.raises(ValueError, match="Could not find a navigation page"):
        app.switch_page("pages/watch.py").run()
    assert not [each for each in present().toggle if each.key == "let-watch"]


def test_the_class_sees_what_is_shown_only_while_it_may_and_no_solution_that_is_off(
    class_server, teacher, present, app, showing
):
    enter(app)
    present("schema")
    assert showing.look().shown is None
    assert "No learner sees" in words(app.caption)
    app.toggle(key="let-watch").set_value(True).run()
    app.run()
    assert "The class sees what the presenter shows." in words(app.caption)
    seen = showing.look()
    assert (seen.shown.step_id, seen.shown.code, seen.is_live) == ("schema", SCHEMA.starter, True)
    assert SCHEMA.code not in str(seen.shown)
    press(app, SOLUTION)
    assert showing.look().shown.code == SCHEMA.code
    assert showing.look().shown.is_solution
    app.toggle(key="let-watch").set_value(False).run()
    press(app, NEXT)
    assert (showing.look().is_on, showing.look().shown.step_id) == (False, "schema")


def test_a_pass_that_is_good_no_more_shows_the_class_nothing(class_server, teacher, present, app, showing):
    enter(app)
    present("schema")
    app.toggle(key="let-watch").set_value(True).run()
    parts().key.revoke_pass(teacher[access.COOKIE])
    put(learner_of(app).texts, "code-schema", "written = 'after that'")
    app.run()
    assert "after that" not in str(showing.look().shown)


def test_the_switch_is_on_the_board_too(class_server, teacher, app, showing, monkeypatch):
    enter(app)
    app.run()
    app.switch_page("pages/class_board.py").run()
    app.toggle(key="let-watch").set_value(True).run()
    assert showing.look().is_on
    assert class_board.CHOSEN not in app.session_state

    def fail(**_):
        raise LabError("It cannot be kept.", "Wait.")

    monkeypatch.setattr(showing, "let_watch", fail)
    app.toggle(key="let-watch").set_value(False).run()
    assert "It cannot be kept. Wait." in words(app.error)
    assert app.toggle(key="let-watch").value


# --- watching


@pytest.fixture
def watching(class_server, app, showing):
    """Return a function that opens the page of a watching learner."""
    enter(app)
    return lambda: open_page(app, "watch")


def test_nothing_is_shown_yet(watching, app):
    watching()
    assert "Your teacher shows nothing now." in words(app.info)
    assert not blocks(app)
    assert not [each for each in app.button if each.key == "take-shown"]


def show(showing, shown=SHOWN):
    showing.let_watch(on=True)
    assert showing.show(shown, None) == shown


def test_what_is_shown_is_there_and_nothing_of_it_can_be_changed(watching, app, showing):
    show(showing, Shown("volume-query", "x = 1", printed="1\n2", outcome="passed", verdict="Right.", result=RESULT))
    watching()
    shown = blocks(app)
    assert (shown["code"]["text"], shown["printed"]["text"]) == ("x = 1", "1\n2")
    assert shown["table"]["rows"] == [["s1", "0.8"]]
    assert {each.key for each in app.main.button} == {"take-shown"}
    assert "Your teacher shows this now." in words(app.caption)


def test_the_code_is_taken_over_and_ones_own_is_kept(watching, app, showing):
    show(showing)
    watching()
    learner = learner_of(app)
    put(learner.texts, "code-schema", "mine = 1")
    app.run()
    assert "counts as done after seeing" not in words(app.caption)
    press(app, "take-shown")
    answer = learner.progress.answer(SCHEMA)
    assert (answer.text, answer.shown) == (SHOWN.code, False)
    assert [version.text for version in learner.texts.versions("code-schema")] == ["mine = 1"]
    assert "Schema" in words(app.title)


def test_a_solution_that_is_taken_over_counts_as_seen(watching, app, showing):
    show(showing, Shown("schema", SCHEMA.code, is_solution=True))
    watching()
    assert "counts as done after seeing the solution" in words(app.caption)
    press(app, "take-shown")
    assert learner_of(app).progress.answer(SCHEMA).shown


def test_a_demonstration_has_no_cell_to_take_it_to(watching, app, showing):
    show(showing, Shown("peek", STEPS["peek"].code))
    watching()
    assert "This is a cell of the lab's" in words(app.caption)
    assert not [each for each in app.button if each.key == "take-shown"]


def test_what_cannot_be_kept_is_a_sentence_and_the_page_stays(watching, app, showing, monkeypatch):
    show(showing)
    watching()

    def fail(*_):
        raise LabError("It cannot be kept.", "Wait.")

    monkeypatch.setattr(learner_of(app).progress, "replace", fail)
    press(app, "take-shown")
    assert "It cannot be kept. Wait." in words(app.error)
    assert "Watch the teacher" in words(app.title)


def test_a_teacher_who_is_silent_or_stops_leaves_the_last_picture_as_that(watching, app, showing):
    show(showing)
    watching()
    showing.wait(SILENT_SECONDS)
    app.run()
    assert "Nothing has come from your teacher since" in words(app.info)
    assert blocks(app)["code"]["text"] == SHOWN.code
    showing.let_watch(on=False)
    app.run()
    assert "Your teacher has stopped showing." in words(app.info)
    assert blocks(app)["code"]["text"] == SHOWN.code


def test_a_store_that_cannot_be_asked_is_a_sentence(watching, app, showing, monkeypatch):
    show(showing)
    watching()

    def fail(*_):
        raise LabError("It is away.", "Wait.")

    with monkeypatch.context() as patch:
        patch.setattr("lab.store.Store.versions_of", fail)
        app.run()
        assert "cannot look at what your teacher shows" in words(app.warning)
        assert blocks(app)["code"]["text"] == SHOWN.code


def test_every_page_says_that_there_is_something_to_watch_and_only_then(class_server, app, showing):
    enter(app)
    open_page(app, "schema")
    assert "Your teacher shows" not in str(app.sidebar.get("page_link"))
    show(showing)
    app.run()
    assert any("Your teacher shows" in each.proto.label for each in app.sidebar.get("page_link"))
