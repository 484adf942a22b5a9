"""Access to the teacher's pages: for browsers that have shown the key or, without a class, are on this machine.

A link with the key leads here. The browser gets a cookie in exchange, and is redirected to an address without the key.
"""

import asyncio
from typing import Final
from urllib.parse import parse_qs, urlencode

import streamlit as st
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route
from streamlit import config

from lab.course.key import COOKIE_SECONDS, TooManyKeysError, WrongKeyError
from lab.errors import LabError
from lab.settings import MAX_KEY
from lab.ui.address import base_path
from lab.ui.cookie import cookie, cookie_name
from lab.ui.parts import parts

COOKIE: Final = "lab_teacher"
PATH: Final = "/lab/teacher"
PARAMETER: Final = "key"
LEAVE: Final = f"{PATH}/leave"
# Relative to PATH and to LEAVE: a proxy may put the whole lab below a path.
_BOARD: Final = "../class-board"
_FROM_PATH_TO_LAB: Final = "../"
_FROM_LEAVE_TO_LAB: Final = "../../"
# A wrong key is answered late, against guessing. The wait does not block other requests.
WRONG_SECONDS: Final = 1.0
# The addresses of a browser on the lab's own machine.
_HERE: Final = frozenset({"127.0.0.1", "::1"})
# The most bytes and fields of a form with a key.
_MAX_FORM: Final = 3 * MAX_KEY + 100
_MAX_FIELDS: Final = 5

# The page must not be cached, framed, or revealed to another site. (With `no-referrer`, a form would send no origin.)
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
}
_PAGE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>The teacher's key · Spark Streaming lab</title>
<style>
:root {{ color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }}
main {{ max-width: 30rem; margin: 3rem auto; padding: 0 1rem; }}
input, button {{ font: inherit; padding: 0.4rem 0.6rem; }}
input {{ width: 100%; box-sizing: border-box; margin: 0.3rem 0 0.8rem; }}
</style></head><body><main>
<h1>The teacher's pages</h1>
<p role="status">{said}</p>
<form method="post" action="{form}">
<label for="key">The teacher's key</label>
<input id="key" name="key" type="password" autocomplete="off" required maxlength="{length}">
<button>Open</button>
</form>
<p><a href="{lab}">To the lab</a></p>
</main></body></html>
"""


def is_teacher() -> bool:
    """Return whether the viewer of the page that is being drawn may see the teacher's pages."""
    if not parts().classroom.entrance.is_for_class:
        # Streamlit gives no address for a browser on this machine. With an address, access is refused, in case other
        # machines can reach the lab although it is not configured for them.
        return not isinstance(st.context.ip_address, str)
    given = (st.context.cookies.get(name) for name in _names())
    return any(isinstance(each, str) and parts().key.knows(each) for each in given)


def is_of_teacher(request: HTTPConnection) -> bool:
    """Return whether a request outside of Streamlit's pages comes from a browser that may open the teacher's pages."""
    if not parts().classroom.entrance.is_for_class:
        return request.client is not None and request.client.host in _HERE
    return any(parts().key.knows(request.cookies.get(name, "")) for name in _names())


def _names() -> tuple[str, str]:
    return cookie_name(COOKIE, secure=False), cookie_name(COOKIE, secure=True)


def require_teacher() -> None:
    """Stop the page with a message unless the viewer is the teacher."""
    if not is_teacher():
        st.info(
            "This page is for the teacher. Open it with the link that has the teacher's key.", icon=":material/lock:"
        )
        st.stop()


def leave() -> None:
    """Draw the link in the sidebar that closes the teacher's pages, if they were opened with a key."""
    if parts().classroom.entrance.is_for_class:
        st.html(
            f'<a href="{LEAVE.lstrip("/")}" target="_self" style="color: inherit">'
            "Close the teacher's pages in this browser</a>"
        )


def link_in_words() -> str:
    """Return how to open the teacher's pages, for the console when the lab starts.

    Empty where no key is needed.
    """
    if not parts().classroom.entrance.is_for_class:
        return ""
    address = f"{origin()}{base_path()}{PATH}"
    if made := parts().key.tell():
        return f"The teacher's pages open with this link, until the lab ends: {address}?{urlencode({PARAMETER: made})}"
    return f"The teacher's pages open with the teacher's key: {address}"


def origin() -> str:
    """Return the lab's origin for a browser: with its host name behind a proxy, if it has one, else with 127.0.0.1."""
    hosts = config.get_option("server.allowedHosts")
    names = [host for host in hosts if host not in {"localhost", "127.0.0.1"} and "*" not in host]
    if names:
        return f"https://{names[0]}"
    scheme = "https" if config.get_option("server.sslCertFile") else "http"
    return f"{scheme}://127.0.0.1:{config.get_option('server.port')}"


async def _open(request: Request) -> Response:
    if request.method == "POST":
        body = bytearray()
        async for part in request.stream():
            body += part
            if len(body) > _MAX_FORM:
                return _asks(str(WrongKeyError()), 403)
        try:
            keys = parse_qs(body.decode(errors="replace"), max_num_fields=_MAX_FIELDS).get(PARAMETER, [])
        except ValueError:
            # It has more fields than the form.
            return _asks(str(WrongKeyError()), 403)
    else:
        keys = request.query_params.getlist(PARAMETER)
    if not keys:
        return _asks("Write the key, or open the link that has it.", 200)
    try:
        given = parts().key.issue_pass(keys[0], request.client.host if request.client else "")
    except TooManyKeysError as error:
        return _asks(str(error), 429)
    except LabError as error:
        await asyncio.sleep(WRONG_SECONDS)
        return _asks(str(error), 403)
    response = RedirectResponse(_BOARD, 303, headers=_HEADERS)
    response.headers.append("set-cookie", _cookie(request, given, COOKIE_SECONDS))
    return response


async def _leave(request: Request) -> Response:
    response = RedirectResponse(_FROM_LEAVE_TO_LAB, 303, headers=_HEADERS)
    # Browsers do not send this cookie from another site, so no other site can log a teacher out.
    for name in _names():
        if given := request.cookies.get(name):
            parts().key.revoke_pass(given)
            response.headers.append("set-cookie", _cookie(request, "", 0))
    return response


def _asks(said: str, status: int) -> Response:
    form = PATH.rpartition("/")[2]
    page = _PAGE.format(said=said, form=form, lab=_FROM_PATH_TO_LAB, length=MAX_KEY)
    return HTMLResponse(page, status, headers=_HEADERS)


def _cookie(request: Request, given: str, seconds: int) -> str:
    return cookie(request.scope, COOKIE, given, seconds, same_site="Strict")


ROUTES: Final = [Route(PATH, _open, methods=["GET", "POST"]), Route(LEAVE, _leave)]
