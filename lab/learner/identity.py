"""A learner's name and class code, which determine their log files."""

import unicodedata
from dataclasses import dataclass
from typing import Final

from lab.bucket.log_data import log_data
from lab.dataset import Dataset
from lab.errors import LabError
from lab.variants import dataset_for

NAME_LENGTH: Final = 80
CLASS_CODE_LENGTH: Final = 40
# Unicode categories: control, format, private use, surrogate, line separator, paragraph separator.
_NO_TEXT: Final = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
# Other invisible characters: fillers, the combining grapheme joiner, invisible Khmer vowels, the blank Braille pattern.
_INVISIBLE: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
# Persian and Hindi names, and emoji of people, need them between two characters.
_JOINERS: Final = frozenset("\u200c\u200d")
_BLANKS: Final = frozenset(" \u00a0\u3000")


@dataclass(frozen=True)
class Identity:
    """A name, and the code of a class whose learners have log files of their own; either may be empty.

    Raise LabError when one of them is too long, or is not a single line of text.
    """

    name: str = ""
    class_code: str = ""

    def __post_init__(self) -> None:
        _require_line("The name", self.name, NAME_LENGTH)
        _require_line("The class code", self.class_code, CLASS_CODE_LENGTH)

    @property
    def dataset(self) -> Dataset:
        """The learner's log files: their own with both a name and a class code, else those that everybody has."""
        return dataset_for(self.class_code, self.name, log_data())


def _require_line(what: str, text: str, length: int) -> None:
    if len(text) > length:
        raise LabError(
            f"{what} has {len(text)} characters, more than the {length} that it may have.", "Shorten it, please."
        )
    for position, character in enumerate(text):
        if not (_is_seen(character) or _changes_its_neighbour(text, position)):
            raise LabError(
                f"{what} has a character that nobody sees, U+{ord(character):04X}, in place {position + 1}.",
                "Write it on one line, with letters, digits, blanks and punctuation only.",
            )


def _is_seen(character: str) -> bool:
    category = unicodedata.category(character)
    if category == "Zs":
        return character in _BLANKS
    return category not in _NO_TEXT and character not in _INVISIBLE and not _is_selector(character)


def _changes_its_neighbour(text: str, position: int) -> bool:
    """Return whether an invisible character changes the look of its neighbours.

    Between ASCII letters it does not: there it would only make a different name that looks the same.
    """
    before, after = text[position - 1 : position], text[position + 1 : position + 2]
    if _is_selector(text[position]):
        return _takes(before)
    return text[position] in _JOINERS and (_takes(before) or _is_selector(before or " ")) and _takes(after)


def _takes(character: str) -> bool:
    return not character.isascii() and _is_seen(character) and character not in _BLANKS


def _is_selector(character: str) -> bool:
    """Return whether it is a variation selector, as used with emoji and in Japanese names."""
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"
