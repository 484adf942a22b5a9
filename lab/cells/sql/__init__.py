"""Vetting of SQL text: one SELECT over tables by their plain names, or one expression, of functions in the allow-list.

Spark gets the vetted tree, written out again, and never the learner's text: two parsers may disagree on where a comment
or a string ends. A tree may also say less than the text written from it. So the written text is parsed and vetted
again, until it no longer changes.
"""

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import sqlglot
from sqlglot import ErrorLevel, exp
from sqlglot.errors import SqlglotError

from lab.cells.advice import Refused, refused
from lab.cells.plans import JOIN, MAX_PLAN, STAR, cost_in_sql
from lab.cells.sql.forms import check_form
from lab.cells.sql.tokens import check_function, check_sent, check_tokens

__all__ = ["Vetted", "check_function", "vetted_expression", "vetted_query"]

# Most texts no longer change in the second round; a few, such as log10(10), need a third.
MAX_ROUNDS: Final = 4
_SHOW: Final = re.compile(r"\s*show\s+(tables|views)\s*;?\s*", re.IGNORECASE | re.ASCII)
_DESCRIBE: Final = re.compile(r"\s*desc(?:ribe)?\s+(?:table\s+)?([A-Za-z]\w*)\s*;?\s*", re.IGNORECASE | re.ASCII)
# sqlglot would log to the server's terminal what it cannot write for Spark. Here that raises an error instead.
logging.getLogger("sqlglot").addHandler(logging.NullHandler())
logging.getLogger("sqlglot").propagate = False


@dataclass(frozen=True)
class Vetted:
    """SQL that Spark may get: its text, the tables it reads, the weight of its plan, and the growth of its columns.

    `condition` is how many columns the conditions of a query contain.
    """

    text: str
    tables: tuple[str, ...] = ()
    weight: int = 1
    growth: int = 1
    condition: int = 1


def vetted_query(text: Any) -> Vetted:
    """Return the vetted query for `spark.sql`; raise Refused for any other SQL, TypeError if it is not a text."""
    text = _text(text)
    if found := _SHOW.fullmatch(text):
        return Vetted(f"SHOW {found[1].upper()}")
    if found := _DESCRIBE.fullmatch(text):
        return Vetted(f"DESCRIBE {found[1]}")
    return _settled(text, _query)


def vetted_expression(text: Any) -> Vetted:
    """Return a vetted SQL expression: a condition, or a column with or without an alias."""
    return _settled(_text(text), _expression)


def _text(text: Any) -> str:
    if not isinstance(text, str):
        raise TypeError(f"SQL is a text, not {type(text).__name__}")
    return text


def _settled(text: str, read: Callable[[str], Any]) -> Vetted:
    """Return an equivalent text that no longer changes when it is parsed, vetted and written out."""
    try:
        for _ in range(MAX_ROUNDS):
            check_tokens(text)
            tree = read(text)
            tables, weight = _weighed(tree)
            written = _through_double(tree).sql(dialect="spark", comments=False, unsupported_level=ErrorLevel.RAISE)
            if written == text:
                called = check_sent(text, {*tables, *(each.alias for each in tree.find_all(exp.CTE))})
                weight += sum(cost_in_sql(name) for name in called)
                if weight > MAX_PLAN:
                    raise _too_long()
                return Vetted(text, tables, weight, _growth(tree), _condition(tree))
            text = written
    except (SqlglotError, RecursionError, ValueError) as error:
        near = next((found["highlight"] for found in getattr(error, "errors", []) if found.get("highlight")), "")
        where = f", near {near[:60]!r}" if near else ""
        raise Refused(f"This cannot be read as SQL{where}.") from error
    raise Refused("This SQL means something else each time that it is read. Write it more simply.")


def _query(text: str) -> Any:
    statements = [tree for tree in sqlglot.parse(text, dialect="spark") if tree is not None]
    if len(statements) != 1 or not isinstance(statements[0], exp.Select | exp.SetOperation | exp.Subquery):
        raise refused(
            "SQL other than one SELECT",
            'Besides SELECT there is spark.sql("SHOW TABLES") and spark.sql("DESCRIBE name").',
        )
    return statements[0]


def _expression(text: str) -> Any:
    # The parser takes only statements, so the expression is put into a SELECT.
    trees = [tree for tree in sqlglot.parse(f"SELECT {text}\n", dialect="spark") if tree is not None]
    select = trees[0] if len(trees) == 1 else None
    if not isinstance(select, exp.Select) or len(select.expressions) != 1:
        raise refused("more than one expression in a text", "Give each as a text of its own.")
    tree = select.expressions[0]
    if tree.find(exp.Query) or any(value for key, value in select.args.items() if key != "expressions"):
        raise refused("a query inside an expression", "Give it as a query of its own, to spark.sql.")
    return tree.pop()


def _weighed(tree: Any) -> tuple[tuple[str, ...], int]:
    """Return the tables that a tree reads, and its weight; raise Refused when a form in it is not listed."""
    tables = []
    weight = 0
    for node in tree.walk():
        check_form(node)
        weight += 1
        if isinstance(node, exp.Table):
            tables.append(node.name)
        elif isinstance(node, exp.Join):
            weight += JOIN
        elif isinstance(node, exp.Select):
            weight += JOIN // 4 + STAR * max(0, sum(each.is_star for each in node.expressions) - 1)
        elif (
            isinstance(node, exp.Star) and isinstance(node.parent, exp.Func) and not isinstance(node.parent, exp.Count)
        ):
            weight += STAR
        if weight > MAX_PLAN:
            raise _too_long()
    return tuple(tables), weight


def _growth(tree: Any) -> int:
    """Return how often a table's column can occur in one result column, once Spark has substituted all expressions."""
    selects = list(tree.find_all(exp.Select)) if isinstance(tree, exp.Query) else []
    growth = 1
    for column in [each for select in selects for each in select.expressions] if selects else [tree]:
        growth *= max(1, sum(1 for _ in column.find_all(exp.Column)))
    return growth


def _condition(tree: Any) -> int:
    conditions = [node.args.get("on") for node in tree.find_all(exp.Join)]
    conditions += tree.find_all(exp.Where, exp.Having)
    return max(1, sum(1 for each in conditions if each for _ in each.find_all(exp.Column)))


def _through_double(tree: Any) -> Any:
    """Cast to DOUBLE before each cast to DECIMAL: Spark would work for ever on the text '1e-100000000'."""
    for cast in list(tree.find_all(exp.Cast)):
        inner = cast.this
        if cast.to.is_type(exp.DType.DECIMAL) and not (
            isinstance(inner, exp.Cast) and inner.to.is_type(exp.DType.DOUBLE)
        ):
            inner.replace(exp.cast(inner.copy(), exp.DType.DOUBLE))
    return tree


def _too_long() -> Refused:
    return refused("SQL as long as this", "Write it in several steps, each with createOrReplaceTempView(name).")
