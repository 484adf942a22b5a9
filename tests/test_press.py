"""Buttons that never lose a press. Streamlit loses one in a race, which the test runs in the worst order."""

import pytest
from apptest import AppTest

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
