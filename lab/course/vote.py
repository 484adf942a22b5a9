"""A vote of a class, as values: a question, up to two rounds, and what may be seen of them when."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Literal

from lab.errors import LabError

MIN_CHOICES: Final = 2
MAX_CHOICES: Final = 6
# Texts must be readable from the last row of a lecture hall, and on a telephone.
MAX_TEXT: Final = 300
MAX_CHOICE: Final = 120
# A moment after this has no date that Python can write.
_LAST: Final = 200_000_000_000
# Before the discussion, and after it.
ROUNDS: Final = 2

VoteState = Literal["open", "closed", "revealed"]


class NotNowError(LabError):
    """The vote is in another state by now, because somebody else has pressed first."""

    def __init__(self) -> None:
        super().__init__("The vote has gone on meanwhile.", "Look at where it is now, then press again.")


@dataclass(frozen=True)
class Question:
    """A question with MIN_CHOICES to MAX_CHOICES choices; `right` is the index of the right one, None if there is none.

    `prediction` is the id of the lab's prediction that is asked, empty for a question of the teacher's own. Raises
    LabError when the texts are not valid.
    """

    id: str
    text: str
    choices: tuple[str, ...]
    right: int | None = None
    prediction: str = ""

    def __post_init__(self) -> None:
        if not self.text.strip():
            raise LabError("The question is still missing.", "Write it.")
        if len(self.text) > MAX_TEXT:
            raise LabError(f"The question has {len(self.text)} characters, and may have {MAX_TEXT}.", "Shorten it.")
        if not MIN_CHOICES <= len(self.choices) <= MAX_CHOICES:
            raise LabError(
                f"A question has {MIN_CHOICES} to {MAX_CHOICES} choices, and this one has {len(self.choices)}.",
                "Write each on a line of its own.",
            )
        for choice in self.choices:
            if not choice.strip():
                raise LabError("A choice is empty.", "Write something, or take it away.")
            if len(choice) > MAX_CHOICE:
                raise LabError(f"A choice has {len(choice)} characters, and may have {MAX_CHOICE}.", "Shorten it.")
        if len({choice.casefold() for choice in self.choices}) < len(self.choices):
            raise LabError("Two choices are the same.", "Change one of them.")
        if self.right is not None and not 0 <= self.right < len(self.choices):
            raise LabError("The right choice is none of the choices.", "Choose one of them.")


def own_question(question_id: str, text: str, lines: str) -> Question:
    """Return a question of the teacher's own, with one choice per line; raise LabError when the texts are not valid."""
    choices = (" ".join(line.split()) for line in lines.splitlines())
    return Question(question_id, " ".join(text.split()), tuple(choice for choice in choices if choice))


@dataclass(frozen=True)
class Vote:
    """A vote that is on: its question, its round, and the state of that round.

    `told` says that the right choice is shown. `opened_at` is in seconds since 1970. Each move returns the vote after
    it, and raises NotNowError when it is not possible in this state.
    """

    question: Question
    opened_at: float = 0.0
    round: int = 1
    state: VoteState = "open"
    told: bool = False

    @property
    def shown_rounds(self) -> int:
        """The number of rounds whose votes everybody may see: 0 before the teacher reveals them."""
        return self.round if self.state == "revealed" else 0

    @property
    def shown_right(self) -> int | None:
        """The index of the right choice, once everybody may see it; None before."""
        return self.question.right if self.told and self.state == "revealed" else None

    @property
    def can_vote_again(self) -> bool:
        """Whether a second round may begin: not once the right choice is shown."""
        return self.state != "open" and self.round < ROUNDS and not self.told

    @property
    def can_tell(self) -> bool:
        """Whether there is a right choice that may be shown now."""
        return self.state == "revealed" and self.question.right is not None and not self.told

    def close(self) -> "Vote":
        """Close this round: take no more votes."""
        return self._from(self.state == "open", state="closed")

    def reopen(self) -> "Vote":
        """Open this round again."""
        return self._from(self.state == "closed", state="open")

    def reveal(self) -> "Vote":
        """Show the votes; after the last round, show the right choice, too, which can influence no further vote."""
        return self._from(self.state == "closed", state="revealed", told=self.round == ROUNDS)

    def tell(self) -> "Vote":
        """Show which choice is right."""
        return self._from(self.can_tell, told=True)

    def vote_again(self) -> "Vote":
        """Begin the second round; the votes of the first are hidden until it is revealed."""
        return self._from(self.can_vote_again, state="open", round=self.round + 1)

    def _from(self, possible: bool, **changes: Any) -> "Vote":  # noqa: FBT001 - read with the condition before it
        if not possible:
            raise NotNowError
        return replace(self, **changes)


