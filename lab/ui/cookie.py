"""Each browser gets a learner id, in a cookie that neither scripts nor other sites can read or set."""

import re
import secrets
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lab.ui.moves import MOVES, PARAMETER

COOKIE: Final = "lab_learner"
# By this name, a browser takes it over TLS alone, and from this very host: no neighbour in the domain can put one there.
SECURE_COOKIE: Final = f"__Host-{COOKIE}"
COOKIE_SECONDS: Final = 180 * 24 * 60 * 60
# How the app is told whose request it is; what a browser sends under this name is taken out.
HEADER: Final = "x-lab-learner"

_LEARNER_ID = re.compile(r"[0-9a-f]{32}")


def new_learner_id() -> str:
    """Return an id that nobody can guess, since it is all that separates one learner from another."""
    return secrets.token_hex(16)


def valid_learner_id(text: object) -> str | None:
    """Return the text if it is a learner id (it names a folder, so nothing else may pass), else None."""
    return text if isinstance(text, str) and _LEARNER_ID.fullmatch(text) else None


def is_secure(scope: Scope) -> bool:
    """Return whether the browser speaks TLS: with us, or with the proxy before us, which says so.

    Whoever only claims it gets a cookie that their own browser does not keep.
    """
    said = HTTPConnection(scope).headers.get("x-forwarded-proto", "")
    return scope["scheme"] in {"https", "wss"} or said.partition(",")[0].strip().lower() in {"https", "wss"}


class LearnerCookie:
    """Gives a browser that has none a learner id, with the first page it loads, and another one for a ticket.

    The websocket that follows sends it, so a reload and a second tab come back to the same learner.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        secure, connection = is_secure(scope), HTTPConnection(scope)
        learner_id = valid_learner_id(connection.cookies.get(SECURE_COOKIE if secure else COOKIE))
        if scope["type"] == "http" and (ticket := connection.query_params.get(PARAMETER)):
            other = MOVES.redeem(ticket, learner_id)
            response = RedirectResponse(_own_path(connection.url.path), status_code=303)
            if other:
                response.headers.append("set-cookie", _cookie(other, secure=secure))
            await response(scope, receive, send)
            return

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if secure:
                    _secure(headers)
                if not learner_id and headers.get("content-type", "").startswith("text/html"):
                    headers.append("set-cookie", _cookie(new_learner_id(), secure=secure))
            await send(message)

        headers = [(name, value) for name, value in scope["headers"] if name != HEADER.encode()]
        if learner_id:
            headers.append((HEADER.encode(), learner_id.encode()))
        await self._app({**scope, "headers": headers}, receive, send_with_cookie)


def _secure(headers: MutableHeaders) -> None:
    """Have Streamlit's own cookies, such as that against forged requests, go over TLS alone, too."""
    for number, (name, value) in enumerate(headers.raw):
        if name == b"set-cookie" and b"; secure" not in value.lower():
            headers.raw[number] = (name, value + b"; Secure")


def _own_path(path: str) -> str:
    """Return a path that a browser cannot take for another host, as it would `//host/`."""
    return "/" + path.lstrip("/\\")


def _cookie(learner_id: str, *, secure: bool) -> str:
    name, more = (SECURE_COOKIE, "; Secure") if secure else (COOKIE, "")
    return f"{name}={learner_id}; Path=/; Max-Age={COOKIE_SECONDS}; HttpOnly; SameSite=Lax{more}"
