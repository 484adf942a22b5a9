"""The votes of a class in the store: the vote that is on, everybody's ballots, and the votes that have ended.

The vote that is on is one document of the class, under an id that no browser can have. A ballot is among the documents
of the person who voted. So labs that share a database share the vote.
"""

import secrets
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from lab.course.own_id import own_id
from lab.course.past_votes import PastVote, read_past, write_past
from lab.course.vote import Ballot, NotNowError, Question, Tally, Vote, read_ballot, read_vote, tally, write_vote
from lab.engine.changes import Changes
from lab.errors import LabError

# The store imports SQLAlchemy, for which the first page must not wait.
if TYPE_CHECKING:
    from lab.store import DocumentKey, Store
    from lab.store.survey import DocumentId

VOTE: Final = "vote"
PAST_VOTE: Final = "past-vote"
BALLOT: Final = "ballot"
# Several pages that ask at once share one read of the store.
FRESH_SECONDS: Final = 3.0
# Ballots are searched from this long before the vote was opened: the clock of the database may differ.
SLACK: Final = timedelta(hours=1)
# How often a write is retried: a person with several tabs may write from two at once.
_TRIES: Final = 20
MAX_PAST: Final = 500


class OverError(LabError):
    """The round takes no votes: it is closed, or was never open."""

    def __init__(self) -> None:
        super().__init__("This vote is closed.", "Look again to see what is asked now.")


