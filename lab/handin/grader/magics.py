"""Magic lines and cells of IPython, Databricks and Zeppelin, translated to Python if they are Python, SQL or text."""

import re
from collections.abc import Callable
from typing import Final

_PYTHON: Final = frozenset({"python", "python3", "py", "spark", "pyspark", "spark.pyspark", "livy.pyspark", "local"})
_SQL: Final = frozenset({"sql", "sparksql", "spark.sql"})
_TEXT: Final = frozenset({"md", "md-sandbox", "markdown", "html", "latex"})
# For these languages, a first line with a single % applies to the whole cell.
_OTHER_LANGUAGES: Final = frozenset({"sh", "scala", "r", "fs", "bash", "configure", "javascript", "sparkr", "spark.r"})
_FIRST: Final = re.compile(r"(?P<sign>%%?)(?P<name>[A-Za-z][\w.-]*)[ \t]*(?P<rest>[^\r\n]*)")
_SQL_LINE: Final = re.compile(r"(?P<before>[ \t]*(?:\w+[ \t]*=[ \t]*)?)%sql[ \t]+(?P<query>[^\r\n]+)")
# The option with which sparkmagic sends a cell as SQL; its other options say what to do with the result.
_AS_SQL: Final = re.compile(r"(?:^|\s)(?:-c|--context)[ =]?sql\b")


def meaning(source: str, is_python: Callable[[str], bool]) -> tuple[str, str] | None:
    """Translate a cell whose first line is a magic: return its Python, and in words what has no Python.

    None for any other cell.

    Lines keep their numbers. `is_python` says whether a text is Python: %sql with Python below it is for its line only.
    """
    above, first, below = _parts(source)
    found = _FIRST.fullmatch(first)
    if not found:
        return None
    name, rest = found["name"].lower(), found["rest"].strip()
    whole = found["sign"] == "%%"
    if name in _TEXT:
        return "", ""
    if name in _SQL or (name in _PYTHON and _AS_SQL.search(rest)):
        if whole:
            return above + _query(f"\n{below}"), ""
        if rest and below.strip() and is_python(below):
            return f"{above}{_query(rest)}\n{below}", ""
        return above + _query(f"{rest}\n{below}"), ""
    if name in _PYTHON:
        # After %% there are options; after % there may be code.
        return f"{above}{'' if whole else rest}\n{below}", ""
    if name in _OTHER_LANGUAGES:
        return "", f"a whole cell ({first.split()[0][:20]})"
    return None


def sql_line(line: str) -> str | None:
    """Return the Python for a single line of SQL, such as `df = %sql SELECT 1`; None for every other line."""
    found = _SQL_LINE.fullmatch(line)
    if not found:
        return None
    before = found["before"]
    return f"{before}{_call(found['query']) if before.strip() else _query(found['query'])}"


def _parts(source: str) -> tuple[str, str, str]:
    """Split a cell into the blank lines at its beginning, the first other line, and the rest."""
    lines = source.split("\n")
    at = next((number for number, line in enumerate(lines) if line.strip()), 0)
    return "\n" * at, lines[at].strip(), "\n".join(lines[at + 1 :])


def _query(sql: str) -> str:
    return f"{_call(sql)}.show()" if sql.strip().strip(";") else ""


def _call(sql: str) -> str:
    """Return a call of `spark.sql` with the escaped text; its line ends stay, so that lines keep their numbers."""
    text = sql.rstrip("; \t\r\n").replace("\\", "\\\\").replace('"', '\\"')
    return f'spark.sql("""{text}""")'
