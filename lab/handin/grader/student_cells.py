"""The code cells of a notebook as students hand them in: which are the setup, and what of the others is Python.

Nothing is executed here; a cell is only parsed.
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

# What the setup cells of the notebook define. The grader provides it.
SETUP_NAMES: Final = frozenset({LOG_FILES, *GIVEN})
# Cells of the setup that define none of these names, such as the last.
_SETUP_SOURCES: Final = frozenset(cell.source for cell in setup_cells(SHIPPED))
# What an exercise defines: a cell with one of these is more than setup.
_ANSWERS: Final = frozenset(step.variable for step in EXERCISES if step.variable)
# Larger or deeper cells are not looked into: Python would take gigabytes for the one, and give up half-way on the other.
_MAX_PARSED: Final = 100_000
_MAX_DEPTH: Final = 100
_MAX_BITS: Final = 1_000
# Where lines end for Python.
_LINE_END: Final = re.compile(r"\r\n|\r|\n")
# Of these the rest of the line, or of the cell, is Python.
_TIMERS: Final = re.compile(r"%%?(time|timeit|capture|prun)\b")
_SHELL_LINE: Final = re.compile(r"\s*(?:\w[\w, ]*=\s*)?[%!]")
_HELP_LINE: Final = re.compile(r"\s*\?{1,2}[\w.]+\s*|\s*[A-Za-z_]\w*(?:\.\w+)*\?{1,2}\s*")


@dataclass(frozen=True)
class CodeCell:
    """One code cell: its number among them, from 1, and its id, empty if the notebook has none.

    `parts` are run one after the other. Of a setup cell they are what later cells may need, such as its imports, and each
    may fail; of every other cell there is one part. `source` is what the student has written, `in_kernel` what a real kernel
    is given of it, lines for IPython included; marks that only other notebooks understand have become Python.
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
        """How a person finds it."""
        return (
            f"cell {self.number} ({self.id})" if self.id in {step.id for step in EXERCISES} else f"cell {self.number}"
        )


def code_cell(number: int, cell_id: str, source: str) -> CodeCell:
    """Return a code cell, told apart."""
    python, dropped = _without_ipython(source)
    in_kernel = _for_kernel(source)
    where = f"Code cell {number}"
    notes = [f"{where}: {dropped} for IPython not run."] if dropped else []
    tree = parsed(python)
    if tree is None:
        # The records of a course's log files may be more than is looked into.
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
    # Of a cell of the lab's own nothing else is needed; what students have put beside their addresses may be their stream.
    imports = (ast.Import, ast.ImportFrom)
    kept = [node for node in tree.body if (isinstance(node, imports) if is_setup else node not in defining)]
    each = tuple(map(ast.unparse, kept))
    return CodeCell(number, cell_id, source, each, is_setup=True, in_kernel=each)


def _needless_imports(tree: ast.Module) -> list[ast.stmt]:
    """Return imports of what the lab does not have and nothing uses: they are no reason to refuse the whole cell."""
    # What a star brings, nobody knows.
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
    """Return the source with nothing in the place of some statements; every other one stays in its line."""
    lines = _LINE_END.split(source)
    for node in nodes:
        last = node.end_lineno or node.lineno
        # Of a line with several statements, the blank takes only its own.
        first_line, last_line = lines[node.lineno - 1].encode(), lines[last - 1].encode()
        kept = first_line[: node.col_offset].decode() + "pass" + last_line[node.end_col_offset :].decode()
        lines[node.lineno - 1 : last] = [kept, *[""] * (last - node.lineno)]
    return "\n".join(lines)


def parsed(source: str) -> ast.Module | None:
    """Return the syntax tree; None of what is no Python, or too large or too deep for a cell, or has a number that is."""
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
    """Return whether a number, in hexadecimal say, has more digits than Python is willing to write as a decimal one."""
    numbers = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, int))
    return any(number.bit_length() > _MAX_BITS for number in numbers)


def normal_form(source: str) -> str:
    """Return the same text for code that differs only in blanks, comments and the like."""
    tree = parsed(source)
    return " ".join(source.split()) if tree is None else ast.dump(tree)


def assigns(source: str, name: str) -> bool:
    """Return whether code defines a name, in any of its blocks; judged by its words where it is no Python."""
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
    """Return the cell as a plain kernel can run it: what other notebooks' marks mean, everything else as it stands."""
    if parsed(source) is not None:
        return source
    python, dropped = meaning(source, lambda text: parsed(text) is not None) or (source, "")
    return source if dropped else python


def _without_ipython(source: str) -> tuple[str, str]:
    """Return the Python of a cell, and how much was left out, in words; line numbers stay."""
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