class Votes:
    """The votes of a class in a store; safe to use from any thread.

    `version` increases when the pages of learners must be drawn again, and `changes` announces that. `error` is why the
    store could not be read the last time, None if it could.
    """

    def __init__(
        self, store: Callable[[], "Store"], class_code: Callable[[], str], clock: Callable[[], float] = time.time
    ) -> None:
        """Keep where to read: `store` raises LabError when there is none."""
        self.version = 0
        self.changes = Changes()
        self.error: LabError | None = None
        self._store = store
        self._class_code = class_code
        self._clock = clock
        self._lock = threading.Lock()
        self._looked_at = float("-inf")
        self._seen = 0
        self._vote: Vote | None = None
        # Cache of the ballots of the question `_counted`: the version and the content of each.
        self._counted = ""
        self._ballots: dict[DocumentId, tuple[int, Ballot]] = {}

    def now(self) -> Vote | None:
        """Return the vote that is on, from a cache at most FRESH_SECONDS old. Never raise."""
        if not 0 <= self._clock() - self._looked_at < FRESH_SECONDS:
            self.look()
        return self._vote

    def look(self) -> Vote | None:
        """Read the vote that is on from the store. Never raise: on an error, return what was known before."""
        try:
            return self._look()
        except LabError as error:
            self.error = error
            self._looked_at = self._clock()
            return self._vote

    def open(self, question: Question) -> Vote:
        """Begin a vote on a question; raise LabError when another one is on, or it cannot be kept."""
        with self._lock:
            if self._read():
                raise LabError("Another vote is on.", "End it first.")
            opened = Vote(question, self._clock())
            self._write(opened)
        self._tell()
        return opened

    def change(self, seen: Vote, move: Callable[[Vote], Vote]) -> Vote:
        """Make a move in the vote that the caller has seen.

        Raises NotNowError when the vote has changed since, LabError when the move cannot be kept.
        """
        with self._lock:
            if self._read() != seen:
                raise NotNowError
            moved = move(seen)
            self._write(moved)
        self._tell()
        return moved

    def end(self, seen: Vote) -> None:
        """End a vote, and keep its tally, without names, if anybody has voted; raise the errors of `change`."""
        with self._lock:
            if self._read() != seen:
                raise NotNowError
            counted = self._tally(seen)
            if any(map(sum, counted.rounds)):
                if len(self.past()) >= MAX_PAST:
                    raise LabError(
                        f"There are {MAX_PAST} past votes, and no room for another one.",
                        "Download them, then have the lab forget them.",
                    )
                key = (PAST_VOTE, seen.question.id)
                self._put(self._course, key, lambda _: write_past(PastVote(seen.question, seen.opened_at, counted)))
            self._write(None)
        self._tell()

    def cast(self, voter_id: str, question_id: str, number: int, choice: int) -> Ballot:
        """Save the vote of a person for a choice in a round; it replaces their earlier vote in that round.

        Raises OverError unless exactly that round is open, LabError when it cannot be kept.
        """
        vote = self._look()
        if vote is None or (vote.question.id, vote.round, vote.state) != (question_id, number, "open"):
            raise OverError
        question = vote.question
        if not 0 <= choice < len(question.choices):
            raise LabError("That is none of the choices.", "Choose one of them.")
        ballot = Ballot()

        def add(before: object) -> object:
            nonlocal ballot
            ballot = read_ballot(before, question).choose(number, choice)
            return list(ballot.choices)

        self._put(voter_id, (BALLOT, question_id), add)
        return ballot

    def ballot(self, voter_id: str, question: Question) -> Ballot:
        """Return the ballot of a person so far; raise LabError when the store cannot be read."""
        from lab.store.tables import hashed  # noqa: PLC0415

        document_id = (hashed(voter_id), BALLOT, question.id)
        return read_ballot(self._store().survey.values([document_id]).get(document_id), question)

    def tally(self, vote: Vote) -> Tally:
        """Count the ballots of a vote; raise LabError when the store cannot be read."""
        with self._lock:
            return self._tally(vote)

    def voters(self, vote: Vote) -> frozenset[str]:
        """Return the store's keys of those who have voted in the current round, from the last call of `tally`."""
        with self._lock:
            if self._counted != vote.question.id:
                return frozenset()
            return frozenset(
                learner
                for (learner, _, _), (_, ballot) in self._ballots.items()
                if ballot.of_round(vote.round) is not None
            )

    def past(self) -> tuple[PastVote, ...]:
        """Return the votes that have ended, newest first; raise LabError when the store cannot be read."""
        kept = self._store().load(self._course)
        read = (read_past(document.value) for (kind, _), document in kept.items() if kind == PAST_VOTE)
        return tuple(sorted(filter(None, read), key=lambda past: past.opened_at, reverse=True))

    def forget_past(self) -> None:
        """Forget the votes that have ended; raise LabError when one is on, or the store cannot be read."""
        with self._lock:
            if self._read():
                raise LabError("A vote is on.", "End it first.")
            self._store().forget(self._course)

    @property
    def _course(self) -> str:
        return own_id("votes", self._class_code())

    def _look(self) -> Vote | None:
        with self._lock:
            before = self._vote
            vote = self._read()
        if vote != before:
            self._tell()
        return vote

    def _read(self) -> Vote | None:
        from lab.store.tables import hashed  # noqa: PLC0415

        survey, course = self._store().survey, hashed(self._course)
        found = survey.of([course], [VOTE])
        version = found[0].version if found else 0
        if version != self._seen:
            document_id = (course, VOTE, "")
            self._vote, self._seen = read_vote(survey.values([document_id]).get(document_id)), version
        self._looked_at, self.error = self._clock(), None
        return self._vote

    def _write(self, vote: Vote | None) -> None:
        from lab.store import Conflict  # noqa: PLC0415

        kept = self._store().save(self._course, (VOTE, ""), write_vote(vote) if vote else {}, self._seen)
        if isinstance(kept, Conflict):
            raise NotNowError
        self._vote, self._seen = vote, kept.version

    def _put(self, owner: str, key: "DocumentKey", make: Callable[[object], object]) -> None:
        """Replace the value of a document by `make` of it; retry if somebody else writes it at the same time."""
        from lab.store import Conflict, Document  # noqa: PLC0415

        store, seen = self._store(), Document()
        for _ in range(_TRIES):
            kept = store.save(owner, key, make(seen.value), seen.version)
            if not isinstance(kept, Conflict):
                return
            seen = kept.newer
        raise LabError("It could not be kept, for others wrote there at the same time.", "Try again.")

    def _tally(self, vote: Vote) -> Tally:
        question = vote.question
        survey = self._store().survey
        since = datetime.fromtimestamp(vote.opened_at, UTC) - SLACK
        changed = [document for document in survey.changed([BALLOT], since) if document.key == question.id]
        known = self._ballots if self._counted == question.id else {}
        new = [document.id for document in changed if known.get(document.id, (0,))[0] != document.version]
        values = survey.values(new)
        # Built from `changed` anew, so that the ballots of people who had all their data deleted are gone.
        self._ballots = {
            document.id: (document.version, read_ballot(values[document.id], question))
            if document.id in values
            else known.get(document.id, (0, Ballot()))
            for document in changed
        }
        self._counted = question.id
        return tally(question, vote.round, (ballot for _, ballot in self._ballots.values()))

    def _tell(self) -> None:
        self.version += 1
        self.changes.notify()


def new_question_id() -> str:
    """Return a new random id for a question."""
    return secrets.token_hex(8)