@dataclass(frozen=True)
class Ballot:
    """The votes of one person: for each round the index of a choice, None if they did not vote in it."""

    choices: tuple[int | None, ...] = (None,) * ROUNDS

    def of_round(self, number: int) -> int | None:
        """Return their vote in a round; rounds count from 1."""
        return self.choices[number - 1]

    def choose(self, number: int, choice: int) -> "Ballot":
        """Return the ballot with a vote for a choice in a round; it replaces an earlier vote in that round."""
        return Ballot(tuple(choice if place == number else old for place, old in enumerate(self.choices, start=1)))


@dataclass(frozen=True)
class Tally:
    """The votes of each round so far, by choice; and of those who voted in both, how many moved from which to which."""

    rounds: tuple[tuple[int, ...], ...]
    moves: Mapping[tuple[int, int], int]

    def voted(self, number: int) -> int:
        """Return how many have voted in a round; rounds count from 1."""
        return sum(self.rounds[number - 1])

    def share(self, number: int, choice: int) -> float:
        """Return the share of a round's votes that a choice has, from 0 to 1; 0 when there are none."""
        return self.rounds[number - 1][choice] / (self.voted(number) or 1)

    @property
    def stayed(self) -> int:
        """How many voted for the same choice in both rounds."""
        return sum(votes for (before, after), votes in self.moves.items() if before == after)

    @property
    def changed(self) -> int:
        """How many voted for another choice in the second round."""
        return sum(self.moves.values()) - self.stayed


def tally(question: Question, rounds: int, ballots: Iterable[Ballot]) -> Tally:
    """Count the ballots of a question in its first `rounds`."""
    known = list(ballots)
    counts = []
    for number in range(1, rounds + 1):
        votes = Counter(ballot.of_round(number) for ballot in known)
        counts.append(tuple(votes[choice] for choice in range(len(question.choices))))
    moves = Counter(
        (before, after)
        for before, after in (ballot.choices for ballot in known)
        if rounds == ROUNDS and before is not None and after is not None
    )
    return Tally(tuple(counts), moves)


def write_question(question: Question) -> dict[str, Any]:
    """Return a question in the form that the store keeps."""
    return {**asdict(question), "choices": list(question.choices)}


def read_question(value: object) -> Question | None:
    """Read a question from the store; return None if the value is not one."""
    match value:
        case {
            "id": str(id_),
            "text": str(text),
            "choices": list(choices),
            "right": right,
            "prediction": str(prediction),
        }:
            if all(isinstance(each, str) for each in choices) and (right is None or type(right) is int):
                try:
                    return Question(id_, text, tuple(choices), right, prediction)
                except LabError:
                    return None
    return None


def write_vote(vote: Vote) -> dict[str, Any]:
    """Return a vote in the form that the store keeps."""
    return {
        "question": write_question(vote.question),
        "opened_at": vote.opened_at,
        "round": vote.round,
        "stage": vote.state,
        "told": vote.told,
    }


def read_vote(value: object) -> Vote | None:
    """Read a vote from the store; return None if the value is not one."""
    match value:
        case {
            "question": dict(kept),
            "opened_at": int() | float() as opened_at,
            "round": (1 | 2) as number,
            "stage": ("open" | "closed" | "revealed") as state,
            "told": bool(told),
        } if (question := read_question(kept)) and is_time(opened_at):
            return Vote(question, float(opened_at), number, state, told)
    return None


def is_time(at: float) -> bool:
    """Return whether a number from the store can be a time, in seconds since 1970."""
    return 0 <= at < _LAST


def read_ballot(value: object, question: Question) -> Ballot:
    """Read a ballot from the store; a value that is no choice of the question counts as no vote."""
    given = value if isinstance(value, list) else []
    valid = [each if type(each) is int and 0 <= each < len(question.choices) else None for each in given[:ROUNDS]]
    return Ballot((*valid, *[None] * (ROUNDS - len(valid))))
