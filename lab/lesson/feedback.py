"""What a check says."""

from dataclasses import dataclass
from typing import Literal

Outcome = Literal["passed", "wrong", "error", "not attempted"]


@dataclass(frozen=True)
class Feedback:
    """What a check says of an answer.

    `mistake` names an entry of the registry; `line` counts from 1, 0 for none; `detail` is what Spark or Python said.
    """

    outcome: Outcome
    message: str
    mistake: str = ""
    line: int = 0
    detail: str = ""
