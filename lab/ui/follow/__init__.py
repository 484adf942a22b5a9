"""Notifies a page at once when it may have to be drawn anew, so that it need not poll.

In Streamlit, a script can only poll by a timer. Here the server sends the browser, by a websocket beside Streamlit's, a
version of what the page shows. If the page was drawn with another version, the browser makes Streamlit rerun the
fragment in which `follow` was called. No content is sent. If the websocket does not work, for example because of a
proxy, the page follows by the fragment's slow timer.
"""

import asyncio
import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

import streamlit as st
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect
from streamlit.components.v2 import component

from lab.ui.channels import channel_of, learner_on
from lab.ui.parts import parts

if TYPE_CHECKING:
    from lab.learner.learner import Learner

# A slow timer, for pages that get no notification.
SLOW_SECONDS: Final = 5.0
# Not faster: a delivery changes several things, one right after the other.
TOLD_SECONDS: Final = 0.1
# The learner of an open page is noted as seen this often even if nothing changes.
SEEN_SECONDS: Final = 30.0

_HERE: Final = Path(__file__).parent
_mount: Final = component(
    "lab_follow",
    js=(_HERE / "follow.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)
# Invisible, also while Streamlit loads it and shows a bar for that.
STYLE: Final = """
<style>
[data-testid="stLayoutWrapper"]:has(> .st-key-follow) {
    position: absolute; width: 0; height: 0; overflow: hidden; visibility: hidden;
}
</style>
"""


def follow(learner: "Learner", version: int) -> None:
    """Rerun the calling fragment when the learner, the engine or the vote has changed.

    `version` is the learner's version with which the page was drawn.
    """
    with st.container(key="follow"):
        _mount(
            key="follow-changes",
            data={"channel": channel_of(learner), "drawn": _state(version)},
            on_changed_change=lambda: None,
        )


def _state(version: int) -> str:
    return f"{version} {parts().classroom.engine.readiness.phase.name} {parts().votes.version}"


async def _tell(socket: WebSocket) -> None:
    learner = learner_on(socket.path_params["channel"])
    if learner is None:
        # Refused before it is accepted; the page asks again later.
        await socket.close()
        return
    await socket.accept()
    loop, changed, gone = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()

    def tell() -> None:
        # The server may just be stopping.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(changed.set)

    async def listen() -> None:
        with contextlib.suppress(WebSocketDisconnect):
            while True:
                await socket.receive_text()
        gone.set()
        changed.set()

    # Changes from before the connection were not sent: send the state once at the beginning.
    changed.set()
    ends = [learner.on_change(tell), parts().votes.changes.subscribe(tell)]
    listening = asyncio.create_task(listen())
    try:
        while not gone.is_set() and not learner.closed:
            parts().classroom.seen(learner)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(changed.wait(), SEEN_SECONDS)
            if changed.is_set() and not gone.is_set():
                changed.clear()
                await socket.send_text(_state(learner.version))
                await asyncio.sleep(TOLD_SECONDS)
    except WebSocketDisconnect:
        gone.set()
    finally:
        for end in ends:
            end()
        listening.cancel()
    if not gone.is_set():
        await socket.close()


ROUTES: Final = [WebSocketRoute("/lab/changes/{channel}", _tell)]
