"""What is wrong with an answer, as a value."""

from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True)
class Difference:
    """How an answer differs from what is asked for.

    A mistake is recognised by the `kind`, and by what was `expected` and `got`. The `sentence` is for the learner alone:
    nothing looks for a word in it.
    """

    kind: str
    sentence: str
    expected: Any = None
    got: Any = None

    def said(self, sentence: str) -> "Difference":
        """Return the same in other words."""
        return replace(self, sentence=sentence)
