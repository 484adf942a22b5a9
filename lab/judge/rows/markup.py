"""Removal of markup: tags, entities, emphasis, pictures, and the bullets and numbers of lists."""

import html
import re
from typing import Final

from lab.judge.rows.row import MAX_TEXT

# Ends a line inside a line of the text, so that line numbers stay those that the writer sees.
WITHIN: Final = "\v"
_STRUCK: Final = re.compile(r"~~[^~\n]{1,300}~~|<(del|s|strike)>[^<>\n]{0,300}</\1>", re.IGNORECASE)
_BREAK: Final = re.compile(r"<(?:br|/tr|/p|/li|/div)\b[^<>\n]{0,100}>", re.IGNORECASE)
_CELL: Final = re.compile(r"</(?:td|th)\s*>", re.IGNORECASE)
_TAG: Final = re.compile(r"<[/!]?[A-Za-z-][^<>\n]{0,300}>")
_PICTURE: Final = re.compile(r"!\[[^\]\n]{0,300}\](?:\([^)\n]{0,300}\)|\[[^\]\n]{0,300}\])?|<img\b", re.IGNORECASE)
_ARROW: Final = re.compile(r"\\(?:long)?(?:right)?arrow|\\R?to\b|\\Rightarrow|&r[aA]rr;|[-=~–—]{1,3}>|[→⇒➔➜⟶⟹↦]")
# Variants of quotes, minus, slash and colon from keyboards, word processors and web pages; and invisible characters.
_LETTERS: Final = {
    **dict.fromkeys(map(ord, "\u2018\u2019\u201a\u201b\u2032`\xb4"), "'"),
    **dict.fromkeys(map(ord, "\u201c\u201d\u201e\u201f\u2033\xab\xbb"), '"'),
    **dict.fromkeys(map(ord, "\u200b\u200c\u200d\ufeff\u2060"), ""),
    0x2212: "-",
    0x2044: "/",
    0xF7: "/",
    0xFF1A: ":",
}
_DECORATION: Final = re.compile(r"\*+|__+(?=\w)|(?<=\w)__+|['\"$]|\\(?=[_|*~\[\](){}#.$-])|\\[a-z]{1,20}\b")
_PREFIX: Final = re.compile(
    r"\s*(?:(?:[•·●▪◦‣+>-]+|\(?[0-9]{1,3}[.)]|[A-Za-z][.)])\s+|#+\s*|>+\s*|(?:Out|In)\s?\[[0-9 ]{0,6}\]:\s*)+"
)


def has_picture(text: str) -> bool:
    """Return whether there is a picture in a Markdown text."""
    return bool(_PICTURE.search(text))


def without_tags(text: str) -> str:
    r"""Return the first MAX_TEXT characters with plain letters and without tags; a tag that ends a line becomes \v."""
    text = "\n".join(text[:MAX_TEXT].splitlines())
    text = _CELL.sub(" | ", _BREAK.sub(WITHIN, _STRUCK.sub(" ", _PICTURE.sub(" <img ", text))))
    text = html.unescape(_ARROW.sub(" = ", _TAG.sub(" ", text).translate(_LETTERS)))
    return _ARROW.sub(" = ", text.translate(_LETTERS)).replace("\r", " ")


def undecorated(line: str) -> str:
    """Return a line without its bullet or number, emphasis and quotes."""
    line = _PREFIX.sub("", line.replace("*", " "), count=1) if _PREFIX.match(line.replace("*", " ")) else line
    return _DECORATION.sub(" ", line)
