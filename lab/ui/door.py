"""What nobody gets from outside: an answer under another name than the lab's, and what only Streamlit's makers need.

By the list of `server.allowedHosts`, Streamlit refuses websockets alone: pages, files and cookies it would give to any name.
"""

from typing import Final

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.web.server.starlette.starlette_websocket import is_host_allowed

from lab.ui.address import base_path
from lab.ui.origin import REFUSED

# What pages need of Streamlit's own addresses. Nobody gets the others, such as that which counts sessions and memory.
_CORE: Final = "/_stcore/"
_HEALTH: Final = "health"
_NEEDED: Final = frozenset({_HEALTH, "host-config", "stream", "upload_file", "bidi-components"})


class Door:
    """Lets through what is asked for under a name of the lab's, and is there for its pages."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        core = _core(scope["path"])
        is_known = is_host_allowed(Headers(scope=scope).get("host"))
        if is_known and (core is None or core in _NEEDED):
            await self._app(scope, receive, send)
        elif not is_known and scope["type"] == "http" and core == _HEALTH:
            # A container asks itself whether it is well, by an address that browsers do not know.
            await self._app(scope, receive, _without_cookies(send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": REFUSED})
        else:
            await _refusal(is_known=is_known)(scope, receive, send)


def _core(path: str) -> str | None:
    """Return which of Streamlit's own addresses this is; None if it is another one."""
    below = path.removeprefix(base_path())
    return below.removeprefix(_CORE).partition("/")[0] if below.startswith(_CORE) else None


def _refusal(*, is_known: bool) -> Response:
    if is_known:
        return PlainTextResponse("Not found", 404)
    return PlainTextResponse(
        "The lab does not know this address as its own. Whoever runs it lists its names by the option server.allowedHosts.",
        421,
    )


def _without_cookies(send: Send) -> Send:
    async def send_without(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [(name, value) for name, value in message["headers"] if name.lower() != b"set-cookie"]
        await send(message)

    return send_without
