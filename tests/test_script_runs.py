"""Two requests of one browser that arrive close together: both take full effect, in their order."""

import asyncio
import threading
from unittest.mock import MagicMock

import pytest
from patience import PATIENCE
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.runtime import Runtime
from streamlit.runtime.fragment import MemoryFragmentStorage
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.scriptrunner import RerunData, ScriptRunner, ScriptRunnerEvent
from streamlit.runtime.scriptrunner.script_cache import ScriptCache
from streamlit.runtime.state import SessionState

from lab.ui.script_runs import MAX_LEFT, WholeScriptRunner

SCRIPT = """
import streamlit as st
from lab.ui import press

def called(name):
    doing = st.session_state.doing
    doing.append(f"{name} begins")
    doing.wait_in(name)
    st.session_state.doing.append(f"{name} ends")

for name in ("first", "second"):
    st.button(name, key=name, on_click=called, args=(name,))
    if press.button("do", key=f"do {name}"):
        st.session_state.doing.append(f"{name} is done")

@st.fragment
def part():
    st.button("third", key="third", on_click=called, args=("third",))

part()
"""


class Doing(list):
    """A log of what callbacks did; `held` names one that waits."""

    def __init__(self):
        super().__init__()
        self.held, self.there, self.go_on = "", threading.Event(), threading.Event()

    def wait_in(self, name):
        if name == self.held:
            self.there.set()
            assert self.go_on.wait(PATIENCE)


class Session:
    """A session without a browser; its runs are made as `AppSession` makes them."""

    def __init__(self, kind, script):
        self.kind, self.script = kind, script
        self.state, self.fragments, self.doing = SessionState(), MemoryFragmentStorage(), Doing()
        self.state["doing"] = self.doing
        self.loop = asyncio.new_event_loop()
        self.errors = []

    def runner(self, *pressed):
        """Make a run for these pressed buttons; it begins when it is started."""
        runner = self.kind(
            session_id="session",
            main_script_path=str(self.script),
            session_state=self.state,
            uploaded_file_mgr=MemoryUploadedFileManager("/files"),
            script_cache=ScriptCache(),
            initial_rerun_data=self.request(*pressed),
            user_info={},
            fragment_storage=self.fragments,
            pages_manager=PagesManager(str(self.script)),
            event_loop=self.loop,
        )
        runner.on_event.connect(self.heard, weak=False)
        return runner

    def heard(self, _sender, event, **said):
        if event is ScriptRunnerEvent.ENQUEUE_FORWARD_MSG and said["forward_msg"].delta.new_element.HasField(
            "exception"
        ):
            self.errors.append(said["forward_msg"].delta.new_element.exception.message)

    def request(self, *pressed, fragment=None):
        states = WidgetStates()
        for key in pressed:
            state = states.widgets.add()
            state.id, state.trigger_value = self.state._key_id_mapper.get_id_from_key(key), True
        return RerunData(widget_states=states, fragment_id=fragment)

    def held(self, *pressed):
        """Start a run, and wait until it is in the callback of the first button."""
        self.doing.held = "first"
        runner = self.runner("first", *pressed)
        runner.start()
        assert self.doing.there.wait(PATIENCE)
        return runner

    def stopped_for(self, one, *pressed):
        """Stop a held run for the next one, for these pressed buttons; return what both did."""
        one.request_stop()
        two = self.runner(*pressed)
        two.start()
        self.doing.go_on.set()
        return self.ended(one, two)

    def ended(self, *runners):
        for runner in runners:
            runner._script_thread.join(PATIENCE)
            assert not runner._script_thread.is_alive()
        assert self.errors == []
        return list(self.doing)


@pytest.fixture(params=[WholeScriptRunner, ScriptRunner])
def session(request, tmp_path, monkeypatch):
    monkeypatch.setattr(Runtime, "_instance", MagicMock())  # a server's runtime, which these runs do not use
    script = tmp_path / "script.py"
    script.write_text(SCRIPT, encoding="utf-8")
    session = Session(request.param, script)
    first = session.runner()
    first.start()
    assert session.ended(first) == []
    yield session
    session.loop.close()


def whole(session, doing, expected):
    """Compare. With Streamlit's own runner something is lost; once nothing is, `lab/ui/script_runs.py` can go."""
    assert (doing == expected) == (session.kind is WholeScriptRunner), doing


def test_a_press_whose_run_has_not_begun_is_not_lost(session):
    one = session.runner("first", "do first")
    one.request_stop()
    two = session.runner("second", "do second")
    one.start()
    two.start()
    doing = session.ended(one, two)
    whole(
        session,
        doing,
        ["first begins", "first ends", "second begins", "second ends", "first is done", "second is done"],
    )


def test_a_callback_is_called_to_its_end_before_the_next(session):
    doing = session.stopped_for(session.held(), "second")
    whole(session, doing, ["first begins", "first ends", "second begins", "second ends"])


def test_what_was_pressed_is_done_by_the_next_run_if_this_one_stops_after_its_callbacks(session):
    doing = session.stopped_for(session.held("do first"), "do second")
    whole(session, doing, ["first begins", "first ends", "first is done", "second is done"])


def test_a_press_whose_button_is_gone_is_forgotten_with_its_run(session):
    one = session.runner("do first")
    one.start()
    assert session.ended(one) == ["first is done"]
    session.state["pressed"]["do first"] = True
    session.state["pressed"]["gone"] = True
    two = session.runner()
    two.start()
    assert session.ended(two) == ["first is done", "first is done"]
    assert ("gone" in session.state["pressed"]) == (session.kind is ScriptRunner)


def test_a_press_that_waits_for_the_end_of_a_run_is_not_lost_with_the_run(session):
    one = session.held()
    [fragment] = session.fragments._fragments
    assert one.request_rerun(session.request("third", fragment=fragment))
    whole(
        session,
        session.stopped_for(one, "second"),
        ["first begins", "first ends", "third begins", "third ends", "second begins", "second ends"],
    )


def test_a_run_that_is_stopped_twice_leaves_its_request_once(session):
    one = session.runner("first")
    one.request_stop()
    two = session.runner("second")
    one.request_stop()
    three = session.runner("third")
    for each in (one, two, three):
        each.start()
    doing = session.ended(one, two, three)
    whole(
        session,
        sorted(doing),
        sorted(f"{name} {what}" for name in ("first", "second", "third") for what in ("begins", "ends")),
    )


def test_what_is_left_is_bounded(session):
    runners = [session.runner("first") for _ in range(100)]
    for each in runners:
        each.request_stop()
    left = getattr(runners[0], "_session", None)
    whole(session, len(left.left) if left else 0, MAX_LEFT)


def test_three_that_come_at_once_have_their_effect_in_their_order(session):
    one = session.held()
    one.request_stop()
    two = session.runner("second")
    two.start()
    two.request_stop()
    three = session.runner("third")
    three.start()
    session.doing.go_on.set()
    expected = ["first begins", "first ends", "second begins", "second ends", "third begins", "third ends"]
    whole(session, session.ended(one, two, three), expected)
