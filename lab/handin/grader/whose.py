"""The choice of log files to grade a notebook with: the shipped ones, the course's, or a learner's own."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from lab.dataset import COURSE, SHIPPED, Dataset
from lab.errors import LabError
from lab.handin.grader.owners import owner_in, spellings, split_names, squashed, without_count
from lab.handin.grader.submission import Submission
from lab.handin.grader.verdicts import expected
from lab.lesson.results import GROUPS
from lab.variants import canonical_name, dataset_for, dataset_of, seed_of

_SHOWN: Final = 3
_TRIED: Final = 4
_SEED_SHOWN: Final = 19
# A number that may be a volume, not one in a server's name.
_NUMBER: Final = re.compile(r"(?<![\w.,])\d{1,9}(?:[.,]\d{1,9})?(?!\w)")


@dataclass(frozen=True)
class LogFiles:
    """The log files of a notebook, whose they are in words, and notes about the choice."""

    dataset: Dataset
    whose: str
    notes: tuple[str, ...] = ()


def log_files_of(submission: Submission, class_code: str, given: Dataset = SHIPPED) -> LogFiles:
    """Return the log files to grade a notebook with; `given` are everybody's: the course's or the shipped ones.

    Raises LabError if there is a class code and the learner is not known, or if the notebook was made with the files of
    a course that are not given.
    """
    notes = tuple(_other_names(submission))
    if given.is_of_course:
        return LogFiles(given, "those of the course", (*_made_with_others(submission, given), *notes))
    if submission.seed.startswith(COURSE):
        raise LabError(
            f"It was made with log files of a course ({submission.seed[:_SEED_SHOWN]}), which are not here, so its results "
            "cannot be compared.",
            "Name their folder with --log-data, and grade it again.",
        )
    if not class_code:
        dataset = dataset_of(submission.seed)
        if dataset is SHIPPED:
            return LogFiles(dataset, "those of the lab", notes)
        note = f"Made with log files of the learner's own (seed {dataset.seed}), which no class code confirms."
        return LogFiles(dataset, f"of seed {dataset.seed}, not confirmed", (*notes, note))
    if not canonical_name(submission.learner):
        raise LabError(
            "It is not known whose notebook this is, so neither are its log files.",
            "Name the file lab8-NAME.ipynb, with the name that the learner has entered.",
        )
    names = list(_names(submission))
    for name in (*names, *_split(submission)):
        if seed_of(class_code, name) == submission.seed:
            return LogFiles(dataset_for(class_code, name), f"of {name}", notes)
    likely = _by_claims(submission, names, class_code)
    name = likely or names[0]
    dataset = dataset_for(class_code, name)
    if submission.seed:
        whose = "the shipped log files" if submission.seed == SHIPPED.seed else "log files of another learner or class"
        note = f"Made with {whose}; graded with those of {submission.learner}."
        return LogFiles(dataset, f"of {name}", (*notes, note))
    if not likely and len(names) > 1:
        others = ", ".join(names[1 : _SHOWN + 1])
        note = (
            f"Nothing in the notebook says how the learner's name was entered; graded with the log files of {name}. If "
            f"otherwise, such as {others}, name the file lab8-NAME.ipynb with that name, and grade it again."
        )
        return LogFiles(dataset, f"of {name}, as far as is known", (*notes, note))
    return LogFiles(dataset, f"of {name}", notes)


def _made_with_others(submission: Submission, given: Dataset) -> Iterator[str]:
    """Yield a note if the notebook was made with other log files than the course's."""
    same = submission.seed == SHIPPED.seed and given.contents == SHIPPED.contents
    if submission.seed and submission.seed != given.seed and not same:
        whose = (
            "the shipped log files"
            if submission.seed == SHIPPED.seed
            else "log files of another course, or of the course as they were before"
            if submission.seed.startswith(COURSE)
            else "log files of a learner's own"
        )
        yield f"Made with {whose}; graded with those of the course."


def _other_names(submission: Submission) -> Iterator[str]:
    """Yield a note for each place that names somebody else than the learner."""
    made_for = squashed(submission.learner)
    if submission.named and squashed(submission.named) != made_for:
        yield f"The file is named for {submission.named}, the notebook was made for {submission.learner}."
    owner = owner_in(submission.file)
    listed = owner.listed if owner.account.startswith("Moodle") and not submission.named else ""
    if listed and _letters(listed) != _letters(submission.learner):
        yield f"Moodle has it from {listed}, the notebook was made for {submission.learner}."


def _letters(name: str) -> list[str]:
    """Return the letters of a name, sorted, to compare names regardless of the order of first and last name."""
    return sorted(squashed(name))


def _names(submission: Submission) -> Iterator[str]:
    """Yield the names that the learner may have entered in the lab, the likeliest first, each once."""
    known: set[str] = set()
    owner = owner_in(submission.file)
    # The lab's file names have a hyphen for a blank.
    for name in (submission.learner, submission.named, without_count(submission.named)[0], owner.listed):
        ways = spellings(name) if name else ()
        if name and name == submission.named:
            ways = (name.replace("-", " "), *ways)
        for way in ways:
            if canonical_name(way) and canonical_name(way) not in known:
                known.add(canonical_name(way))
                yield way


def _split(submission: Submission) -> Iterator[str]:
    owner = owner_in(submission.file)
    if owner.account.startswith("Canvas"):
        yield from split_names(owner.listed)


def _by_claims(submission: Submission, names: Sequence[str], class_code: str) -> str:
    """Return the name whose log files fit the volumes that the learner claims; empty if none does."""
    claims = [(group, submission.claims.get(group.id, "")) for group in GROUPS if group.id.startswith("volume")]
    if submission.seed or not all(claim for _, claim in claims):
        return ""
    found = [(group, _numbers(claim)) for group, claim in claims]
    # Making log files takes a second, so try only the first names.
    for name in names[:_TRIED]:
        dataset = dataset_for(class_code, name)
        if all(_numbers(expected(group, dataset)) <= numbers for group, numbers in found):
            return name
    return ""


def _numbers(text: str) -> set[float]:
    """Return the numbers in a text, to two decimals."""
    return {round(float(number.replace(",", ".")), 2) for number in _NUMBER.findall(text)}
