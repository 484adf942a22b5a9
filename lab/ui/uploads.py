"""Files on their way from a browser: taken from the browser of whose page they are for, and gone once they are there.

Streamlit keeps what a browser uploads in memory until the session ends, whether or not anything has asked for it.
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
    """Takes a file for a session, and lets go of one, by the browser of its learner alone.

    Whoever else knows the session's id could put a file into another learner's page. It stands after `LearnerCookie`, which
    says whose a request is.
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
    """Return the session that a file is for."""
    session: str = scope["path"].partition(UPLOADS)[2].partition("/")[0]
    return session


def forget(uploaded: UploadedFile) -> None:
    """Drop a file that has been put where it belongs."""
    context = get_script_run_ctx()
    if context and isinstance(context.uploaded_file_mgr, MemoryUploadedFileManager):
        context.uploaded_file_mgr.remove_file(context.session_id, uploaded.file_id)
