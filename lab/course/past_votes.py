"""Votes that have ended, as values: their form in the store, and their rows in a table without names."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import UTC, datetime
from itertools import count
from typing import Any, Final

from lab.course.vote import ROUNDS, Question, Tally, is_time, read_question, write_question

# A spreadsheet reads a text that begins so as a formula, which could start programs or use the network.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class PastVote:
    """A vote that has ended: its question, when it was opened (seconds since 1970), and the tally of the class."""

    question: Question
    opened_at: float
    tally: Tally

    @property
    def opened(self) -> datetime:
        """When it was opened (UTC)."""
        return datetime.fromtimestamp(self.opened_at, UTC)


@dataclass(frozen=True)
class VoteRow:
    """One choice in one round of a past vote.

    `opened` is an ISO 8601 time in UTC. `right` is yes, no, or empty if the question has no right choice.
    """

    opened: str
    question: str
    choice: str
    right: str
    round: int
    votes: int


def rows_of(past: Iterable[PastVote]) -> list[VoteRow]:
    """Return past votes as rows for a table or an export, in the order of votes, rounds and choices, without names."""
    return [
        VoteRow(
            vote.opened.isoformat(timespec="seconds"),
            vote.question.text,
            choice,
            "" if vote.question.right is None else "yes" if place == vote.question.right else "no",
            number,
            votes[place],
        )
        for vote in past
        for number, votes in enumerate(vote.tally.rounds, start=1)
        for place, choice in enumerate(vote.question.choices)
    ]


def outcomes_of(past: Sequence[PastVote]) -> list[tuple[str, int, str, int]]:
    """Return how many votes were right and wrong in each round, oldest vote first: id, round, outcome, number.

    The id is that of the lab's prediction, else `own-1` and so on: an export has no text that a teacher has written.
    The outcome is empty if the question has no right choice.
    """
    oldest = sorted(past, key=lambda vote: vote.opened_at)
    own = count(1)
    counts: Counter[tuple[str, int, str]] = Counter()
    for vote in oldest:
        question = vote.question.prediction or f"own-{next(own)}"
        for number, votes in enumerate(vote.tally.rounds, start=1):
            for place, voted in enumerate(votes):
                right = vote.question.right
                outcome = "" if right is None else "right" if place == right else "wrong"
                counts[question, number, outcome] += voted
    return [(*key, voted) for key, voted in counts.items()]


def as_csv(rows: Iterable[VoteRow]) -> str:
    """Return rows as a csv file, escaped so that a spreadsheet reads no text as a formula."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([field.name for field in fields(VoteRow)])
    writer.writerows([_harmless(value) for value in astuple(row)] for row in rows)
    return text.getvalue()


def write_past(vote: PastVote) -> dict[str, Any]:
    """Return a past vote as the store keeps it."""
    return {
        "question": write_question(vote.question),
        "opened_at": vote.opened_at,
        "rounds": [list(votes) for votes in vote.tally.rounds],
        "moves": [[before, after, votes] for (before, after), votes in sorted(vote.tally.moves.items())],
    }


def read_past(value: object) -> PastVote | None:
    """Read a past vote from the store; return None if the value is not one."""
    match value:
        case {
            "question": dict(kept),
            "opened_at": int() | float() as opened_at,
            "rounds": list(rounds),
            "moves": list(moves),
        } if (question := read_question(kept)) and is_time(opened_at):
            choices = len(question.choices)
            whole = all(_are_numbers(votes, choices) for votes in rounds) and 1 <= len(rounds) <= ROUNDS
            if whole and all(_are_numbers(move, 3) and max(move[:2]) < choices for move in moves):
                tally = Tally(
                    tuple(tuple(votes) for votes in rounds), {(before, after): votes for before, after, votes in moves}
                )
                return PastVote(question, float(opened_at), tally)
    return None


def _are_numbers(value: object, length: int) -> bool:
    return isinstance(value, list) and len(value) == length and all(type(each) is int and each >= 0 for each in value)


def _harmless(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
