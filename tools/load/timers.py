"""The timers of a page: at each tick, a fragment asks the server for a rerun."""

import asyncio
from collections.abc import Callable


class Timers:
    """The timers of one page; `tick` is called with the fragment."""

    def __init__(self, tick: Callable[[str], None]) -> None:
        self._tick = tick
        self._running: dict[str, tuple[float, asyncio.Task]] = {}

    def start(self, fragment: str, seconds: float) -> None:
        """Start a timer; like the front end, leave one that already runs with this interval alone."""
        if fragment in self._running and self._running[fragment][0] == seconds:
            return
        self._end(fragment)
        self._running[fragment] = (seconds, asyncio.create_task(self._run(fragment, seconds)))

    def stop(self, *fragments: str) -> None:
        """Stop the timers of these fragments, or all."""
        for fragment in fragments or tuple(self._running):
            self._end(fragment)

    def _end(self, fragment: str) -> None:
        if fragment in self._running:
            self._running.pop(fragment)[1].cancel()

    async def _run(self, fragment: str, seconds: float) -> None:
        while True:
            await asyncio.sleep(seconds)
            self._tick(fragment)
