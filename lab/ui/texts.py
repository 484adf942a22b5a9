"""Requests that read and save the texts of a page's fields, beside Streamlit, so that no script run loses a text."""

import json
from typing import TYPE_CHECKING, Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lab.errors import LabError
from lab.ui.channels import learner_on
from lab.ui.parts import parts

if TYPE_CHECKING:
    from lab.learner.texts import Kept, Texts

# A header, since a proxy would log an address. And pages of another origin cannot send it without a preflight.
HEADER: Final = "Lab-Channel"
# Room for one text, and those that the browser knows, each of at most 20,000 characters.
MAX_BYTES: Final = 500_000
MAX_KNOWN: Final = 4
_NOT_STORED: Final = {"Cache-Control": "no-store"}


async def _texts(request: Request) -> Response:
    learner = learner_on(request.headers.get(HEADER, ""))
    if learner is None:
        # For example after a restart of the lab. When the page is drawn anew, it has the new channel.
        return _said(404, error="")
    parts().classroom.seen(learner)
    name = request.path_params["name"]
    if request.method == "GET":
        return await run_in_threadpool(_versions, learner.texts, name)
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MAX_BYTES:
            return _said(422, error="This text is too long to be kept. Shorten it.")
    return await run_in_threadpool(_write, learner.texts, name, bytes(body))


def _versions(texts: "Texts", name: str) -> Response:
    try:
        versions = [{"text": version.text, "at": version.at.isoformat()} for version in texts.versions(name)]
    except LabError as error:
        return _said(503, error=str(error))
    return _said(200, versions=versions)


def _write(texts: "Texts", name: str, body: bytes) -> Response:
    # Imported late, so that the first page does not wait for it.
    from lab.learner.texts import OtherTextError, TooLongError  # noqa: PLC0415

    try:
        text, known, keep = _read(body)
    except (ValueError, RecursionError):
        return _said(422, error="This is no text that can be kept. Reload the page.")
    try:
        return _kept(200, texts.write(name, text, known, keep=keep))
    except OtherTextError as other:
        return _kept(409, other.kept)
    except TooLongError as error:
        return _said(422, error=str(error))
    except LabError as error:
        return _said(503, error=str(error))


def _read(body: bytes) -> tuple[str, list[str], bool]:
    message = json.loads(body)
    match message:
        case {"text": str(text), "known": list(known), "keep": bool(keep)} if len(known) <= MAX_KNOWN:
            # Raises for half of a surrogate pair, which a database refuses.
            text.encode()
            return text, [each for each in known if isinstance(each, str)], keep
    raise ValueError


def _kept(status: int, kept: "Kept") -> Response:
    return _said(status, text=kept.text, at=kept.at)


def _said(status: int, **content: Any) -> Response:
    return JSONResponse(content, status, headers=_NOT_STORED)


ROUTES: Final = [Route("/lab/texts/{name}", _texts, methods=["GET", "POST"])]
