"""Vets SQL text: one SELECT over tables by their plain names, or one expression, of listed functions.

What is handed to Spark is the vetted tree, written out again, never the learner's text: two parsers need not agree on where
a comment or a string ends.
"""

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import sqlglot
from sqlglot import TokenType, exp
from sqlglot.errors import SqlglotError

from lab.cells.advice import Refused, did_you_mean, refused
from lab.cells.patterns import check_pattern
from lab.cells.plans import COSTS, JOIN, MAX_PLAN
from lab.cells.spark_functions import ADVICE_FOR_SQL, MAX_SCALE, SQL_FUNCTIONS, words

MAX_SQL: Final = 5_000
# What a tree may consist of beside functions.
_SYNTAX: Final = words(
    """
    Add Alias And Between Boolean CTE Case Cast Column DataType DataTypeParam Distinct Div EQ Except Exists Filter From
    GT GTE Group Having Identifier If ILike In IntDiv Intersect Interval Is Join LT LTE Like Limit Literal Mod Mul NEQ
    Neg Not Null NullSafeEQ NullSafeNEQ Offset Or Order Ordered Paren RegexpLike Select Star Sub Subquery Table TableAlias
    TryCast Tuple Union Var Where Window WindowSpec With Escape PropertyEQ
    """
)
# What may stand before a parenthesis beside functions.
_KEYWORDS: Final = words(
    """
    all and as between by case cast decimal div distinct else except exists filter from group having if in intersect is
    join like limit not on or order over partition rlike select then try_cast union using when where with ilike end
    varchar char
    """
)
_SHOW: Final = re.compile(r"\s*show\s+(tables|views)\s*;?\s*", re.IGNORECASE)
_DESCRIBE: Final = re.compile(r"\s*desc(?:ribe)?\s+(?:table\s+)?([A-Za-z]\w*)\s*;?\s*", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True)
class Vetted:
    """SQL that Spark may have: its text, the tables it reads, and what its plan weighs."""

    text: str
    tables: tuple[str, ...] = ()
    weight: int = 1


def vetted_query(text: Any) -> Vetted:
    """What `spark.sql` may run."""
    text = _text(text)
    if _SHOW.fullmatch(text) or _DESCRIBE.fullmatch(text):
        return Vetted(text.strip().rstrip(";"))
    statements = [tree for tree in _parse(text) if tree is not None]
    if len(statements) != 1 or not isinstance(statements[0], exp.Select | exp.SetOperation | exp.Subquery):
        raise refused(
            "SQL other than one SELECT",
            'Besides SELECT there is spark.sql("SHOW TABLES") and spark.sql("DESCRIBE name").',
        )
    return _vetted(statements[0], text)


def vetted_expression(text: Any) -> Vetted:
    """What may stand where Spark takes an SQL expression: a condition, or a column with or without a name."""
    text = _text(text)
    # An expression by itself is no statement for the parser; the list of a SELECT is.
    trees = [tree for tree in _parse(f"SELECT {text}\n") if tree is not None]
    select = trees[0] if len(trees) == 1 else None
    if not isinstance(select, exp.Select) or len(select.expressions) != 1:
        raise refused("more than one expression in a text", "Give each as a text of its own.")
    if any(value for key, value in select.args.items() if key not in {"expressions", "kind"}):
        raise refused("a query inside an expression", "Give it as a query of its own, to spark.sql.")
    tree = select.expressions[0]
    if tree.find(exp.Query):
        raise refused("a query inside an expression", "Give it as a query of its own, to spark.sql.")
    return _vetted(tree, text)


def check_function(name: Any) -> None:
    """Refuse a function that SQL may not call."""
    if str(name).lower() not in SQL_FUNCTIONS:
        raise _refused_function(str(name))


def _text(text: Any) -> str:
    if not isinstance(text, str):
        raise TypeError(f"SQL is a text, not {type(text).__name__}")
    if len(text) > MAX_SQL:
        raise refused(f"SQL of more than {MAX_SQL:,} characters")
    return text


