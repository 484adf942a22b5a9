"""The code cells of a handed-in notebook: which ones are setup, and which parts of the others are Python.

Nothing is executed here; cells are only parsed.
"""

import ast
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from lab.cells.vocabulary import MODULES
from lab.dataset import SHIPPED
from lab.handin.grader.magics import meaning, sql_line
from lab.handin.outline import GIVEN, LOG_FILES, RECORDS_BEGIN, SETUP, setup_cells
from lab.lesson.steps import EXERCISES

# The names that the setup cells define. The grader provides them.
SETUP_NAMES: Final = frozenset({LOG_FILES, *GIVEN})
# All setup cells by their source, for those that define none of these names, such as the last one.
_SETUP_SOURCES: Final = frozenset(cell.source for cell in setup_cells(SHIPPED))
# The variables of the exercises: a cell that defines one of these is more than setup.
_ANSWERS: Final = frozenset(step.variable for step in EXERCISES if step.variable)
# Larger or deeper cells are not parsed: Python would need gigabytes for the former, and give up in the middle of the
# latter.
_MAX_PARSED: Final = 100_000
_MAX_DEPTH: Final = 100
_MAX_BITS: Final = 1_000
# Line ends as Python has them.
_LINE_END: Final = re.compile(r"\r\n|\r|\n")
# Magics after which the rest of the line or of the cell is Python.
_TIMERS: Final = re.compile(r"%%?(time|timeit|capture|prun)\b")
_SHELL_LINE: Final = re.compile(r"\s*(?:\w[\w, ]*=\s*)?[%!]")
_HELP_LINE: Final = re.compile(r"\s*\?{1,2}[\w.]+\s*|\s*[A-Za-z_]\w*(?:\.\w+)*\?{1,2}\s*")


@dataclass(frozen=True)
class CodeCell:
    """One code cell: its number among the code cells, from 1, and its id, empty if the notebook has none.

    `parts` are run one after the other. For a setup cell they are what later cells may need, such as its imports, and
    each may fail; every other cell has one part. `source` is what the student has written. `in_kernel` is for a real
    kernel: lines for IPython stay, but magics of other notebooks are translated to Python.
    """

    number: int
    id: str
    source: str
    parts: tuple[str, ...]
    is_setup: bool = False
    notes: tuple[str, ...] = ()
    in_kernel: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """The name of the cell in messages: its number, and the id of its step if it has one."""
        return (
            f"cell {self.number} ({self.id})" if self.id in {step.id for step in EXERCISES} else f"cell {self.number}"
        )


def code_cell(number: int, cell_id: str, source: str) -> CodeCell:
    """Parse the source of a code cell, and return the cell."""
    python, dropped = _without_ipython(source)
    in_kernel = _for_kernel(source)
    where = f"Code cell {number}"
    notes = [f"{where}: {dropped} for IPython not run."] if dropped else []
    tree = parsed(python)
    if tree is None:
        # The records of a course's log files may be too large to parse.
        setup = cell_id.startswith(SETUP) or source.startswith(RECORDS_BEGIN)
        parts, whole = ((), ()) if setup else ((python,), (in_kernel,))
        return CodeCell(number, cell_id, source, parts, setup, tuple(notes), whole)
    is_setup = cell_id.startswith(SETUP) or source.strip() in _SETUP_SOURCES
    defining = [node for node in tree.body if SETUP_NAMES & set(_defined(node))]
    needless = _needless_imports(tree)
    if needless and not is_setup:
        notes.append(f"{where}: {', '.join(map(ast.unparse, needless))} not run, for nothing there uses it.")
    if not defining and not is_setup:
        part = _blanked(python, needless)
        return CodeCell(number, cell_id, source, (part,), notes=tuple(notes), in_kernel=(in_kernel,))
    if any(_ANSWERS & set(_defined(node)) for node in tree.body):
        rest = ast.Module([node for node in tree.body if node not in defining and node not in needless], [])
        if defining:
            names = ", ".join(sorted(SETUP_NAMES & {name for node in defining for name in _defined(node)}))
            notes.append(f"{where}: the grader's own {names} used instead of those defined there.")
        parts = (ast.unparse(rest),)
        return CodeCell(number, cell_id, source, parts, notes=tuple(notes), in_kernel=parts)
    # A setup cell of the lab is needed only for its imports. In a student's own setup cell, keep all that is not setup:
    # it may be their stream.
    imports = (ast.Import, ast.ImportFrom)
    kept = [node for node in tree.body if (isinstance(node, imports) if is_setup else node not in defining)]
    each = tuple(map(ast.unparse, kept))
    return CodeCell(number, cell_id, source, each, is_setup=True, in_kernel=each)


