"""Checks of SQL tokens: limits before the parser runs, and a last check, without it, of the text that Spark gets."""

import re
from collections.abc import Collection, Iterator
from itertools import pairwise
from typing import Any, Final

import sqlglot
from sqlglot import TokenType

from lab.cells.advice import Refused, did_you_mean, refused
from lab.cells.spark_functions import ADVICE_FOR_SQL, SQL_FUNCTIONS, words

MAX_SQL: Final = 5_000
MAX_TOKENS: Final = 1_500
# For each parenthesis, the parser tries every way to read it, together with everything inside.
MAX_NESTING: Final = 15
# After the name of a type it tries two ways: 20 nested ones took two minutes.
MAX_TYPES_NESTED: Final = 5
# Prefixes in a row, such as "- - -1": each is one more level of the tree.
MAX_PREFIXES: Final = 10

# Words other than functions that may come before a parenthesis.
KEYWORDS: Final = words(
    """
    all and as between by case cast decimal div distinct else except exists filter from group having if in intersect is
    join like limit not on or order over partition rlike select then try_cast union using when where with ilike end
    varchar char
    """
)
_TYPE_NAMES: Final = words(
    """
    array bigint binary boolean byte char date dec decimal double float int integer long map named_struct numeric real short
    smallint string struct timestamp timestamp_ltz timestamp_ntz tinyint varchar variant void interval object
    """
)
# Types that have a size. As functions, they would convert a text in ways that the lab does not check.
_SIZED: Final = words("char decimal varchar")
_PREFIXES: Final = words("not - + ~ ! interval date timestamp distinct all exists case when")
_OPENING: Final = {"(": ")", "[": "]", "{": "}"}
_LITERALS: Final = frozenset({TokenType.STRING, TokenType.NUMBER})

# All tokens that vetted SQL may have: no comments, no other string forms such as r'', no arrows, no parameters.
_PIECE: Final = re.compile(
    r"""(?P<space>\s+)
    | (?:[^\W\d]\w*)(?![\w'"])
    | (?:(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)(?!\w)
    | (?:'(?:[^'\\]|\\.)*')(?!['"])
    | (?:`[^`]+`)(?!`)
    | (?:<=>|<>|<=|>=|-(?![->])|/(?!\*)|=(?![=>])|[+*%<>(),.])""",
    re.VERBOSE | re.DOTALL,
)


def check_tokens(text: str) -> None:
    """Refuse SQL that could keep the parser busy for long, and functions that are not listed."""
    if len(text) > MAX_SQL:
        raise refused(f"SQL of more than {MAX_SQL:,} characters")
    tokens = sqlglot.tokenize(text, dialect="spark")
    if len(tokens) > MAX_TOKENS:
        raise refused(f"SQL of more than {MAX_TOKENS:,} words and signs")
    _check_nesting([token.text.lower() if token.token_type not in _LITERALS else "" for token in tokens])
    for before, token in pairwise(tokens):
        if token.token_type is TokenType.L_PAREN and before.token_type not in _LITERALS:
            _check_called(before.text, quoted=before.token_type is TokenType.IDENTIFIER)


def check_sent(text: str, tables: Collection[str]) -> list[str]:
    """Refuse a text for Spark with an unexpected token, function or table; return the functions that it calls."""
    called = []
    known = {table.lower() for table in tables}
    pieces = ["", *_pieces(text), "", ""]
    # The word before each open parenthesis: in TRIM(BOTH 'x' FROM y), no table comes after FROM.
    opened = [""]
    for place, piece in enumerate(pieces):
        before = pieces[place - 1]
        if piece == "(":
            opened.append(before.lower())
            if _is_name(before):
                _check_called(before.strip("`"), quoted=before.startswith("`"))
                if before.lower() in _SIZED and not pieces[place + 1].isdigit():
                    raise refused_function(before)
                called += [before.lower()] if before.lower() in SQL_FUNCTIONS else []
        elif piece == ")" and len(opened) > 1:
            opened.pop()
        elif piece.lower() in {"from", "join"} and opened[-1] != "trim":
            _check_read(pieces[place + 1 :], known)
    return called


def _check_read(following: list[str], known: Collection[str]) -> None:
    """Refuse to read from anything but a known table or a query in parentheses."""
    opens = next((place for place, piece in enumerate(following) if piece != "("), 0)
    first, second = following[opens], following[opens + 1]
    if opens and first.lower() in {"select", "with"}:
        return
    if opens or not _is_name(first) or first.strip("`").lower() not in known or second == ".":
        raise refused(f"{first!r} as a table", "Use the name of a query with a memory sink, or of a view.")


def _is_name(token: str) -> bool:
    return token.startswith("`") or re.match(r"[^\W\d]", token) is not None


def _pieces(text: str) -> Iterator[str]:
    position = 0
    while position < len(text):
        found = _PIECE.match(text, position)
        if found is None:
            raise refused(f"{text[position : position + 20]!r} in SQL", "Write it more simply.")
        position = found.end()
        if not found["space"]:
            yield found[0]


def _check_nesting(pieces: list[str]) -> None:
    opened: list[tuple[str, bool]] = []
    prefixes = 0
    before = ""
    for piece in pieces:
        prefixes = prefixes + 1 if piece in _PREFIXES else 0
        if piece in _OPENING:
            opened.append((_OPENING[piece], before in _TYPE_NAMES))
        elif piece == "case" and before != "end":
            opened.append(("end", False))
        elif piece == "<" and before in _TYPE_NAMES:
            opened.append((">", True))
        elif opened and piece == opened[-1][0]:
            opened.pop()
        if len(opened) > MAX_NESTING or sum(typed for _, typed in opened) > MAX_TYPES_NESTED or prefixes > MAX_PREFIXES:
            raise Refused("This SQL is nested too deeply. Write it in several steps.")
        before = piece


def _check_called(name: str, *, quoted: bool) -> None:
    name = name.lower()
    if not re.match(r"\w", name) or name in SQL_FUNCTIONS:
        return
    if quoted or name not in KEYWORDS:
        raise refused_function(name)


def check_function(name: Any) -> None:
    """Refuse a function that SQL may not call."""
    if str(name).lower() not in SQL_FUNCTIONS:
        raise refused_function(str(name))


def refused_function(name: str) -> Refused:
    """Return the refusal of a function that is not listed."""
    advice = ADVICE_FOR_SQL.get(name.lower()) or did_you_mean(name, SQL_FUNCTIONS)
    return refused(f"the function {name.lower()!r} in SQL", advice)
