"""Files on their way from a browser to the bucket: one's own, few at a time, and gone once they are there.

Streamlit keeps what a browser uploads in memory until the session ends, whether or not anything has asked for it.
"""

from collections import Counter
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

# Of one page: the file that is shown, and the one that is about to take its place.
FILES: Final = 2
_PATH: Final = "/_stcore/upload_file/"
_SENDING: Final = frozenset({"PUT", "DELETE"})


class FewUploads:
    """Lets each session have FILES files in memory, each of which Streamlit bounds: the oldest makes room for a new one."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._arriving: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "PUT" or _PATH not in scope["path"]:
            await self._app(scope, receive, send)
            return
        session = _session(scope)
        if self._arriving[session] >= FILES:
            await PlainTextResponse("Too many files at once. Wait until one has arrived.", 429)(scope, receive, send)
            return
        self._arriving[session] += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._arriving[session] -= 1
            self._arriving += Counter()  # without those of nobody
            if runtime.exists():
                keep_newest(runtime.get_instance().uploaded_file_mgr, session)


class OwnUploads:
    """Takes a file for a session, and lets go of one, by the browser of its learner alone.

    Whoever else knows the session's id could put a file into another learner's page. It stands after `LearnerCookie`, which
    says whose a request is.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        sends = scope["type"] == "http" and scope["method"] in _SENDING and _PATH in scope["path"]
        if not sends or _is_own(scope):
            await self._app(scope, receive, send)
            return
        said = "The page that this file is for has no connection to the lab, or is another learner's. Reload it."
        await PlainTextResponse(said, 403)(scope, receive, send)


def _is_own(scope: Scope) -> bool:
    client = runtime.get_instance().get_client(_session(scope)) if runtime.exists() else None
    owner = (
        Headers(dict(client.client_context.headers)).get(HEADER) if isinstance(client, StarletteSessionClient) else None
    )
    return owner is not None and owner == Headers(scope=scope).get(HEADER)


def _session(scope: Scope) -> str:
    """Return the session that a file is for."""
    session: str = scope["path"].partition(_PATH)[2].partition("/")[0]
    return session


def keep_newest(manager: object, session: str) -> None:
    """Forget the oldest files of a session, so that FILES are left."""
    if isinstance(manager, MemoryUploadedFileManager):
        for file_id in list(manager.file_storage.get(session, {}))[:-FILES]:
            manager.remove_file(session, file_id)


def forget(uploaded: UploadedFile) -> None:
    """Drop a file that has been put where it belongs."""
    context = get_script_run_ctx()
    if context and isinstance(context.uploaded_file_mgr, MemoryUploadedFileManager):
        context.uploaded_file_mgr.remove_file(context.session_id, uploaded.file_id)
