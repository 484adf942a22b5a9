"""How much of the files on their way from browsers is kept at one time: of a learner few, of a teacher a class."""

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

# What is around a file in its request.
_AROUND: Final = 100_000


@dataclass(frozen=True)
class Room:
    """How much of a session's files is kept at one time: how many, the bytes of one, and the bytes of all."""

    files: int
    one: int
    all: int


# Of a learner's page: the file that is shown, and the one that is about to take its place.
LEARNERS: Final = Room(2, 1 << 20, 2 << 20)
# The notebooks of a class; the desk that grades them has the same bounds.
TEACHERS: Final = Room(MAX_NOTEBOOKS, MAX_BYTES, MAX_BYTES)


class FewUploads:
    """Bounds the files that each session has in memory: who has shown the teacher's key may send a class, others one file.

    In a learner's session the oldest file makes room for a new one. In a teacher's none does, for each is to be graded.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        # By session: the bytes that are on their way, a number for each request.
        self._arriving: dict[str, list[int]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "PUT" or UPLOADS not in scope["path"]:
            await self._app(scope, receive, send)
            return
        session = session_of(scope)
        room = TEACHERS if is_of_teacher(HTTPConnection(scope)) else LEARNERS
        length = _length(scope)
        if refused := self._refusal(session, room, length):
            await refused(scope, receive, send)
            return
        self._arriving.setdefault(session, []).append(length)
        try:
            await self._app(scope, receive, send)
        finally:
            self._arriving[session].remove(length)
            # Without those of nobody.
            if not self._arriving[session]:
                del self._arriving[session]
            if room is LEARNERS and runtime.exists():
                keep_newest(runtime.get_instance().uploaded_file_mgr, session)

    def _refusal(self, session: str, room: Room, length: int) -> PlainTextResponse | None:
        arriving = self._arriving.get(session, [])
        if length < 0:
            return PlainTextResponse("Say how long the file is.", 411)
        if length > room.one + _AROUND:
            return PlainTextResponse(f"Files of at most {room.one / 1e6:,.0f} MB are taken here.", 413)
        kept = _kept(session) if room is TEACHERS else []
        if len(arriving) + len(kept) >= room.files:
            return PlainTextResponse("Too many files at once. Wait until one has arrived.", 429)
        if sum(arriving) + sum(kept) + length > room.all + _AROUND * (len(arriving) + 1):
            return PlainTextResponse(f"Files of {room.all / 1e6:,.0f} MB in all are taken here.", 413)
        return None


def _length(scope: Scope) -> int:
    """Return how many bytes a request says that it has, to which the server holds it; -1 if it does not say."""
    said = Headers(scope=scope).get("content-length", "")
    return int(said) if said.isascii() and said.isdecimal() else -1


def _kept(session: str) -> list[int]:
    """Return the bytes of each file of a session."""
    manager = runtime.get_instance().uploaded_file_mgr if runtime.exists() else None
    files = manager.file_storage.get(session, {}) if isinstance(manager, MemoryUploadedFileManager) else {}
    return [len(file.data) for file in files.values()]


def keep_newest(manager: object, session: str) -> None:
    """Forget the oldest files of a learner's session, so that no more are left than there is room for."""
    if isinstance(manager, MemoryUploadedFileManager):
        for file_id in list(manager.file_storage.get(session, {}))[: -LEARNERS.files]:
            manager.remove_file(session, file_id)
