"""Files on their way from a browser to the bucket: few at a time, and gone once they are there.

Streamlit keeps what a browser uploads in memory until the session ends, whether or not anything has asked for it.
"""

from collections import Counter
from typing import Final

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFile

# Of one page: the file that is shown, and the one that is about to take its place.
FILES: Final = 2
_PATH: Final = "/_stcore/upload_file/"


class FewUploads:
    """Lets each session have FILES files in memory, each of which Streamlit bounds: the oldest makes room for a new one."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._arriving: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "PUT" or _PATH not in scope["path"]:
            await self._app(scope, receive, send)
            return
        session = scope["path"].partition(_PATH)[2].partition("/")[0]
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
