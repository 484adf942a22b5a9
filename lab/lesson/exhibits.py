"""What comes of an exhibit of the museum, and what somebody guessed of it. Guesses are kept and never graded."""

from typing import TYPE_CHECKING, Final, Literal, get_args

if TYPE_CHECKING:
    from lab.judge.feedback import Feedback
    from lab.judge.run import CellRun

Guess = Literal["an error stops it", "it runs, and the result is wrong", "it runs, and the result is right"]
GUESSES: Final[tuple[Guess, ...]] = get_args(Guess)


def guess_id(mistake_id: str, number: int) -> str:
    """Return where the guess is kept, among the predictions."""
    return f"exhibit-{mistake_id}-{number}"


def became(run: "CellRun", feedback: "Feedback") -> Guess:
    """Return what came of a program, of what can be guessed."""
    if feedback.has_passed:
        return "it runs, and the result is right"
    if run.failure or feedback.detail:
        return "an error stops it"
    return "it runs, and the result is wrong"


def in_words(came: Guess, guessed: str | None) -> str:
    """Return what came of a program, beside what was guessed."""
    if not guessed:
        return f"What came of it: {came}."
    if guessed == came:
        return f"You guessed right: {came}."
    return f"You guessed “{guessed}”. It is not so: {came}."
