"""Who a learner says they are, from which follows which log files are theirs."""

import unicodedata
from dataclasses import dataclass
from typing import Final

from lab.dataset import Dataset
from lab.errors import LabError
from lab.variants import dataset_for

NAME_LENGTH: Final = 80
CLASS_CODE_LENGTH: Final = 40
# Control characters, halves of a character, and ends of lines: what no name has, and what no file name may have.
_NO_TEXT: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})
# They would turn round the text that stands behind a name.
_TURNING: Final = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})


@dataclass(frozen=True)
class Identity:
    """A name, and the code of the class whose learners have log files of their own; either may be empty.

    Raises LabError when one of them is too long, or is not a single line of text.
    """

    name: str = ""
    class_code: str = ""

    def __post_init__(self) -> None:
        _require_line("The name", self.name, NAME_LENGTH)
        _require_line("The class code", self.class_code, CLASS_CODE_LENGTH)

    @property
    def dataset(self) -> Dataset:
        """The learner's log files; the shipped ones unless there are both a name and a class code."""
        return dataset_for(self.class_code, self.name)


def _require_line(what: str, text: str, length: int) -> None:
    if len(text) > length:
        raise LabError(
            f"{what} has {len(text)} characters, more than the {length} that it may have.", "Shorten it, please."
        )
    for position, character in enumerate(text, start=1):
        if unicodedata.category(character) in _NO_TEXT or unicodedata.bidirectional(character) in _TURNING:
            raise LabError(
                f"{what} has a control character, U+{ord(character):04X}, in place {position}.",
                "Write it on one line, with letters, digits, blanks and punctuation only.",
            )
