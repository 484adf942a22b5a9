"""A learner's text as the template needs it: paragraphs, lines, and pieces of words that are too long for a line."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from lab.handin.retrospective.fonts import unshowable

# Longer than a normal word, and shorter than a line.
LONG: Final = 30
MAX_INDENTATION: Final = 40
_NEWLINES = re.compile(r"\r\n|[\r\n\v\f\x85\u2028\u2029]")
_SPACES = re.compile("[\u00a0\u2007\u202f]")
# Controls of the text direction, which would affect the text after them, and other invisible characters.
_REMOVED = re.compile(
    "[\u0000-\u0008\u000e-\u001f\u007f-\u009f\u034f\u115f\u1160\u17b4\u17b5\u180e\u202a-\u202e\u2060-\u206f"
    "\u3164\ud800-\udfff\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff]"
)
# Without scripts such as Chinese, Japanese and Thai, which have no spaces and their own rules for line breaks.
_LONG_WORD = re.compile(rf"[^\s\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\ud7ff\uf900-\ufaff]{{{LONG},}}")
# A long text in these scripts that is not real language may have no break at all: allow one per line at least.
_UNBROKEN = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]{80,}")
_UNBROKEN_LETTERS: Final = 40
# Skin tone modifiers, which a black-and-white font would draw as a separate swatch.
_SKIN = re.compile("(?<=[\u2600-\u27bf\U0001f300-\U0001faff\ufe0f])[\U0001f3fb-\U0001f3ff]")
_AFTER_PUNCTUATION = re.compile(r"(?<=[/?&=._#%+,;:@-])(?=[^/?&=._#%+,;:@-])")
_TOO_LONG = re.compile(f"{_LONG_WORD.pattern}|{_UNBROKEN.pattern}")
_JOINER: Final = "\u200d"


@dataclass(frozen=True)
class Paragraph:
    """A paragraph: lines of pieces; a line may break after each piece. `rtl` says that it is written right to left."""

    rtl: bool
    lines: tuple[tuple[str, ...], ...]


def cleaned(text: str) -> str:
    """Return the text without control characters, with newlines as line ends, and accents joined with letters (NFC)."""
    # Replace non-breaking spaces, because a line that cannot break could run off the page.
    text = _SPACES.sub(" ", _NEWLINES.sub("\n", text).expandtabs(4))
    return _SKIN.sub("", unicodedata.normalize("NFC", _REMOVED.sub("", text))).strip()


def is_blank(text: str) -> bool:
    """Return whether a text has no visible character."""
    return all(unicodedata.category(each) in {"Cc", "Cf", "Zs", "Zl", "Zp"} for each in cleaned(text))


def spelled_out(text: str) -> str:
    """Return the text with each character that no font can show replaced by its code point."""
    return text.translate({ord(each): f"[U+{ord(each):04X}]" for each in unshowable(text)})


def paragraphs(text: str) -> tuple[Paragraph, ...]:
    """Split a cleaned text into paragraphs at blank lines."""
    return tuple(
        Paragraph(_is_rtl(part), tuple(pieces(line.rstrip()) for line in part.strip("\n").split("\n")))
        for part in re.split(r"\n\s*\n", text)
        if part.strip()
    )


def pieces(line: str) -> tuple[str, ...]:
    """Split a line into pieces: long words after punctuation, as in a URL, else between any two letters."""
    # Typst drops spaces at the beginning of a line.
    indented = re.sub("^ +", lambda spaces: "\u00a0" * min(len(spaces.group()), MAX_INDENTATION), line)
    found: list[str] = []
    end = 0
    for word in _TOO_LONG.finditer(indented):
        found += [indented[end : word.start()], *_parted(word.group())]
        end = word.end()
    return tuple(piece for piece in (*found, indented[end:]) if piece)


def _parted(word: str) -> list[str]:
    if _UNBROKEN.fullmatch(word):
        letters = _letters(word)
        return [
            "".join(letters[start : start + _UNBROKEN_LETTERS]) for start in range(0, len(letters), _UNBROKEN_LETTERS)
        ]
    parts = _AFTER_PUNCTUATION.split(word)
    return [piece for part in parts for piece in (_letters(part) if len(part) >= LONG else [part])]


def _letters(word: str) -> list[str]:
    """Return the letters of a word, each with its accents and joined characters."""
    letters: list[str] = []
    for each in word:
        if letters and (unicodedata.category(each)[0] == "M" or _JOINER in (each, letters[-1][-1])):
            letters[-1] += each
        else:
            letters.append(each)
    return letters


def _is_rtl(text: str) -> bool:
    """Return whether a text is right-to-left, by Unicode's rule: the first letter with a direction decides."""
    strong = (unicodedata.bidirectional(each) for each in text)
    return next((each for each in strong if each in {"L", "R", "AL"}), "L") != "L"
