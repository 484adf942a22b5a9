"""Each browser gets a learner id, in a cookie that neither scripts nor other sites can read or set.

What any cookie of the lab's is called, and where a browser sends it, is said here once (`cookie_name`, `cookie`).
"""

import re
import secrets
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lab.settings import read_settings
from lab.ui.address import base_path
from lab.ui.moves import MOVES, PARAMETER

COOKIE: Final = "lab_learner"
COOKIE_SECONDS: Final = 180 * 24 * 60 * 60
# How the app is told whose request it is; what a browser sends under this name is taken out.
HEADER: Final = "x-lab-learner"

_CONDITIONS: Final = frozenset({b"if-none-match", b"if-modified-since"})
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


def cookie_name(name: str, *, secure: bool) -> str:
    """Return what a cookie of the lab's is called, where the browser speaks TLS and where it does not.

    By a name that begins with `__Host-`, a browser takes it over TLS alone, and from this very host: no neighbour in the
    domain can put one there. Such a cookie stands at the root. Below a path, where another lab may have the same host, the
    name begins with `__Secure-`, which asks for TLS alone.
    """
    if not secure:
        return name
    return f"__Secure-{name}" if base_path() else f"__Host-{name}"


def cookie(
    scope: Scope, name: str, value: str, seconds: int, *, same_site: str = "Lax", is_framed: bool = False
) -> str:
    """Return the header that gives a browser a cookie of the lab's, which no script can read; with 0 seconds, takes it away.

    One that `is_framed` also goes to the lab in a page of another site, and has a value of its own there. Browsers take that
    over TLS alone.
    """
    secure = is_secure(scope)
    if secure and is_framed:
        same_site = "None; Partitioned"
    more = "; Secure" if secure else ""
    return (
        f"{cookie_name(name, secure=secure)}={value}; Path={base_path() or '/'}; Max-Age={seconds}; HttpOnly; "
        f"SameSite={same_site}{more}"
    )


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
        learner_id = valid_learner_id(connection.cookies.get(cookie_name(COOKIE, secure=secure)))
        if scope["type"] == "http" and (ticket := connection.query_params.get(PARAMETER)):
            other = MOVES.redeem(ticket, learner_id)
            response = RedirectResponse(_same_page(scope["path"]), status_code=303)
            if other:
                framed = _is_framed()
                # The cookie that was set before LAB_FRAME_ANCESTORS was, or after, is another one of the same name.
                response.headers.append("set-cookie", cookie(scope, COOKIE, "", 0, is_framed=not framed))
                response.headers.append("set-cookie", cookie(scope, COOKIE, other, COOKIE_SECONDS, is_framed=framed))
            await response(scope, receive, send)
            return

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if secure:
                    _secure(headers)
                if not learner_id and headers.get("content-type", "").startswith("text/html"):
                    given = cookie(scope, COOKIE, new_learner_id(), COOKIE_SECONDS, is_framed=_is_framed())
                    headers.append("set-cookie", given)
            await send(message)

        # A page that the browser has already would be answered without a cookie.
        left_out = {HEADER.encode()} | (frozenset() if learner_id else _CONDITIONS)
        headers = [(name, value) for name, value in scope["headers"] if name not in left_out]
        if learner_id:
            headers.append((HEADER.encode(), learner_id.encode()))
        await self._app({**scope, "headers": headers}, receive, send_with_cookie)


def _is_framed() -> bool:
    """Return whether pages of other sites may show the lab."""
    return bool(read_settings().frame_ancestors)


def _secure(headers: MutableHeaders) -> None:
    """Have Streamlit's own cookies, such as that against forged requests, go over TLS alone, and where the learner's goes.

    Their path stays: of two such cookies for one page, the browser's script would take the one, and the server the other.
    """
    framed = _is_framed()
    for number, (name, value) in enumerate(headers.raw):
        if name == b"set-cookie":
            parts = [part for part in value.split(b"; ") if part.lower() != b"secure"]
            if framed:
                parts = [part for part in parts if not part.lower().startswith(b"samesite=")]
                parts += [b"SameSite=None", b"Partitioned"]
            headers.raw[number] = (name, b"; ".join([*parts, b"Secure"]))


def _same_page(path: str) -> str:
    """Return the page that was asked for, seen from itself: a proxy may have taken off a part of its path."""
    return f"./{path.rpartition('/')[2]}"
