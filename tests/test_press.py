"""Buttons that never lose a press. Streamlit loses one in a race, which the test runs in the worst order."""

import contextlib

import pytest
from apptest import AppTest
from paging import learner_of, open_page, press
from streamlit.runtime.scriptrunner import StopException

from lab import dataset
from lab.bucket import LOG_DATA_LIVE
from lab.lesson.steps import EMPTY_CODE, STEPS
from lab.ui.predict import is_asked

APP = """
import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx
from lab.ui.press import button

counts = st.session_state.setdefault("counts", {"plain": 0, "ours": 0, "other": 0})
if st.session_state.get("another run ends"):
    get_script_run_ctx().session_state.on_script_finished(frozenset({"plain", "ours"}), remove_stale_widgets=False)
counts["plain"] += st.button("Plain", key="plain")
if not st.session_state.get("hidden"):
    counts["ours"] += button("Ours", key="ours")
counts["other"] += button("Other", key="other")
"""


@pytest.fixture
def page():
    return AppTest.from_string(APP).run()


def test_a_press_is_seen_once(page):
    page.button(key="ours").click().run()
    page.run()
    assert page.session_state["counts"] == {"plain": 0, "ours": 1, "other": 0}


def test_a_press_is_not_lost_when_another_run_ends(page):
    page.session_state["another run ends"] = True
    page.button(key="plain").click().run()
    page.button(key="ours").click().run()
    page.run()
    # If Streamlit's own button counts the press, too, the lab's button is no longer needed.
    assert page.session_state["counts"] == {"plain": 0, "ours": 1, "other": 0}


def test_a_press_of_a_button_that_is_gone_is_none_when_it_comes_back(page):
    page.session_state["hidden"] = True
    page.button(key="ours").click().run()
    page.session_state["hidden"] = False
    page.run()
    assert page.session_state["counts"] == {"plain": 0, "ours": 0, "other": 0}


@pytest.fixture
def stopped(monkeypatch):
    """Return a context in which each run is stopped where an action would begin, as by the browser's next request."""

    @contextlib.contextmanager
    def stopped():
        def stop(*_, **__):
            raise StopException

        with monkeypatch.context() as patch:
            patch.setattr("lab.ui.session.st.spinner", stop)
            yield

    return stopped


def test_a_delivery_is_not_lost_when_its_run_is_stopped_after_the_answer_to_its_question(app, stopped):
    open_page(app, "volume_report")
    learner = learner_of(app)
    learner.prepare(STEPS["volume-show"])
    press(app.run(), "deliver-first")
    with stopped():
        press(app, "skipped-first-pair")
    # The answer is kept, so the question and its buttons are gone.
    assert not is_asked(learner, "first-pair")
    assert learner.workspace.bucket.list(LOG_DATA_LIVE) == []
    app.run()
    assert not app.exception
    assert len(learner.workspace.bucket.list(LOG_DATA_LIVE)) == 2
    learner.run_code(EMPTY_CODE)
    app.run()
    assert learner.workspace.bucket.list(LOG_DATA_LIVE) == []


def test_a_delivery_that_another_tab_has_made_meanwhile_is_not_made_again(app, stopped):
    open_page(app, "volume_report")
    learner = learner_of(app)
    learner.prepare(STEPS["volume-show"])
    press(app.run(), "deliver-first")
    with stopped():
        press(app, "skipped-first-pair")
    learner.deliver(dataset.FIRST.files)
    app.run()
    learner.run_code(EMPTY_CODE)
    app.run()
    assert not app.exception
    assert learner.workspace.bucket.list(LOG_DATA_LIVE) == []


def test_a_run_is_not_lost_either_and_its_next_question_is_asked_once(app, stopped):
    open_page(app, "sev0_log")
    learner = learner_of(app)
    learner.prepare(STEPS["sev0-sorted"])
    press(app.run(), "run-sev0-sorted")
    with stopped():
        press(app, "skipped-sorted-stream")
    assert learner.runs.last(STEPS["sev0-sorted"]) is None
    app.run()
    assert not app.exception
    first = learner.runs.last(STEPS["sev0-sorted"])
    assert first.failure
    app.run()
    assert learner.runs.last(STEPS["sev0-sorted"]) is first