def _parse(text: str) -> list[Any]:
    try:
        return list(sqlglot.parse(text, dialect="spark"))
    except (SqlglotError, RecursionError) as error:
        near = next((found["highlight"] for found in getattr(error, "errors", []) if found.get("highlight")), "")
        where = f", near {near!r}" if near else ""
        raise Refused(f"This cannot be read as SQL{where}.") from error


def _vetted(tree: Any, original: str) -> Vetted:
    _called(original)  # the parser knows other names for some functions, which Spark does not
    tables = []
    weight = 0
    for node in tree.walk():
        weight += 1
        if not isinstance(node, exp.Func) and type(node).__name__ not in _SYNTAX:
            raise refused(
                f"{_excerpt(node)!r} in SQL", "A SELECT with JOIN, WHERE, GROUP BY, HAVING and ORDER BY will do."
            )
        _check_node(node)
        if isinstance(node, exp.Table):
            tables.append(node.name)
        weight += JOIN if isinstance(node, exp.Join) else JOIN // 4 if isinstance(node, exp.Select) else 0
    text = tree.sql(dialect="spark", comments=False)
    weight += sum(2 * COSTS.get(name, 0) for name in _called(text))
    if weight > MAX_PLAN:
        raise refused("SQL as long as this", "Write it in several steps, each with createOrReplaceTempView(name).")
    return Vetted(text, tuple(tables), weight)


def _check_node(node: Any) -> None:
    """Refuse what is syntax of a listed kind, but reaches too far."""
    if isinstance(node, exp.Table):
        # A database in front of a table's name is how Spark is asked to read a file: text.`/etc/passwd`.
        plain = isinstance(node.this, exp.Identifier) and re.fullmatch(r"\w+", node.name)
        if not plain or any(value for key, value in node.args.items() if key not in {"this", "alias", "joins"}):
            raise refused(f"{_excerpt(node)!r} as a table", "Use the name of a query with a memory sink, or of a view.")
    elif isinstance(node, exp.With) and node.args.get("recursive"):
        raise refused("WITH RECURSIVE")
    elif isinstance(node, exp.Select) and (node.args.get("hint") or node.args.get("kind")):
        raise refused("hints in SQL")
    elif isinstance(node, exp.Like | exp.ILike | exp.RegexpLike):
        pattern = node.args.get("expression")
        if not isinstance(pattern, exp.Literal):
            raise refused("a pattern that is no plain text in SQL")
        check_pattern(pattern.name, regular=isinstance(node, exp.RegexpLike))
    elif isinstance(node, exp.ApproxDistinct) and node.args.get("accuracy"):
        raise refused("the accuracy of approx_count_distinct", "Leave it out.")
    elif isinstance(node, exp.Func) and (scale := node.args.get("decimals")) is not None:
        digits = scale.this if isinstance(scale, exp.Neg) else scale
        if not (isinstance(digits, exp.Literal) and digits.is_int and int(digits.name) <= MAX_SCALE):
            raise refused(f"{_excerpt(node)!r} in SQL", f"Round to at most {MAX_SCALE} digits.")


def _called(text: str) -> list[str]:
    """The functions that SQL calls: what stands before a parenthesis."""
    names = []
    tokens = sqlglot.tokenize(text, dialect="spark")
    for before, token in pairwise(tokens):
        name = before.text.lower()
        if token.token_type is not TokenType.L_PAREN or not re.match(r"\w", name) or before.token_type in _LITERALS:
            continue
        if name in SQL_FUNCTIONS:
            names.append(name)
        elif before.token_type is TokenType.IDENTIFIER or name not in _KEYWORDS:
            raise _refused_function(before.text)
    return names


_LITERALS: Final = frozenset({TokenType.STRING, TokenType.NUMBER})


def _refused_function(name: str) -> Refused:
    advice = ADVICE_FOR_SQL.get(name.lower()) or did_you_mean(name, SQL_FUNCTIONS)
    return refused(f"the function {name.lower()!r} in SQL", advice)


def _excerpt(node: Any) -> str:
    return str(node.sql(dialect="spark"))[:60]
