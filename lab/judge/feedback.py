"""The feedback of a check."""

from dataclasses import dataclass
from typing import Final, Literal

Outcome = Literal["passed", "passed, with one thing to know", "wrong", "error", "not performed", "not attempted"]
WITH_ONE_THING: Final = "passed, with one thing to know"
PASSED: Final = frozenset({"passed", WITH_ONE_THING})


@dataclass(frozen=True)
class Feedback:
    """The feedback of a check on an answer.

    `mistake` names an entry of the registry. `line` counts from 1; 0 means none. `detail` is what Spark or Python said.
    The message of an answer that passed may end with one thing to know. An answer that is "not performed" is not wrong:
    it uses something that the lab does not perform.

    `log` is the smallest log found on which the answer is wrong: one record per line, with an empty line between two
    deliveries. `expected` is the right result on it, and `got` the answer's. All are empty if no such log was found.
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
        """The log, split into its deliveries."""
        return tuple(filter(None, self.log.split("\n\n")))

    @property
    def has_passed(self) -> bool:
        """Whether the answer does its job."""
        return self.outcome in PASSED
