"""A class, followed through the store: each look reads only what has changed since the previous one.

So a class may be spread over several labs that share a database.
"""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from lab.course.board import Board, board
from lab.course.enrolled import CONTENT, KINDS, Enrolled, enrolled
from lab.course.entrance import is_same_code
from lab.errors import LabError
from lab.learner.kept import ANSWER, Answer, read_answer
from lab.store import NEVER, DocumentKey, Survey
from lab.store.survey import DocumentId, DocumentVersion

MAX_LEARNERS: Final = 300
# Learners without activity for longer do not belong to the current lesson.
CLASS_SECONDS: Final = 4 * 60 * 60
# What was written before a look may be visible only after it: a transaction takes 6 s at most (lab/store/database.py).
OVERLAP: Final = timedelta(seconds=10)
# A deletion leaves no changed row, so everything is compared this often.
COMPARE_SECONDS: Final = 60.0
# Two pages that show the board share one look.
FRESH_SECONDS: Final = 0.4
# Enough for the examples on two pages, and one selected learner on each.
MAX_ANSWERS: Final = 16


@dataclass(frozen=True)
class Look:
    """The result of a look: the board, its time (seconds since 1970), and how many rows were read for it.

    `error` is why the store could not be read, None if it could. With an error, the board is that of an earlier look,
    and so is the time.
    """

    board: Board
    at: float
    rows: int = 0
    error: LabError | None = None


@dataclass
class _Known:
    """The cache of one learner: the version of each document, the values of CONTENT, and when it last changed."""

    versions: dict[DocumentKey, int] = field(default_factory=dict)
    content: dict[DocumentKey, Any] = field(default_factory=dict)
    last: float = 0.0
    learner: Enrolled | None = None


class Watch:
    """A class, followed through the store; safe to use from any thread.

    With a class code, only learners of that class are shown.
    """

    def __init__(
        self, survey: Callable[[], Survey], class_code: Callable[[], str], clock: Callable[[], float] = time.time
    ) -> None:
        """Keep where to read: `survey` raises LabError when there is no store."""
        self._survey = survey
        self._class_code = class_code
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[str, _Known] = {}
        self._newest: datetime | None = None
        self._compared_at = float("-inf")
        self._look: Look | None = None
        # Cache of the answers asked for last, each with its version: a page asks for the same ones at each look.
        self._answers: dict[DocumentId, tuple[int, Answer | None]] = {}

    def look(self) -> Look:
        """Look at the class. Never raise: the result has the error."""
        with self._lock:
            now = self._clock()
            if self._look and not self._look.error and 0 <= now - self._look.at < FRESH_SECONDS:
                return self._look
            try:
                rows = self._read(now)
            except LabError as error:
                before = self._look or Look(Board(), now)
                self._look = Look(before.board, before.at, error=error)
            else:
                self._look = Look(board(self._class(), now), now, rows)
            return self._look

    def answer(self, key: str, step_id: str) -> Answer | None:
        """Return what a learner on the board has written in a step, and its feedback, as of the last look.

        None if there is nothing, or no such learner on the board. Raises LabError when the store cannot be read.
        """
        with self._lock:
            known = self._known.get(key)
            if known is None or key not in {each.key for each in self._class()}:
                return None
            version = known.versions.get((ANSWER, step_id), NEVER)
            document_id = (key, ANSWER, step_id)
            if version != NEVER and self._answers.get(document_id, (NEVER, None))[0] != version:
                answer = read_answer(self._survey().values([document_id]).get(document_id))
                self._answers = dict(list(self._answers.items())[1 - MAX_ANSWERS :]) | {document_id: (version, answer)}
            return self._answers[document_id][1] if version != NEVER else None

    def _class(self) -> list[Enrolled]:
        code = self._class_code()
        there = [known.learner for known in self._known.values() if known.learner]
        return [each for each in there if not code or is_same_code(each.class_code, code)]

    def _read(self, now: float) -> int:
        """Read what has changed; return how many rows that took. If a read fails, the cache stays as it was."""
        survey = self._survey()
        if self._newest is None:
            since = datetime.fromtimestamp(now, UTC) - timedelta(seconds=CLASS_SECONDS)
        else:
            since = self._newest - OVERLAP
        recent = survey.changed(KINDS, since)
        active = list(dict.fromkeys(document.learner for document in recent))[:MAX_LEARNERS]
        # For learners who are new here, also read what they did on other days.
        further = survey.of([key for key in active if key not in self._known], KINDS)
        compares = now - self._compared_at >= COMPARE_SECONDS
        everything = survey.of(list(self._known), KINDS) if compares else ()
        shown = {*active, *self._known}
        changed = {
            document.id: document
            for document in (*everything, *further, *recent)
            if document.learner in shown and self._version(document) != document.version
        }
        values = survey.values([document_id for document_id in changed if document_id[1] in CONTENT])
        if compares:
            self._compared_at = now
            self._forget(everything)
        self._take(changed.values(), values)
        self._newest = max(
            [*(document.changed_at for document in recent[:1]), *filter(None, [self._newest])], default=None
        )
        self._make_room(now)
        return len(recent) + len(further) + len(everything) + len(values)

    def _version(self, document: DocumentVersion) -> int:
        known = self._known.get(document.learner)
        return known.versions.get((document.kind, document.key), NEVER) if known else NEVER

    def _take(self, changed: Iterable[DocumentVersion], values: Mapping[DocumentId, Any]) -> None:
        """Put the changed documents and their values into the cache."""
        touched = {}
        for document in changed:
            touched[document.learner] = known = self._known.setdefault(document.learner, _Known())
            known.versions[document.kind, document.key] = document.version
            known.content[document.kind, document.key] = values.get(document.id)
            known.last = max(known.last, document.changed_at.timestamp())
        for key, known in touched.items():
            known.learner = enrolled(key, known.content, known.last)

    def _forget(self, everything: Iterable[DocumentVersion]) -> None:
        """Remove deleted documents and learners from the cache."""
        there: dict[str, set[DocumentKey]] = {}
        for document in everything:
            there.setdefault(document.learner, set()).add((document.kind, document.key))
        self._known = {key: known for key, known in self._known.items() if key in there}
        for key, known in self._known.items():
            if gone := set(known.versions) - there[key]:
                for document_key in gone:
                    known.versions.pop(document_key)
                    known.content.pop(document_key, None)
                known.learner = enrolled(key, known.content, known.last)

    def _make_room(self, now: float) -> None:
        """Keep the MAX_LEARNERS newest learners, without those idle for CLASS_SECONDS: an earlier class has left."""
        newest = sorted(self._known, key=lambda key: self._known[key].last, reverse=True)
        for place, key in enumerate(newest):
            if place >= MAX_LEARNERS or now - self._known[key].last > CLASS_SECONDS:
                del self._known[key]
