"""Limits on uploaded files in memory: few for a learner, the notebooks of a class for a teacher."""

from dataclasses import dataclass
from typing import Final

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit import runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

from lab.handin.bounds import MAX_BYTES, MAX_NOTEBOOKS
from lab.ui.teacher.access import is_of_teacher
from lab.ui.uploads import UPLOADS, session_of

# Bytes of an upload request in addition to its file.
_AROUND: Final = 100_000


@dataclass(frozen=True)
class UploadLimits:
    """The limits of a session: the number of files, the bytes of one file, and the bytes of all."""

    files: int
    one: int
    all: int


# For a learner's page: the file that is shown, and the one that will replace it.
LEARNERS: Final = UploadLimits(2, 1 << 20, 2 << 20)
# For the notebooks of a class; the desk that grades them has the same limits.
TEACHERS: Final = UploadLimits(MAX_NOTEBOOKS, MAX_BYTES, MAX_BYTES)


class LimitUploads:
    """Middleware that limits the files that each session has in memory: a class for the teacher, few for others.

    In a learner's session, a new file replaces the oldest. In a teacher's session, none is dropped: all must be graded.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        # By session: the bytes of each upload request that is still arriving.
        self._arriving: dict[str, list[int]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "PUT" or UPLOADS not in scope["path"]:
            await self._app(scope, receive, send)
            return
        session = session_of(scope)
        limits = TEACHERS if is_of_teacher(HTTPConnection(scope)) else LEARNERS
        length = _length(scope)
        if refused := self._refusal(session, limits, length):
            await refused(scope, receive, send)
            return
        self._arriving.setdefault(session, []).append(length)
        try:
            await self._app(scope, receive, send)
        finally:
            self._arriving[session].remove(length)
            # Otherwise, an entry would stay for each session that has ended.
            if not self._arriving[session]:
                del self._arriving[session]
            if limits is LEARNERS and runtime.exists():
                keep_newest(runtime.get_instance().uploaded_file_mgr, session)

    def _refusal(self, session: str, limits: UploadLimits, length: int) -> PlainTextResponse | None:
        arriving = self._arriving.get(session, [])
        if length < 0:
            return PlainTextResponse("Say how long the file is.", 411)
        if length > limits.one + _AROUND:
            return PlainTextResponse(f"Files of at most {limits.one / 1e6:,.0f} MB are taken here.", 413)
        kept = _kept(session) if limits is TEACHERS else []
        if len(arriving) + len(kept) >= limits.files:
            return PlainTextResponse("Too many files at once. Wait until one has arrived.", 429)
        if sum(arriving) + sum(kept) + length > limits.all + _AROUND * (len(arriving) + 1):
            return PlainTextResponse(f"Files of {limits.all / 1e6:,.0f} MB in all are taken here.", 413)
        return None


def _length(scope: Scope) -> int:
    """Return the content length of a request, which the server enforces; -1 if it is missing or invalid."""
    said = Headers(scope=scope).get("content-length", "")
    return int(said) if said.isascii() and said.isdecimal() else -1


def _kept(session: str) -> list[int]:
    """Return the size in bytes of each file that is kept for a session."""
    manager = runtime.get_instance().uploaded_file_mgr if runtime.exists() else None
    files = manager.file_storage.get(session, {}) if isinstance(manager, MemoryUploadedFileManager) else {}
    return [len(file.data) for file in files.values()]


def keep_newest(manager: object, session: str) -> None:
    """Remove the oldest files of a learner's session that are over its limit."""
    if isinstance(manager, MemoryUploadedFileManager):
        for file_id in list(manager.file_storage.get(session, {}))[: -LEARNERS.files]:
            manager.remove_file(session, file_id)
