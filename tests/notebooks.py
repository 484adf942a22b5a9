"""Notebooks as students hand them in, made from the lab's own."""

from types import MappingProxyType

from nbformat import v4

from lab.dataset import SHIPPED
from lab.handin.grader.arrivals import Arrival
from lab.handin.grader.grading import CLAIM_POINTS, OTHER_POINTS, OWN_POINTS
from lab.handin.grader.submission import read_arrival
from lab.handin.grader.verdicts import expected
from lab.handin.notebook import file_name, to_bytes, to_notebook
from lab.handin.outline import Content
from lab.lesson.results import GROUPS
from lab.lesson.steps import EXERCISES, STEPS

# The points of each of a notebook's four results.
FULL = OWN_POINTS + OTHER_POINTS + CLAIM_POINTS
ALL, LOG, NONE = [FULL] * 4, [0, 0, FULL, FULL], [0] * 4
SOLVED = MappingProxyType({step.id: step.code for step in EXERCISES})


def changed(step_id, old, new):
    """Return the solution of a step with `old`, which must be there, replaced by `new`."""
    assert old in STEPS[step_id].code
    return {step_id: STEPS[step_id].code.replace(old, new)}


def right(dataset=SHIPPED):
    """Return the four right results."""
    return {group.id: expected(group, dataset) for group in GROUPS}


def notebook(answers=MappingProxyType({}), claims=None, name="Ada", dataset=SHIPPED, *, solved=True):
    """Return a notebook with the solutions, except for `answers`, and with `claims` or the right results."""
    answers = {**(SOLVED if solved else {}), **answers}
    return to_notebook(Content(dataset, name, answers, right(dataset) if claims is None else claims))


def index_of(made, cell_id):
    return next(index for index, cell in enumerate(made.cells) if cell.get("id") == cell_id)


def insert(made, before, *sources):
    """Insert code cells before the cell with this id."""
    place = index_of(made, before)
    made.cells[place:place] = [v4.new_code_cell(source) for source in sources]
    return made


def without(made, *ids):
    """Remove the cells with these ids."""
    assert {cell.id for cell in made.cells} >= set(ids)
    made.cells = [cell for cell in made.cells if cell.id not in ids]
    return made


def save(folder, made, name="Ada"):
    path = folder / file_name(name)
    path.write_bytes(to_bytes(made))
    return path


def points(graded):
    return [result.points for result in graded.results]


def reasons(graded):
    return [result.reason for result in graded.results]


def read_submission(path):
    """Return the submission in a file, as the grader reads it."""
    return read_arrival(Arrival(path.name, path))
