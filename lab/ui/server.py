"""What surrounds the pages: Spark starts and stops with the server, and each browser gets a learner id."""

import re
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.runtime.pages_manager import PagesManager

from lab.lesson.classroom import CLASSROOM
from lab.system import speak_any_console
from lab.ui.moves import MOVES, PARAMETER

COOKIE: Final = "lab_learner"
# Spark takes the whole machine while it starts, so the first page comes first, if anybody asks for one soon.
FIRST_PAGE_SECONDS: Final = 3.0
COOKIE_SECONDS: Final = 180 * 24 * 60 * 60

_LEARNER_ID = re.compile(r"[0-9a-f]{32}")


@asynccontextmanager
async def lifespan(_app: object) -> AsyncIterator[None]:
    """Start Spark in the background, once the first page stands there, and leave nothing behind when it stops."""
    # Streamlit takes a folder `pages/` for the pages of the app until st.navigation is first called, so a deep link
    # that is the very first request would say "Page not found" (PagesManager, Streamlit 1.67).
    PagesManager.uses_pages_directory = False
    speak_any_console()
    CLASSROOM.open(FIRST_PAGE_SECONDS)
    try:
        yield
    finally:
        CLASSROOM.close()


def new_learner_id() -> str:
    """An id that nobody can guess, since it is all that separates one learner from another."""
    return secrets.token_hex(16)


def valid_learner_id(text: object) -> str | None:
    """The text if it is a learner id (it names a folder, so nothing else may pass), else None."""
    return text if isinstance(text, str) and _LEARNER_ID.fullmatch(text) else None


class LearnerCookie:
    """Gives a browser that has none a learner id, with the first page it loads, and another one for a ticket.

    The websocket that follows sends it, so a reload and a second tab come back to the same learner. Scripts in the
    page cannot read it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (ticket := HTTPConnection(scope).query_params.get(PARAMETER)):
            other = MOVES.redeem(ticket, HTTPConnection(scope).cookies.get(COOKIE))
            response = RedirectResponse(_own_path(HTTPConnection(scope).url.path), status_code=303)
            if other:
                response.headers.append("set-cookie", _cookie(other))
            await response(scope, receive, send)
            return
        if scope["type"] != "http" or valid_learner_id(HTTPConnection(scope).cookies.get(COOKIE)):
            await self._app(scope, receive, send)
            return

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("content-type", "").startswith("text/html"):
                    headers.append("set-cookie", _cookie(new_learner_id()))
            await send(message)

        await self._app(scope, receive, send_with_cookie)


def _own_path(path: str) -> str:
    """A path that a browser cannot take for another host, as it would `//host/`."""
    return "/" + path.lstrip("/\\")


def _cookie(learner_id: str) -> str:
    return f"{COOKIE}={learner_id}; Path=/; Max-Age={COOKIE_SECONDS}; HttpOnly; SameSite=Lax"


MIDDLEWARE: Final = [Middleware(LearnerCookie)]
