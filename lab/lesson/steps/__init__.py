"""The steps of the lesson, in the handout's order, and the cells that deliver and empty.

Each step is a module. An exercise is a package with the modules `check` and `mistakes`. These need PySpark, so they are
imported later: the first page does not wait for PySpark.
"""

import json
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING, Final

from lab.judge.step import BLANK, Check, Group, Part, Picture, Step
from lab.lesson.steps import (
    peek,
    read_stream,
    schema,
    schema_clock,
    schema_header,
    schema_order,
    schema_right,
    sev0,
    sev0_query,
    sev0_sorted,
    stop,
    volume_query,
    volume_report,
    volume_show,
)

if TYPE_CHECKING:
    from lab.judge.mistake import Mistake
    from lab.judge.rows import Kind

__all__ = [
    "BLANK",
    "EMPTY_CODE",
    "EXERCISES",
    "GROUPS",
    "STEPS",
    "Group",
    "Part",
    "Picture",
    "Step",
    "answering",
    "check_of",
    "deliver_code",
    "mistakes_of",
    "required",
]

_LESSON: Final[tuple[ModuleType, ...]] = (
    schema,
    schema_right,
    schema_order,
    schema_header,
    schema_clock,
    read_stream,
    peek,
    volume_report,
    volume_query,
    volume_show,
    sev0_sorted,
    sev0,
    sev0_query,
    stop,
)
_MODULES: Final[dict[str, str]] = {module.STEP.id: module.__name__ for module in _LESSON}

STEPS: Final[dict[str, Step]] = {module.STEP.id: module.STEP for module in _LESSON}
EXERCISES: Final = tuple(step for step in STEPS.values() if step.is_exercise)
GROUPS: Final = tuple(group for step in STEPS.values() for group in step.results)
EMPTY_CODE: Final = "empty_s3_folder()"


def required(step: Step) -> tuple[Step, ...]:
    """Return every step that must be done before this one, in the order of the lesson."""
    wanted: set[str] = set()

    def collect(steps: tuple[Step, ...]) -> None:
        for known in steps:
            wanted.add(known.id)
            collect(known.needs)

    collect(step.needs)
    return tuple(known for known in STEPS.values() if known.id in wanted)


def answering(kind: "Kind") -> Step:
    """Return the step whose query answers the result groups of a kind."""
    return next(step for step in STEPS.values() if any(group.kind == kind for group in step.results))


def check_of(step: Step) -> Check:
    """Return the check of an exercise, from the module `check` of its package."""
    check: Check = import_module(f"{_MODULES[step.id]}.check").check
    return check


def mistakes_of(step: Step) -> tuple["Mistake", ...]:
    """Return the mistakes that belong to this exercise alone, in their order; empty if it has none yet."""
    name = f"{_MODULES[step.id]}.mistakes"
    found: tuple[Mistake, ...] = import_module(name).MISTAKES if step.is_exercise and find_spec(name) else ()
    return found


def deliver_code(names: tuple[str, ...]) -> str:
    """Return the code of the cell that delivers these log files in one call."""
    arguments = ", ".join(json.dumps(name, ensure_ascii=False) for name in names)
    return f"copy_s3_file_to_live_folder({arguments})"
