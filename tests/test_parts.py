"""The parts of a server: one of each, also when several threads ask for one first; and its sessions lose no request."""

import asyncio
import threading
from unittest.mock import MagicMock

import pytest
from patience import PATIENCE
from streamlit.runtime import app_session

from lab.ui import server
from lab.ui.parts import Parts, parts
from lab.ui.script_runs import WholeScriptRunner


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("showing", "lab.course.showing.Showing"),
        ("watch", "lab.course.watch.Watch"),
        ("desk", "lab.handin.class_desk.ClassDesk"),
    ],
)
def test_a_part_is_built_once_and_nobody_gets_it_before_it_is_complete(name, kind, monkeypatch):
    begun, go_on, built, got, unfinished = threading.Event(), threading.Event(), [], [], []

    def build(*_arguments):
        # What stands there, other threads get without the lock.
        unfinished.append(vars(mine).get(name, "nothing"))
        begun.set()
        assert go_on.wait(PATIENCE)
        built.append(object())
        return built[-1]

    monkeypatch.setattr(kind, build)
    mine = Parts()
    threads = [threading.Thread(target=lambda: got.append(getattr(mine, name))) for _ in range(3)]
    threads[0].start()
    assert begun.wait(PATIENCE)
    for thread in threads[1:]:
        thread.start()
    go_on.set()
    for thread in threads:
        thread.join(PATIENCE)
    assert unfinished == ["nothing"]
    assert got == built * 3


def test_a_server_has_its_sessions_lose_no_request(monkeypatch):
    monkeypatch.setattr(app_session, "ScriptRunner", app_session.ScriptRunner)
    monkeypatch.setattr(parts(), "classroom", MagicMock())

    async def serve():
        async with server.lifespan(None):
            assert app_session.ScriptRunner is WholeScriptRunner

    asyncio.run(serve())
