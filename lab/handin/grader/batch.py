"""Grades the notebooks of a class: whose log files each is made for, and which notebooks are the same."""

import logging
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Final

from lab.dataset import SHIPPED, Dataset
from lab.errors import LabError
from lab.handin.grader.grade import RunsAgain, grade
from lab.handin.grader.grading import Grade, not_graded, printable
from lab.handin.grader.student_cells import normal_form
from lab.handin.grader.submission import SUFFIX, Submission, name_in, read_submission
from lab.handin.notebook import file_name
from lab.handin.outline import Content, outline
from lab.lesson.steps import EXERCISES, STEPS
from lab.variants import canonical_name, dataset_for, dataset_of

_log = logging.getLogger(__name__)

NAMELESS: Final = (
    "It is not known whose notebook this is, so neither are its log files. Name the file lab8-NAME.ipynb, with the name "
    "that the learner has entered."
)


def notebooks_in(paths: Sequence[Path]) -> tuple[Path, ...]:
    """The files, and all notebooks of the folders, each once; of a folder without any, the folder itself.

    Raises LabError if there are only such folders.
    """
    found: list[Path] = []
    empty: list[Path] = []
    for path in paths:
        if os.path.isdir(path):  # noqa: PTH112 - of a name that is too long, `Path.is_dir` raises
            # What begins with a dot is not handed in by anybody: macOS puts such a file beside each one that it copies.
            inside = sorted(
                each
                for each in path.iterdir()
                if each.suffix.lower() == SUFFIX and not each.name.startswith(".") and each.is_file()
            )
            # One learner who has handed in nothing is no reason not to grade the others.
            found.extend(inside or [path])
            empty.extend([] if inside else [path])
        else:
            found.append(path)
    if found == empty:
        raise LabError(f"There is no notebook in the folder {found[0]}.", f"Name files that end in {SUFFIX}.")
    return tuple(dict.fromkeys(found))


def grade_all(
    paths: Sequence[Path],
    run: RunsAgain,
    class_code: str = "",
    say: Callable[[int, Grade], None] = lambda _, __: None,
) -> tuple[Grade, ...]:
    """Grade notebooks in their order; `say` is called after each with its number, from 1."""
    read = [_read(path) for path in paths]
    same = _same(read)
    grades = []
    for number, (each, notes) in enumerate(zip(read, same, strict=True), start=1):
        graded = printable(each if isinstance(each, Grade) else _graded(each, run, class_code, notes))
        grades.append(graded)
        say(number, graded)
    return tuple(grades)


def _read(path: Path) -> Submission | Grade:
    try:
        return read_submission(path)
    except LabError as error:
        return not_graded(path.name, str(error), name_in(path.name))
    except Exception as error:
        # A file of a kind that nobody has thought of is no reason not to grade the others.
        _log.exception("%s could not be read", path)
        return not_graded(
            path.name, f"The grader itself failed to read this file ({type(error).__name__}).", name_in(path.name)
        )


def _graded(submission: Submission, run: RunsAgain, class_code: str, same: tuple[str, ...]) -> Grade:
    if class_code and not canonical_name(submission.learner):
        return not_graded(submission.file, NAMELESS, notes=same)
    try:
        dataset, notes = _dataset(submission, class_code)
    except Exception as error:
        _log.exception("it could not be told whose log files %s was made with", submission.file)
        reason = f"The grader itself failed on this notebook ({type(error).__name__}). Look at it yourself."
        return not_graded(submission.file, reason, submission.learner, notes=same)
    graded = grade(submission, dataset, run)
    return replace(graded, notes=(*notes, *same, *graded.notes))


def _dataset(submission: Submission, class_code: str) -> tuple[Dataset, tuple[str, ...]]:
    """The log files of a notebook's learner, and what is odd about them."""
    notes = []
    if submission.named and _in_file(submission.named) != _in_file(submission.learner):
        notes.append(f"The file is named for {submission.named}, the notebook was made for {submission.learner}.")
    if not class_code:
        dataset = dataset_of(submission.seed)
        if dataset is not SHIPPED:
            notes.append(
                f"Made with log files of the learner's own (seed {dataset.seed}), which no class code confirms."
            )
        return dataset, tuple(notes)
    # In the name of a file, a blank is a hyphen.
    likely = [dataset_for(class_code, name) for name in (submission.learner, submission.learner.replace("-", " "))]
    dataset = next((each for each in likely if each.seed == submission.seed), likely[0])
    if submission.seed and submission.seed != dataset.seed:
        whose = "the shipped log files" if submission.seed == SHIPPED.seed else "log files of another learner or class"
        notes.append(f"Made with {whose}; graded with those of {submission.learner}.")
    return dataset, tuple(notes)


def _in_file(name: str) -> str:
    return canonical_name(file_name(name))


# --- which notebooks are the same


def _same(read: Sequence[Submission | Grade]) -> tuple[tuple[str, ...], ...]:
    """For each notebook the notes that say which others it is like."""
    submissions = [(number, each) for number, each in enumerate(read) if isinstance(each, Submission)]
    codes = {number: tuple(normal_form(cell.source) for cell in each.steps) for number, each in submissions}
    notes: list[tuple[str, ...]] = [()] * len(read)
    for number, one in submissions:
        others = [(index, each) for index, each in submissions if index != number]
        copies = [other for _, other in others if other.digest == one.digest]
        alike = []
        # What the lab itself has written is no wonder twice.
        if not set(codes[number]) <= _of_the_lab():
            alike = [other for index, other in others if codes[index] == codes[number] and other not in copies]
        notes[number] = (
            *((f"The file is the same as {_listed(copies)}.",) if copies else ()),
            *((f"The code of every step is the same as in {_listed(alike)}.",) if alike else ()),
        )
    return tuple(notes)


def _listed(submissions: Sequence[Submission]) -> str:
    return ", ".join(each.file for each in submissions)


@cache
def _of_the_lab() -> frozenset[str]:
    solved = Content(SHIPPED, answers={step.id: step.code for step in EXERCISES})
    cells = (cell.source for content in (Content(SHIPPED), solved) for cell in outline(content) if cell.kind == "code")
    return frozenset(map(normal_form, (*cells, *(step.code for step in STEPS.values()))))
