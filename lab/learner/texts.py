"""Every text that a learner types, by the name of its field: read, taken over as it comes from a browser, brought back.

A browser names the texts that its own goes back to. Where another one stands by now, that was written in another tab or
browser: then both are kept, and nobody's letters vanish without a word.
"""

import secrets
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from typing import Final

from lab.cells.bounds import MAX_SOURCE
from lab.errors import LabError
from lab.learner.identity import CLASS_CODE_LENGTH, NAME_LENGTH
from lab.learner.kept import ANSWER, DRAFT, REASON, RESULT, RETROSPECTIVE, SCRATCH
from lab.learner.progress import Progress
from lab.learner.retrospective import MAX_CHARACTERS, PARTS
from lab.learner.shelf import OvertakenError
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

# After such a pause, or after so many characters have gone, what stood there becomes an earlier version.
PAUSE_SECONDS: Final = 30.0
MUCH: Final = 40


@dataclass(frozen=True)
class Kept:
    """What stands in a field. `at` says which state that is: of two with the same start, the one with the greater number."""

    text: str
    at: str


class OtherTextError(Exception):
    """Another text stands in the field than those that the browser knew; the one that came is an earlier version now."""

    def __init__(self, kept: Kept) -> None:
        super().__init__("another text stands there")
        self.kept = kept


class TooLongError(LabError):
    """A text is longer than its field takes."""


@dataclass
class _Trail:
    """What was seen of a field.

    How often its text changed, when it was written last, and the longest text since one became an earlier version.
    """

    text: str
    changes: int = 0
    written_at: float = float("-inf")
    longest: str = ""


@dataclass(frozen=True)
class _Place:
    """Where a field's text is kept, how it is read and written, and how long it may be."""

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
    # States of another process, or from before this learner was cleared away, are no older and no newer ones.
    life: str = field(default_factory=lambda: secrets.token_hex(6))
    _trails: dict[str, _Trail] = field(default_factory=dict)

    def read(self, name: str) -> Kept:
        """Return what stands in a field; raises LabError when there is no such field."""
        place = self._place(name)
        with self.progress._lock:
            text = place.read()
            trail = self._trails.setdefault(name, _Trail(text, longest=text))
            if trail.text != text:
                trail.text = text
                trail.changes += 1
            return Kept(text, f"{self.life}:{trail.changes}")

    def write(self, name: str, text: str, known: Collection[str], *, keep: bool = False) -> Kept:
        """Take over what was typed, if one of the texts that the browser `known` stands there.

        Raises OtherTextError if not, TooLongError, and LabError when it cannot be kept. With `keep`, what stood there
        becomes an earlier version in any case.
        """
        place = self._place(name)
        if len(text) > place.limit:
            raise TooLongError(
                f"This text has {len(text):,} characters, and may have {place.limit:,}.",
                "It is not kept until you shorten it.",
            )
        with self.progress._lock:
            kept = self.read(name)
            if text == kept.text:
                return kept
            if kept.text not in known:
                self._keep(place, text)
                raise OtherTextError(kept)
            trail = self._trails[name]
            if earlier := kept.text if keep else self._worth_keeping(trail, text):
                self._keep(place, earlier)
                trail.longest = text
            try:
                place.write(text)
            except OvertakenError as error:
                # On another server. It is the field that asks which text is to stay; what else has changed is known now.
                if self.progress.notice == str(error):
                    self.progress.dismiss()
                return self.write(name, text, known)
            trail.written_at = self.clock()
            trail.longest = max(trail.longest, text, key=len)
            return self.read(name)

    def versions(self, name: str) -> tuple[Version, ...]:
        """Return what stood in a field before, the newest first; raises LabError when the store cannot be asked."""
        place = self._place(name)
        return self.progress.versions(place.kind, place.key)

    def mark(self, name: str) -> None:
        """Say that what stands in a field now is worth keeping: it was run, say."""
        with self.progress._lock:
            self.read(name)
            self._trails[name].written_at = float("-inf")

    def _worth_keeping(self, trail: _Trail, text: str) -> str:
        """Return what is to become an earlier version before a text takes its place; empty if nothing is."""
        if len(trail.longest) - len(text) >= MUCH or not text.strip():
            return trail.longest
        rested = self.clock() - trail.written_at >= PAUSE_SECONDS
        return trail.text if rested or _gone(trail.text, text) >= MUCH else ""

    def _keep(self, place: _Place, text: str) -> None:
        if not text.strip() or text == place.starter:
            return
        # Of ten places, none is for a text that stands there already: who goes back through them takes none away.
        if all(version.text != text for version in self.progress.versions(place.kind, place.key)):
            self.progress.keep_version(place.kind, place.key, text)

    def _place(self, name: str) -> _Place:
        progress = self.progress
        if name == SCRATCH_FIELD:
            return _Place(SCRATCH, "", lambda: progress.scratch, progress.write_scratch, MAX_SOURCE)
        kind, _, key = name.partition("-")
        if kind == "code" and key in {step.id for step in EXERCISES}:
            step = STEPS[key]
            return _Place(
                ANSWER,
                key,
                lambda: progress.answer(step).text,
                lambda text: progress.write(step, text),
                MAX_SOURCE,
                step.starter,
            )
        if kind == "answer" and key in {group.id for group in GROUPS}:
            return _Place(
                RESULT,
                key,
                lambda: progress.result(key).text,
                lambda text: progress.write_result(key, text),
                MAX_RESULT,
            )
        if kind == "retrospective" and key in PARTS:
            return _Place(
                RETROSPECTIVE,
                key,
                lambda: getattr(progress.retrospective, key),
                lambda text: progress.write_retrospective(replace(progress.retrospective, **{key: text})),
                MAX_LINE if key in _LINES else MAX_CHARACTERS,
            )
        if kind == "why" and key in PREDICTIONS:
            return _Place(
                REASON,
                key,
                lambda: progress.reason(key),
                lambda text: progress.write_reason(key, text),
                MAX_REASON,
            )
        if kind == "identity" and key in _IDENTITY:
            return _Place(
                DRAFT,
                key,
                lambda: progress.drafts.get(key, getattr(progress.identity, key)),
                lambda text: progress.write_draft(key, text),
                _IDENTITY[key],
            )
        raise LabError(f"There is no field {name[:40]!r} in this lab.", "Reload the page.")


def _gone(before: str, after: str) -> int:
    """Return how many characters of a text are not in the next one, where both are the same at their beginnings and ends."""
    shorter = min(len(before), len(after))
    head = next((place for place in range(shorter) if before[place] != after[place]), shorter)
    tail = next((place for place in range(shorter - head) if before[-1 - place] != after[-1 - place]), shorter - head)
    return len(before) - head - tail
