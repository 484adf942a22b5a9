"""A websocket tells a page that something has changed; with the real route, on a real server."""

import asyncio
import contextlib
import threading
import time

import pytest
import uvicorn
from starlette.applications import Starlette
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from lab.course.vote import Question
from lab.lesson.steps import STEPS
from lab.ui import follow
from lab.ui.channels import channel_of, learner_on
from lab.ui.parts import parts

SECONDS = 20


@pytest.fixture(scope="module")
def server():
    """Serve the lab's own routes; yield the address."""
    running = uvicorn.Server(uvicorn.Config(Starlette(routes=follow.ROUTES), port=0, log_level="error"))
    thread = threading.Thread(target=asyncio.run, args=(running.serve(),))
    thread.start()
    while not running.started:
        time.sleep(0.01)
    yield f"ws://127.0.0.1:{running.servers[0].sockets[0].getsockname()[1]}"
    running.should_exit = True
    thread.join(SECONDS)


@pytest.fixture
def channel(learner):
    return f"/lab/changes/{channel_of(learner)}"


def told(page, seconds):
    """Yield the messages to a page, until none has come for some seconds."""
    with contextlib.suppress(TimeoutError):
        while True:
            yield page.recv(seconds)


def test_who_writes_in_one_tab_is_followed_in_the_others(server, channel, learner):
    with connect(server + channel) as first, connect(server + channel) as second:
        before = first.recv(SECONDS)
        assert second.recv(SECONDS) == before
        learner.progress.write(STEPS["schema"], "written")
        after = first.recv(SECONDS)
        assert second.recv(SECONDS) == after != before
        assert after == follow._state(learner.version)


def test_a_vote_of_the_teachers_is_told(server, channel, learner):
    with connect(server + channel) as page:
        before = page.recv(SECONDS)
        opened = parts().votes.open(Question("q", "Why?", ("a", "b")))
        try:
            assert page.recv(SECONDS) != before
        finally:
            parts().votes.end(opened)


def test_what_a_query_does_is_told(server, channel, learner, run_step, deliver):
    run_step("volume-query")
    with connect(server + channel) as page:
        before = page.recv(SECONDS)
        learner.workspace.deliver("s115.csv")
        assert page.recv(SECONDS) != before
        assert any(run.batches for run in learner.workspace.observations.runs)


def test_of_several_changes_at_once_only_that_there_are_some_is_told(server, channel, learner):
    with connect(server + channel) as page:
        for count in range(200):
            learner.progress.write(STEPS["schema"], f"{count}")
        assert 1 <= len(list(told(page, 5 * follow.TOLD_SECONDS))) < 100


def test_nobody_is_told_of_another_learner(server, channel, learner, classroom):
    other = classroom.enter("d" * 32)
    try:
        with connect(server + channel) as page:
            page.recv(SECONDS)
            other.progress.write(STEPS["schema"], "written by another")
            with pytest.raises(TimeoutError):
                page.recv(5 * follow.TOLD_SECONDS)
    finally:
        other.close()


def test_an_open_page_is_seen(server, channel, learner, classroom):
    classroom._seats[learner.id].seen_at = 0
    with connect(server + channel):
        until = time.monotonic() + SECONDS
        while not classroom._seats[learner.id].seen_at:
            assert time.monotonic() < until
            time.sleep(0.01)


def test_whoever_names_no_channel_of_a_learner_is_refused(server, learner):
    for name in ("", "unknown", learner.id):
        with pytest.raises(InvalidStatus), connect(f"{server}/lab/changes/{name}"):
            pass


def test_when_the_learner_is_cleared_away_the_page_is_told_and_nothing_listens_any_more(server, channel, classroom):
    learner = learner_on(channel.rpartition("/")[2])
    with connect(server + channel) as page:
        learner.close()
        with pytest.raises(ConnectionClosed):
            list(told(page, SECONDS))
    assert not learner._changes._callbacks
    with pytest.raises(InvalidStatus), connect(server + channel):
        pass
