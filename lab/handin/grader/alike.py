"""Notes about notebooks of a class that are the same."""

from collections import defaultdict
from collections.abc import Hashable, Sequence
from functools import cache
from typing import Final

from lab.dataset import SHIPPED
from lab.handin.grader.student_cells import normal_form
from lab.handin.grader.submission import Submission
from lab.handin.outline import Content, outline
from lab.lesson.steps import EXERCISES, STEPS

MAX_LISTED: Final = 3


def alike(submissions: Sequence[Submission], people: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Return for each notebook notes about identical ones of other learners; `people` has the learner's key of each."""
    codes = [tuple(normal_form(cell.source) for cell in each.steps) for each in submissions]
    of_bytes, of_code = defaultdict[Hashable, list[int]](list), defaultdict[Hashable, list[int]](list)
    for number, (each, code) in enumerate(zip(submissions, codes, strict=True)):
        of_bytes[each.digest].append(number)
        # Code that the lab itself has written is the same in many notebooks, and no sign of copying.
        if not set(code) <= _of_the_lab():
            of_code[code].append(number)
    notes = []
    for number, (one, code) in enumerate(zip(submissions, codes, strict=True)):
        copies = [other for other in of_bytes[one.digest] if people[other] != people[number]]
        others = [
            other
            for other in of_code.get(code, ())
            if people[other] != people[number] and submissions[other].digest != one.digest
        ]
        notes.append(
            (
                *((f"The file is the same as {_listed(submissions, copies)}.",) if copies else ()),
                *((f"The code of every step is the same as in {_listed(submissions, others)}.",) if others else ()),
            )
        )
    return tuple(notes)


def _listed(submissions: Sequence[Submission], numbers: Sequence[int]) -> str:
    more = len(numbers) - MAX_LISTED
    # To name one more takes no more space than "and 1 more".
    shown = numbers if more <= 1 else numbers[:MAX_LISTED]
    listed = ", ".join(submissions[number].file for number in shown)
    return f"{listed} and {more} more" if len(shown) < len(numbers) else listed


@cache
def _of_the_lab() -> frozenset[str]:
    solved = Content(SHIPPED, answers={step.id: step.code for step in EXERCISES})
    cells = (cell.source for content in (Content(SHIPPED), solved) for cell in outline(content) if cell.kind == "code")
    return frozenset(map(normal_form, (*cells, *(step.code for step in STEPS.values()))))
