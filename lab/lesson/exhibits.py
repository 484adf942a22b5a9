"""The outcome of an exhibit in the museum, and what a learner guessed it would be. Guesses are kept, never graded."""

from typing import TYPE_CHECKING, Final, Literal, get_args

if TYPE_CHECKING:
    from lab.judge.feedback import Feedback
    from lab.judge.run import CellRun

Guess = Literal["an error stops it", "it runs, and the result is wrong", "it runs, and the result is right"]
GUESSES: Final[tuple[Guess, ...]] = get_args(Guess)


def guess_id(mistake_id: str, number: int) -> str:
    """Return the id under which the guess is kept among the predictions."""
    return f"exhibit-{mistake_id}-{number}"


def outcome_of(run: "CellRun", feedback: "Feedback") -> Guess:
    """Return the outcome of a program, as one of GUESSES."""
    if feedback.has_passed:
        return "it runs, and the result is right"
    if run.failure or feedback.detail:
        return "an error stops it"
    return "it runs, and the result is wrong"


def in_words(came: Guess, guessed: str | None) -> str:
    """Return the outcome of a program in words, compared with the guess if there is one."""
    if not guessed:
        return f"What came of it: {came}."
    if guessed == came:
        return f"You guessed right: {came}."
    return f"You guessed “{guessed}”. It is not so: {came}."
