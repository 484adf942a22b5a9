"""The teacher's pages without a browser: with and without the key, and the content of the board."""

import time

import pytest
from apptest import AppTest
from classes import WRONG, attempt, come, learner_id
from paging import learner_of, open_page, press, words

from lab.course.key import TeachersKey
from lab.course.watch import Watch
from lab.errors import LabError
from lab.learner.identity import Identity
from lab.lesson.steps import EXERCISES
from lab.settings import CLASS_CODE
from lab.store.tables import hashed
from lab.ui.parts import parts
from lab.ui.shell import TEACHERS_PAGES
from lab.ui.teacher import access, class_board

# Used by no other test, since the board shows everybody of a class.
CODE = "the class of the board"
PAGE = "pages/class_board.py"
FIRST = EXERCISES[0]
MARKUP = "![x](http://example.org/x.png) **b** <i>"


@pytest.fixture
def class_server(app, monkeypatch):
    """Set a class code, so that only the person with the key is the teacher."""
    monkeypatch.setenv(CLASS_CODE, CODE)
    app.run()
    yield
    # The fixture `app` needs a learner when it closes.
    enter(app)


@pytest.fixture
def teacher(monkeypatch):
    """Return the cookies of a browser that has the teacher's pass; empty them to be somebody else."""
    key = TeachersKey()
    monkeypatch.setattr(parts(), "key", key)
    # A new watch, which knows no learners yet.
    monkeypatch.setattr(parts(), "watch", Watch(lambda: parts().classroom.store.survey, lambda: CODE))
    monkeypatch.setattr("lab.course.watch.FRESH_SECONDS", 0)
    given = {access.COOKIE: key.issue_pass(key.tell(), "")}
    monkeypatch.setattr("streamlit.runtime.context.ContextProxy.cookies", property(lambda _: given))
    return given


@pytest.fixture
def board(app):
    """Return a function that opens the board."""
    app.run()

    def open_board():
        app.switch_page(PAGE).run()
        assert not app.exception
        return app

    return open_board


def there(number, name="Ada", code=CODE):
    """A learner of the class, as written by another server."""
    progress = come(parts().classroom.store, number, time.time, name, code)
    yield progress
    progress.forget()


@pytest.fixture
def ada():
    yield from there(0xADA)


@pytest.fixture
def grace():
    yield from there(0xACE, MARKUP)


def enter(app):
    """Enter the class as the learner of this test."""
    parts().classroom.admit(app.session_state["learner_id"], Identity("Me", CODE))


def test_who_is_alone_finds_the_board_in_the_navigation_and_on_it_themselves(board, app):
    learner_of(app).progress.write(FIRST, "x = 1")
    assert "Class board" in words(board().title)
    assert "Learners" in words(app.header)
    assert "of 1 did something" in words(app.caption) or "did something in the last 15 minutes" in words(app.caption)
    assert not app.error


def test_without_the_key_a_class_server_has_no_such_page(class_server, board, app):
    enter(app)
    app.run()
    with pytest.raises(ValueError, match="Could not find a navigation page"):
        board()


def test_what_is_in_a_sessions_state_opens_nothing(class_server, board, app, ada):
    enter(app)
    for key, value in {"teacher": True, class_board.CHOSEN: hashed(learner_id(0xADA)), access.COOKIE: "x"}.items():
        app.session_state[key] = value
    app.run()
    with pytest.raises(ValueError, match="Could not find a navigation page"):
        board()
    assert "Ada" not in words([*app.markdown, *app.header, *app.caption])


@pytest.mark.parametrize("name", [name for name, _, _ in TEACHERS_PAGES])
def test_the_page_itself_asks_too_should_it_ever_be_reached_in_another_way(class_server, classroom, name):
    page = AppTest.from_file(f"../pages/{name}.py", default_timeout=60)
    page.run()
    assert "This page is for the teacher" in words(page.info)
    # The page shows nothing else.
    assert len(page.main) == 1
    assert not page.sidebar.children
    assert not page.exception


def test_with_the_key_the_board_is_there_for_who_is_no_learner(class_server, teacher, board, app, ada):
    attempt(ada, FIRST, WRONG)
    board()
    assert "Class board" in words(app.title)
    assert "Learners" in words(app.header)
    # A teacher is not one of the learners, and has no learner's sidebar.
    assert not [button for button in app.sidebar.button if button.key == "ask-for-help"]
    assert "Close the teacher's pages" in " ".join(str(each.proto.body) for each in app.sidebar.get("html"))


def test_a_pass_that_is_good_no_more_closes_the_board_that_is_open(class_server, teacher, board, app, ada):
    board()
    assert "Who asked for help" in words(app.header)
    parts().key.revoke_pass(teacher[access.COOKIE])
    app.run()
    assert "Who asked for help" not in words(app.header)
    assert "Ada" not in words([*app.markdown, *app.caption])


