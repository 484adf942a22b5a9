"""Uploaded files: accepted only from the browser of the learner they are for, and removed from memory after use.

Streamlit keeps an uploaded file in memory until the session ends, even if nothing on the page has asked for it.
"""

from typing import Final

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile
from streamlit.web.server.starlette.starlette_websocket import StarletteSessionClient

from lab.ui.cookie import HEADER

UPLOADS: Final = "/_stcore/upload_file/"
_SENDING: Final = frozenset({"PUT", "DELETE"})


class OwnUploads:
    """Middleware that lets only the browser of a session's learner upload or delete the files of that session.

    Otherwise, anyone who knows the session's id could put a file into another learner's page. It comes after
    `LearnerCookie`, which adds the learner to the request.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        sends = scope["type"] == "http" and scope["method"] in _SENDING and UPLOADS in scope["path"]
        if not sends or _is_own(scope):
            await self._app(scope, receive, send)
            return
        said = "The page that this file is for has no connection to the lab, or is another learner's. Reload it."
        await PlainTextResponse(said, 403)(scope, receive, send)


def _is_own(scope: Scope) -> bool:
    client = runtime.get_instance().get_client(session_of(scope)) if runtime.exists() else None
    owner = (
        Headers(dict(client.client_context.headers)).get(HEADER) if isinstance(client, StarletteSessionClient) else None
    )
    return owner is not None and owner == Headers(scope=scope).get(HEADER)


def session_of(scope: Scope) -> str:
    """Return the id of the session that a file is for."""
    session: str = scope["path"].partition(UPLOADS)[2].partition("/")[0]
    return session


def forget(uploaded: UploadedFile) -> None:
    """Remove an uploaded file from memory, after it has been used."""
    context = get_script_run_ctx()
    if context and isinstance(context.uploaded_file_mgr, MemoryUploadedFileManager):
        context.uploaded_file_mgr.remove_file(context.session_id, uploaded.file_id)
