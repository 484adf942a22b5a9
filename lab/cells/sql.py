"""Vets SQL text: one SELECT over tables by their plain names, or one condition, and listed functions."""

from typing import Final

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

_FUNCTIONS: Final = (
    exp.And,  # sqlglot counts these, too, as functions
    exp.Or,
    exp.Avg,
    exp.Case,
    exp.Cast,
    exp.Coalesce,
    exp.Count,
    exp.CountIf,
    exp.If,
    exp.Max,
    exp.Min,
    exp.Round,
    exp.Sum,
)


def refusal_of_query(text: str) -> str:
    """Why `spark.sql` may not run the text; empty when it may."""
    try:
        statements = sqlglot.parse(text, dialect="spark")
    except (SqlglotError, RecursionError) as error:
        return f"SQL that cannot be read ({_first_line(error)})"
    if len(statements) != 1 or not isinstance(statements[0], exp.Select):
        return "SQL other than one SELECT"
    return _refusal(statements[0])


def refusal_of_condition(text: str) -> str:
    """Why a text may not be a condition on rows; empty when it may."""
    try:
        condition = sqlglot.parse_one(text, dialect="spark", into=exp.Condition)
    except (SqlglotError, RecursionError) as error:
        return f"a condition that cannot be read ({_first_line(error)})"
    return "a query inside a condition" if condition.find(exp.Query) else _refusal(condition)


def _refusal(tree: exp.Expr) -> str:
    if tree.find(exp.QueryTransform):
        return "TRANSFORM in SQL"
    for table in tree.find_all(exp.Table):
        # A database in front of a table's name is how Spark is asked to read a file: text.`/etc/passwd`.
        if not isinstance(table.this, exp.Identifier) or table.args.get("db") or table.args.get("catalog"):
            return f"{table.sql(dialect='spark')!r} as a table"
    for function in tree.find_all(exp.Func):
        if not isinstance(function, _FUNCTIONS):
            return f"{function.sql(dialect='spark')!r} in SQL"
    return ""


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
