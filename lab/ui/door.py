"""Requests that are refused: those under a foreign host name, and those to Streamlit's internal endpoints.

Streamlit applies `server.allowedHosts` only to websockets: it would serve pages, files and cookies under any host name.
"""

from typing import Final

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.web.server.starlette.starlette_websocket import is_host_allowed

from lab.ui.address import base_path
from lab.ui.origin import REFUSED

# The allow-list of Streamlit's endpoints: those that pages need. Others, such as the metrics endpoint, are refused.
_CORE: Final = "/_stcore/"
_HEALTH: Final = "health"
_NEEDED: Final = frozenset({_HEALTH, "host-config", "stream", "upload_file", "bidi-components"})


class Door:
    """Middleware that lets through only requests under a host name of the lab, to addresses that its pages need."""

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
            # The health check of a container uses a host name that browsers do not know.
            await self._app(scope, receive, _without_cookies(send))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": REFUSED})
        else:
            await _refusal(is_known=is_known)(scope, receive, send)


def _core(path: str) -> str | None:
    """Return which of Streamlit's own endpoints a path names; None if it is not below `/_stcore/`."""
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
