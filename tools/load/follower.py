"""What `lab/ui/follow/follow.js` does in a browser: the server says that something changed, and the page asks what."""

import asyncio
import json
import time
from collections.abc import Callable

from streamlit.components.v2.bidi_component.main import _make_trigger_id
from websockets.exceptions import InvalidHandshake, WebSocketException

from .browser import Browser
from .tree import Node

NAME = "lab_follow"
_FIRST_WAIT, _LONGEST_WAIT = 1.0, 30.0
_SETTLE, _HOLD = 0.15, 1.0


class Follower:
    """The follower of one page; it calls `tell` with a trigger's id, its value, and the fragment for them."""

    def __init__(
        self,
        browser: Browser,
        tell: Callable[[str, str, str], None],
        touched: Callable[[], float],
        is_drawn: Callable[[], bool],
    ) -> None:
        """`touched` returns the time of the last press or letter (`time.monotonic`), `is_drawn` that no run is on."""
        self._browser = browser
        self._touched = touched
        self._is_drawn = is_drawn
        self._tell = tell
        self._channel = ""
        self._told = self._drawn = ""
        self._node = Node()
        self._count = 0
        self._task: asyncio.Task | None = None
        self._settling: asyncio.Task | None = None

    def shown(self, node: Node) -> None:
        """Listen to the channel of the element that is now on the page."""
        self._node = node
        content = json.loads(node.content.json)
        channel, self._drawn = content["channel"], content["drawn"]
        if channel != self._channel or self._task is None:
            self.stop()
            self._channel = channel
            self._task = asyncio.create_task(self._listen(channel))

    def stop(self) -> None:
        """Stop listening: the element is gone."""
        for task in (self._task, self._settling):
            if task:
                task.cancel()
        self._task = self._settling = None

    async def _listen(self, channel: str) -> None:
        wait = _FIRST_WAIT
        while True:
            try:
                async with await self._browser.connect(f"lab/changes/{channel}") as socket:
                    wait = _FIRST_WAIT
                    async for self._told in socket:
                        if self._settling:
                            self._settling.cancel()
                        self._settling = asyncio.create_task(self._settle())
            except (OSError, InvalidHandshake, WebSocketException):
                pass  # a browser also tries again
            await asyncio.sleep(wait)
            wait = min(2 * wait, _LONGEST_WAIT)

    async def _settle(self) -> None:
        """Ask what has changed, once the page is drawn and nobody has pressed or typed for a moment."""
        await asyncio.sleep(_SETTLE)
        while self._told != self._drawn:
            rest = self._touched() + _HOLD - time.monotonic()
            if rest <= 0 and self._is_drawn():
                self._say()
                return
            await asyncio.sleep(max(rest, _SETTLE))

    def _say(self) -> None:
        self._count += 1
        trigger = _make_trigger_id(self._node.id, "events")
        self._tell(trigger, json.dumps([{"event": "changed", "value": self._count}]), self._node.fragment)