def test_nobody_is_there_and_nobody_needs_help(class_server, teacher, board, app, monkeypatch):
    monkeypatch.setattr(parts(), "watch", Watch(lambda: parts().classroom.store.survey, lambda: "another class"))
    board()
    assert "Nobody is there yet." in words(app.info)
    assert "Nobody has asked for help." in words(app.caption)
    assert "Nobody has made one in the last 15 minutes" in words(app.caption)


def test_who_asks_for_help_stands_in_the_queue_and_a_name_is_never_markdown(class_server, teacher, board, app, grace):
    grace.ask_for_help("Schema")
    for _ in range(3):
        attempt(grace, FIRST, WRONG, f"# {MARKUP}\nlogSchema = 3")
    board()
    queue = next(each.value for each in app.markdown if each.value.startswith("1. "))
    assert "on the page Schema" in queue
    assert MARKUP in words(app.markdown)
    # As rendered, with the backslashes.
    assert "![x](" not in queue
    assert "<i>" not in queue
    [expander] = [each for each in app.expander if each.label.startswith("**")]
    assert expander.label.startswith("**1 learner**: ")
    # The example shows the code, but not the name in it.
    [shown] = expander.code
    assert shown.value == "# …\nlogSchema = 3"


def test_a_learner_is_looked_at_and_the_class_again(class_server, teacher, board, app, ada):
    attempt(ada, FIRST, WRONG, "logSchema = 'x'")
    board()
    app.session_state[class_board.CHOSEN] = hashed(learner_id(0xADA))
    app.run()
    assert "Ada" in words(app.header)
    assert "logSchema = 'x'" in [code.value for code in app.code]
    assert WRONG.message.replace("`", "") in words(app.error).replace("`", "")
    # The view is read-only.
    assert not app.text_area
    assert not app.get("bidi_component") or {each.proto.component_name for each in app.get("bidi_component")} <= {
        "lab_attention", "lab_grid"
    }  # fmt: skip
    ada.write(FIRST, "logSchema = 'y'")
    app.run()
    assert "The code was changed since it was checked (wrong)." in words(app.caption)
    app.selectbox[0].select(EXERCISES[1].id).run()
    assert "Nothing is written in this step yet." in words(app.caption)
    press(app, "back-to-class")
    app.run()
    assert "Learners" in words(app.header)


def test_the_projector_has_no_names_and_no_code(class_server, teacher, board, app, ada):
    ada.ask_for_help("Schema")
    attempt(ada, FIRST, WRONG, "secret_of_ada = 1")
    board()
    app.session_state[class_board.CHOSEN] = hashed(learner_id(0xADA))
    app.toggle(key="for-projector").set_value(True).run()
    everything = [*app.markdown, *app.header, *app.caption, *app.code, *app.info]
    shown = words(everything) + " ".join(each.proto.json for each in app.get("bidi_component"))
    assert "How far the class is" in shown
    assert "Ada" not in shown
    assert "secret_of_ada" not in shown
    assert hashed(learner_id(0xADA)) not in shown


def test_a_store_that_cannot_be_asked_is_a_sentence_and_the_board_stays(
    class_server, teacher, board, app, ada, monkeypatch
):
    board()

    def fail(*_):
        raise LabError("What you write cannot be kept in it (gone).", "See to that database.")

    with monkeypatch.context() as patch:
        patch.setattr("lab.store.survey.Survey.changed", fail)
        app.run()
        assert "The store cannot be asked now. The board is that of" in words(app.warning)
        assert "See to that database." in words(app.error)
        assert "Learners" in words(app.header)


def test_learners_ask_for_help_and_take_it_back_where_there_is_a_class(class_server, app):
    app.run()
    enter(app)
    open_page(app, "schema")
    press(app, "ask-for-help")
    learner = learner_of(app)
    assert learner.progress.asked.page == "Schema"
    assert "Your teacher sees that you need help." in words(app.sidebar.caption)
    open_page(app, "results")
    press(app, "need-no-help")
    assert learner.progress.asked is None
    assert "ask-for-help" in [button.key for button in app.sidebar.button]


def test_learners_of_a_class_are_told_that_their_teacher_sees_them(class_server, app):
    app.run()
    assert "Your teacher can see your name, your code" in words(app.caption)
    enter(app)
    open_page(app, "start")
    assert "Your teacher can see your name, your code" in words(app.caption)


def test_who_is_alone_is_asked_and_told_nothing_of_a_teacher(app):
    open_page(app, "start")
    assert "Your teacher" not in words([*app.caption, *app.markdown])
    assert "ask-for-help" not in [button.key for button in app.sidebar.button]
