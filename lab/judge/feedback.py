"""What a check says."""

from dataclasses import dataclass
from typing import Final, Literal

Outcome = Literal["passed", "passed, with one thing to know", "wrong", "error", "not performed", "not attempted"]
WITH_ONE_THING: Final = "passed, with one thing to know"
PASSED: Final = frozenset({"passed", WITH_ONE_THING})


@dataclass(frozen=True)
class Feedback:
    """What a check says of an answer.

    `mistake` names an entry of the registry; `line` counts from 1, 0 for none; `detail` is what Spark or Python said. Of an
    answer that passed, the message may end with one thing to know. One that is not performed is not wrong: it says
    something that the lab does not do.

    `log` are the records of the smallest log that was found on which the answer is wrong, a line each, with an empty line
    between two deliveries; with what was `expected` of it and what the answer `got`. It is empty if none was found.
    """

    outcome: Outcome
    message: str
    mistake: str = ""
    line: int = 0
    detail: str = ""
    log: str = ""
    expected: str = ""
    got: str = ""

    @property
    def deliveries(self) -> tuple[str, ...]:
        """The log as it is delivered, one after the other."""
        return tuple(filter(None, self.log.split("\n\n")))

    @property
    def has_passed(self) -> bool:
        """Whether the answer does its job."""
        return self.outcome in PASSED
