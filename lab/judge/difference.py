"""The difference between an answer and what was asked for, as a value."""

from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True)
class Difference:
    """How an answer differs from what is asked for.

    Code recognises a mistake by `kind`, `expected` and `got`. The `sentence` is only for the learner: no code searches
    its words.
    """

    kind: str
    sentence: str
    expected: Any = None
    got: Any = None

    def said(self, sentence: str) -> "Difference":
        """Return the same difference with another sentence."""
        return replace(self, sentence=sentence)
