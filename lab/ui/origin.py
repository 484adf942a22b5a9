"""Only the lab's own pages may open a websocket to it, or send it something.

Streamlit 1.67 also accepts pages from every port of this machine (`is_url_from_allowed_origins`). And before it refuses
an origin, it asks an external server for the machine's address.
"""

from typing import Final
from urllib.parse import SplitResult, urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import config

from lab.ui.cookie import is_secure

# Methods that change nothing.
_READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_PORTS: Final = {"http": 80, "https": 443}
# https://www.iana.org/assignments/websocket: the close code for a policy violation.
REFUSED: Final = 1008


class OwnOrigin:
    """Middleware that refuses requests of pages with another host, another port or, under TLS, another scheme."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        changes = scope["type"] == "websocket" or (scope["type"] == "http" and scope["method"] not in _READING)
        if not changes or is_own(scope):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": REFUSED})
        else:
            await PlainTextResponse("This was sent by a page of another site.", 403)(scope, receive, send)


def is_own(scope: Scope) -> bool:
    """Return whether a request comes from a page of the lab, or from no page: browsers always send a page's origin."""
    headers = Headers(scope=scope)
    origin = headers.get("origin")
    if origin is None or origin in config.get_option("server.corsAllowedOrigins"):
        return True
    page = urlsplit(origin)
    if page.scheme not in _PORTS or (is_secure(scope) and page.scheme != "https"):
        return False
    return _place(page, page.scheme) == _place(urlsplit(f"//{headers.get('host', '')}"), page.scheme)


def _place(address: SplitResult, scheme: str) -> tuple[str, int] | None:
    try:
        return (address.hostname or "", address.port or _PORTS[scheme])
    except ValueError:
        return None
