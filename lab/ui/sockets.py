"""What the server logs when it can open no more connections: one sentence a minute.

The event loop of asyncio would log a traceback for each of the 2,048 connections that may wait, every second
(`_accept_connection`): more than 100 MB a minute.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any, Final

from lab.system import open_files

SAY_SECONDS: Final = 60.0
# The message of asyncio for this case; every other one is logged as before.
_TOO_MANY: Final = "socket.accept() out of system resource"

_log = logging.getLogger(__name__)


class TooManyConnectionsHandler:
    """An exception handler of an event loop, which logs that no more connections can be opened."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._silent_until = float("-inf")

    def __call__(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        if context.get("message") != _TOO_MANY:
            loop.default_exception_handler(context)
        elif (now := self._clock()) >= self._silent_until:
            self._silent_until = now + SAY_SECONDS
            _log.error(
                "No more connections can be opened (%s): this process may have %s files and connections open at a time. Who "
                "comes waits until others leave. Let it have more, with `ulimit -n 65536` before it is started, say.",
                context.get("exception"),
                f"{open_files():,}",
            )
