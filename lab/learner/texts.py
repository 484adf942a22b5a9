"""The texts that a learner types, by field name: reading them, saving them from a browser, and their earlier versions.

A browser sends the earlier texts that its own is based on. If the field has another text by now, that one was written
in another tab or browser. Then both are kept, so that no text is lost silently.
"""

import secrets
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from typing import Final

from lab.cells.bounds import MAX_SOURCE
from lab.errors import LabError
from lab.learner.document_cache import OvertakenError
from lab.learner.identity import CLASS_CODE_LENGTH, NAME_LENGTH
from lab.learner.kept import ANSWER, DRAFT, REASON, RESULT, RETROSPECTIVE, SCRATCH
from lab.learner.progress import Progress
from lab.learner.retrospective import MAX_CHARACTERS, PARTS
from lab.lesson.predictions import PREDICTIONS
from lab.lesson.results import GROUPS
from lab.lesson.steps import EXERCISES, STEPS
from lab.store import Version

SCRATCH_FIELD: Final = "code-scratch"
MAX_RESULT: Final = 10_000
MAX_LINE: Final = 200
MAX_REASON: Final = 1_000
_IDENTITY: Final = {"name": NAME_LENGTH, "class_code": CLASS_CODE_LENGTH}
_LINES: Final = frozenset({"name", "time_spent"})

# After a pause of this many seconds, or after this many deleted characters, the text becomes an earlier version.
PAUSE_SECONDS: Final = 30.0
MUCH: Final = 40


@dataclass(frozen=True)
class Kept:
    """The text of a field. `at` identifies its state: of two with the same prefix, the greater number is newer."""

    text: str
    at: str


class OtherTextError(Exception):
    """The field has a text that the browser did not know; the browser's own text was saved as an earlier version."""

    def __init__(self, kept: Kept) -> None:
        super().__init__("another text stands there")
        self.kept = kept


class TooLongError(LabError):
    """A text that is longer than its field may be."""


@dataclass
class _Trail:
    """The recent history of a field.

    It has the text, the number of its changes, the time of the last write, and the longest text since the last earlier
    version was saved.
    """

    text: str
    changes: int = 0
    written_at: float = float("-inf")
    longest: str = ""


@dataclass(frozen=True)
class _Field:
    """The document of a field (kind and key), the functions that read and write its text, and its maximum length."""

    kind: str
    key: str
    read: Callable[[], str]
    write: Callable[[str], None]
    limit: int
    starter: str = ""


@dataclass
class Texts:
    """The texts of one learner; safe to use from any thread."""

    progress: Progress
    clock: Callable[[], float] = time.monotonic
    # A random prefix for states: those of another process, or of an earlier object for this learner, have no order.
    life: str = field(default_factory=lambda: secrets.token_hex(6))
    _trails: dict[str, _Trail] = field(default_factory=dict)

    def read(self, name: str) -> Kept:
        """Return the text of a field; raise LabError when there is no such field."""
        found = self._field(name)
        with self.progress._lock:
            text = found.read()
            trail = self._trails.setdefault(name, _Trail(text, longest=text))
            if trail.text != text:
                trail.text = text
                trail.changes += 1
            return Kept(text, f"{self.life}:{trail.changes}")

    def write(self, name: str, text: str, known: Collection[str], *, keep: bool = False) -> Kept:
        """Save what was typed, if the field's text is one of the texts `known` to the browser.

        Raise OtherTextError if it is not, TooLongError for a long text, and LabError when it cannot be saved. With
        `keep`, the present text becomes an earlier version in any case.
        """
        found = self._field(name)
        if len(text) > found.limit:
            raise TooLongError(
                f"This text has {len(text):,} characters, and may have {found.limit:,}.",
                "It is not kept until you shorten it.",
            )
        with self.progress._lock:
            kept = self.read(name)
            if text == kept.text:
                return kept
            if kept.text not in known:
                self._keep(found, text)
                raise OtherTextError(kept)
            trail = self._trails[name]
            if earlier := kept.text if keep else self._worth_keeping(trail, text):
                self._keep(found, earlier)
                trail.longest = text
            try:
                found.write(text)
            except OvertakenError as error:
                # Another server has changed something, and all its changes are taken over now. The field itself asks
                # which text to keep, so the notice is not needed.
                if self.progress.notice == str(error):
                    self.progress.dismiss()
                return self.write(name, text, known)
            trail.written_at = self.clock()
            trail.longest = max(trail.longest, text, key=len)
            return self.read(name)

    def versions(self, name: str) -> tuple[Version, ...]:
        """Return the earlier versions of a field, newest first; raise LabError when the store is unreachable."""
        found = self._field(name)
        return self.progress.versions(found.kind, found.key)

    def mark(self, name: str) -> None:
        """Mark the present text of a field as worth keeping, for example because it was run."""
        with self.progress._lock:
            self.read(name)
            self._trails[name].written_at = float("-inf")

    def _worth_keeping(self, trail: _Trail, text: str) -> str:
        """Return the text to save as an earlier version before `text` replaces it; empty if there is none."""
        if len(trail.longest) - len(text) >= MUCH or not text.strip():
            return trail.longest
        rested = self.clock() - trail.written_at >= PAUSE_SECONDS
        return trail.text if rested or _gone(trail.text, text) >= MUCH else ""

    def _keep(self, found: _Field, text: str) -> None:
        if not text.strip() or text == found.starter:
            return
        # The store keeps ten versions. Do not save one twice: going back through them must not push others out.
        if all(version.text != text for version in self.progress.versions(found.kind, found.key)):
            self.progress.keep_version(found.kind, found.key, text)

    def _field(self, name: str) -> _Field:
        progress = self.progress
        if name == SCRATCH_FIELD:
            return _Field(SCRATCH, "", lambda: progress.scratch, progress.write_scratch, MAX_SOURCE)
        kind, _, key = name.partition("-")
        if kind == "code" and key in {step.id for step in EXERCISES}:
            step = STEPS[key]
            return _Field(
                ANSWER,
                key,
                lambda: progress.answer(step).text,
                lambda text: progress.write(step, text),
                MAX_SOURCE,
                step.starter,
            )
        if kind == "answer" and key in {group.id for group in GROUPS}:
            return _Field(
                RESULT,
                key,
                lambda: progress.result(key).text,
                lambda text: progress.write_result(key, text),
                MAX_RESULT,
            )
        if kind == "retrospective" and key in PARTS:
            return _Field(
                RETROSPECTIVE,
                key,
                lambda: getattr(progress.retrospective, key),
                lambda text: progress.write_retrospective(replace(progress.retrospective, **{key: text})),
                MAX_LINE if key in _LINES else MAX_CHARACTERS,
            )
        if kind == "why" and key in PREDICTIONS:
            return _Field(
                REASON,
                key,
                lambda: progress.reason(key),
                lambda text: progress.write_reason(key, text),
                MAX_REASON,
            )
        if kind == "identity" and key in _IDENTITY:
            return _Field(
                DRAFT,
                key,
                lambda: progress.drafts.get(key, getattr(progress.identity, key)),
                lambda text: progress.write_draft(key, text),
                _IDENTITY[key],
            )
        raise LabError(f"There is no field {name[:40]!r} in this lab.", "Reload the page.")


def _gone(before: str, after: str) -> int:
    """Return how many characters of a text are gone in the next one, outside the common beginning and end."""
    shorter = min(len(before), len(after))
    head = next((place for place in range(shorter) if before[place] != after[place]), shorter)
    tail = next((place for place in range(shorter - head) if before[-1 - place] != after[-1 - place]), shorter - head)
    return len(before) - head - tail
