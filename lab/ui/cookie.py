"""The learner id of each browser, in a cookie that neither scripts nor other sites can read or set.

The names and the attributes of all cookies of the lab are defined here (`cookie_name`, `cookie`).
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
from lab.ui.id_tickets import PARAMETER
from lab.ui.parts import parts

COOKIE: Final = "lab_learner"
COOKIE_SECONDS: Final = 180 * 24 * 60 * 60
# This header tells the app whose request it is. It is removed from what a browser sends.
HEADER: Final = "x-lab-learner"

_CONDITIONS: Final = frozenset({b"if-none-match", b"if-modified-since"})
_LEARNER_ID = re.compile(r"[0-9a-f]{32}")


def new_learner_id() -> str:
    """Return an id that nobody can guess: nothing else separates one learner from another."""
    return secrets.token_hex(16)


def valid_learner_id(text: object) -> str | None:
    """Return the text if it is a learner id (it names a folder, so nothing else may pass), else None."""
    return text if isinstance(text, str) and _LEARNER_ID.fullmatch(text) else None


def is_secure(scope: Scope) -> bool:
    """Return whether the browser uses TLS: to this server, or to a proxy that says so in `X-Forwarded-Proto`.

    A browser that sends this header without TLS only harms itself: it does not keep the cookie.
    """
    said = HTTPConnection(scope).headers.get("x-forwarded-proto", "")
    return scope["scheme"] in {"https", "wss"} or said.partition(",")[0].strip().lower() in {"https", "wss"}


def cookie_name(name: str, *, secure: bool) -> str:
    """Return the full name of a cookie of the lab, with TLS and without.

    A browser accepts a cookie with the prefix `__Host-` only over TLS and only from this very host: no neighbour in the
    domain can set one. Such a cookie must have the path `/`. Below a path, another lab may have the same host. There
    the prefix is `__Secure-`, which only requires TLS.
    """
    if not secure:
        return name
    return f"__Secure-{name}" if base_path() else f"__Host-{name}"


def cookie(
    scope: Scope, name: str, value: str, seconds: int, *, same_site: str = "Lax", is_framed: bool = False
) -> str:
    """Return the header that sets a cookie of the lab, unreadable for scripts; with 0 seconds, it deletes the cookie.

    With `is_framed`, browsers also send the cookie when a page of another site embeds the lab, and keep a separate
    value there. They accept that only over TLS.
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
    """Middleware that gives a browser a learner id with its first page, and another id in exchange for a ticket.

    The browser also sends the cookie with the websocket, so a reload or a second tab comes back to the same learner.
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
            other = parts().id_tickets.redeem(ticket, learner_id)
            response = RedirectResponse(_same_page(scope["path"]), status_code=303)
            if other:
                framed = _is_framed()
                # A cookie from before LAB_FRAME_ANCESTORS was set (or unset) is a separate cookie of the same name.
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

        # For a page in the browser's cache, the answer would be 304, without a cookie.
        left_out = {HEADER.encode()} | (frozenset() if learner_id else _CONDITIONS)
        headers = [(name, value) for name, value in scope["headers"] if name not in left_out]
        if learner_id:
            headers.append((HEADER.encode(), learner_id.encode()))
        await self._app({**scope, "headers": headers}, receive, send_with_cookie)


def _is_framed() -> bool:
    """Return whether pages of other sites may embed the lab."""
    return bool(read_settings().frame_ancestors)


def _secure(headers: MutableHeaders) -> None:
    """Make Streamlit's own cookies, such as its XSRF cookie, `Secure`; if framed, give them the learner's `SameSite`.

    Their path stays: with two such cookies for one page, the browser's script would use one, and the server the other.
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
    """Return the address of the requested page relative to itself: a proxy may have stripped a part of its path."""
    return f"./{path.rpartition('/')[2]}"
