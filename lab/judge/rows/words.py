"""The forms of servers and values, and the filler words around them."""

import re
from typing import Final

SERVER_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
NUMBER: Final = r"[+-]?(?:[0-9]{1,30}(?:\.[0-9]{1,30})?|\.[0-9]{1,30})(?:[eE][+-]?[0-9]{1,3})?"
VALUE: Final = re.compile(rf"{NUMBER}(?:\s*/\s*{NUMBER})?")
# A name that is clearly a server's anywhere in a line: letters, then digits.
NAMED: Final = re.compile(r"(?=[A-Za-z])[A-Za-z_.-]*[0-9][A-Za-z0-9_.-]*")
TIME: Final = re.compile(r"t[0-9]{1,9}", re.IGNORECASE)
_FILE: Final = re.compile(r".*\.(?:csv|ipynb)|sev[0-2]|x[0-9]", re.IGNORECASE)
_COUNTED: Final = re.compile(r"[0-9]+(?:st|nd|rd|th)", re.IGNORECASE)
_FILLERS: Final = frozenset(
    """
    a about above after again all also an and answer answers approx approximately are as at attempt average
    avg avgvolume batch be below both by ca call calls cell cells claim column columns count current currently
    data day delivered delivery delta during each entries entry epoch equal equals event events exercise file
    files final finally first following for found four from gave get gets gives got had has hat have i in is
    it its just lab last line log logs mean my name new next now number of old on only other our output
    outputs page pair pairs part per produced query question rate read reads record records report reported
    reports result results roughly row rows run second seen server serverid servers service sev showing shows
    since so solution spark step stream streamed streaming t table task that the their then there these third
    this time times timestamp timestamps to too top total two und unit units until used value values version
    volume volumes wait was we were when will with
    """.split()  # noqa: SIM905 - a list of words is read as one
)


def is_filler(word: str) -> bool:
    """Return whether a word may occur around a server and its value without changing the meaning."""
    return word.lower() in _FILLERS or bool(_FILE.fullmatch(word) or _COUNTED.fullmatch(word))


def is_server(word: str) -> bool:
    """Return whether a word names a server, at any position in a line."""
    return bool(NAMED.fullmatch(word)) and not is_filler(word)