def _needless_imports(tree: ast.Module) -> list[ast.stmt]:
    """Return unused imports of modules that the lab does not have: the cell need not be refused because of them."""
    # The names of a star import are not known, so it counts as used.
    used = {"*", *(node.id for node in ast.walk(tree) if isinstance(node, ast.Name))}
    return [
        node
        for node in tree.body
        if isinstance(node, ast.Import | ast.ImportFrom)
        and not used & set(_defined(node))
        and not any(module in MODULES for module in _modules(node))
    ]


def _modules(node: ast.Import | ast.ImportFrom) -> list[str]:
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]


def _blanked(source: str, nodes: list[ast.stmt]) -> str:
    """Return the source with some statements replaced by `pass`; all others keep their line numbers."""
    lines = _LINE_END.split(source)
    for node in nodes:
        last = node.end_lineno or node.lineno
        # A line may have several statements: replace only this one.
        first_line, last_line = lines[node.lineno - 1].encode(), lines[last - 1].encode()
        kept = first_line[: node.col_offset].decode() + "pass" + last_line[node.end_col_offset :].decode()
        lines[node.lineno - 1 : last] = [kept, *[""] * (last - node.lineno)]
    return "\n".join(lines)


def parsed(source: str) -> ast.Module | None:
    """Return the syntax tree; None if it is not Python, or is too large, too deep, or has too large a number."""
    if len(source) > _MAX_PARSED:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return None if _is_deep(tree) or _has_huge_number(tree) else tree


def _is_deep(tree: ast.Module) -> bool:
    level: list[ast.AST] = [tree]
    for _ in range(_MAX_DEPTH):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return False
    return True


def _has_huge_number(tree: ast.Module) -> bool:
    """Return whether an integer, e.g. a hexadecimal one, is so large that Python may refuse to write it in decimal."""
    numbers = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, int))
    return any(number.bit_length() > _MAX_BITS for number in numbers)


def normal_form(source: str) -> str:
    """Return a normalized text, which is the same for code that differs only in blanks and comments."""
    tree = parsed(source)
    return " ".join(source.split()) if tree is None else ast.dump(tree)


def assigns(source: str, name: str) -> bool:
    """Return whether code defines a name, in any of its blocks; if it cannot be parsed, search with a regex."""
    tree = parsed(source)
    if tree is None:
        return re.search(rf"^[ \t]*{re.escape(name)}\s*=", source, re.MULTILINE) is not None
    return any(name in _defined(node) for node in ast.walk(tree) if isinstance(node, ast.stmt))


def _defined(node: ast.stmt) -> Iterator[str]:
    """Yield the names that a statement itself defines."""
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
            for alias in aliases:
                yield alias.asname or alias.name.partition(".")[0]
        case ast.Assign(targets=targets):
            for target in targets:
                yield from _names(target)
        case ast.AnnAssign(target=target) | ast.AugAssign(target=target):
            yield from _names(target)


def _names(target: ast.expr) -> Iterator[str]:
    for node in ast.walk(target):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def _for_kernel(source: str) -> str:
    """Return the cell for a plain kernel: magics of other notebooks are translated, everything else stays."""
    if parsed(source) is not None:
        return source
    python, dropped = meaning(source, lambda text: parsed(text) is not None) or (source, "")
    return source if dropped else python


def _without_ipython(source: str) -> tuple[str, str]:
    """Return the Python of a cell, and in words how much was left out; lines keep their numbers."""
    if parsed(source) is not None:
        return source, ""
    if found := meaning(source, lambda text: parsed(text) is not None):
        source, dropped_cell = found
        if dropped_cell or parsed(source) is not None:
            return found
    lines = source.split("\n")
    first = next((line for line in lines if line.strip()), "")
    if first.startswith("%%") and not _TIMERS.match(first):
        return "", f"a whole cell ({first.split()[0][:20]})"
    kept, dropped = [], 0
    for line in lines:
        if _TIMERS.match(line.strip()) and not line.strip().startswith("%%"):
            indent = line[: len(line) - len(line.lstrip())]
            kept.append(indent + _TIMERS.sub("", line.strip()).strip())
        elif query := sql_line(line):
            kept.append(query)
        elif _SHELL_LINE.match(line) or _HELP_LINE.fullmatch(line):
            kept.append("")
            dropped += 1
        else:
            kept.append(line)
    return "\n".join(kept), "" if not dropped else "1 line" if dropped == 1 else f"{dropped} lines"
