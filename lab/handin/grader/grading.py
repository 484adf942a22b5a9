"""The points for a notebook, with reasons, from the rerun of the notebook."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Final

from lab.dataset import Dataset
from lab.handin.grader.rerun import FailedCell, Rerun
from lab.handin.grader.student_cells import assigns
from lab.handin.grader.submission import Submission
from lab.handin.grader.verdicts import Verdict, claim_is_right, formula_fits, verdict, why_not
from lab.lesson.results import GROUPS, Group
from lab.lesson.steps import STEPS

OWN_POINTS: Final = 15  # the code gives the right result on the learner's log files
OTHER_POINTS: Final = 5  # and on others
CLAIM_POINTS: Final = 5  # and the notebook says so in the result's cell
RESULT_POINTS: Final = OWN_POINTS + OTHER_POINTS + CLAIM_POINTS
LOOK: Final = "Look at it yourself, or run it with --trust."
# Words in code that may deliver files.
_DELIVERS: Final = re.compile(r"copy|upload|put_object|\bcp\b|\bmv\b|move|live", re.IGNORECASE)
# Characters that are invalid in XML or UTF-8, or control a terminal: one in one notebook would break the whole report.
_UNPRINTABLE: Final = re.compile(r"[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class ResultGrade:
    """The points of one result, the reason in a sentence, and the claimed and the recomputed result as text.

    If it is not `graded`, its points are not known yet, and 0 means nothing.
    """

    group: str
    points: int
    reason: str
    claimed: str = ""
    recomputed: str = ""
    out_of: int = RESULT_POINTS
    graded: bool = True


@dataclass(frozen=True)
class Grade:
    """The grade of one notebook. `error` says why it could not be graded; then no result has points.

    `seconds` is how long grading took. `log_files` says whose log files were used. `counts` is False if another attempt
    of the learner counts.
    """

    file: str
    learner: str
    seed: str
    results: tuple[ResultGrade, ...]
    notes: tuple[str, ...] = ()
    error: str = ""
    seconds: float = 0
    log_files: str = ""
    counts: bool = True

    @property
    def points(self) -> int:
        """The sum of the points."""
        return sum(result.points for result in self.results)

    @property
    def out_of(self) -> int:
        """The highest possible sum of points."""
        return sum(result.out_of for result in self.results)

    @property
    def is_graded(self) -> bool:
        """Whether at least one result is graded."""
        return any(result.graded for result in self.results)

    @property
    def ungraded(self) -> int:
        """The number of results that are not graded, which a person has to look at."""
        return sum(not result.graded for result in self.results)


def not_graded(file: str, reason: str, learner: str = "", notes: tuple[str, ...] = ()) -> Grade:
    """Return the grade of a file that could not be graded, with the reason for each result."""
    results = tuple(ResultGrade(group.id, 0, reason, graded=False) for group in GROUPS)
    return Grade(file, learner, "", results, notes, reason)


def printable(grade: Grade) -> Grade:
    """Return a copy of a grade with unprintable characters replaced in every text, so that any file can contain it."""
    found: Grade = _printable(grade)
    return found


def _printable(value: Any) -> Any:
    if isinstance(value, str):
        return _UNPRINTABLE.sub("\ufffd", value)
    if isinstance(value, tuple):
        return tuple(map(_printable, value))
    if isinstance(value, Grade | ResultGrade):
        return replace(value, **{field.name: _printable(getattr(value, field.name)) for field in fields(value)})
    return value


def worth_checking(rerun: Rerun, dataset: Dataset) -> bool:
    """Return whether a result is right, so that a run on other log files is worth while."""
    return any(found.right for group in GROUPS if (found := verdict(group, rerun, dataset)))


def results(
    submission: Submission, own: tuple[Rerun, Dataset], other: tuple[Rerun, Dataset] | None
) -> tuple[ResultGrade, ...]:
    """Grade the four results: `own` is the run on the learner's log files, `other` the one on hidden ones, if any."""
    return tuple(
        _graded(
            group,
            submission.claims.get(group.id, ""),
            _Case(
                own[0],
                verdict(group, *own),
                verdict(group, *other) if other else None,
                other[0].ended if other else "",
                claim_is_right(group, submission.claims.get(group.id, ""), own[1]),
                own[1],
                group.id in submission.pictures,
            ),
        )
        for group in GROUPS
    )


@dataclass(frozen=True)
class _Case:
    """All that is known about one result, for its grade."""

    rerun: Rerun
    own: Verdict | None
    other: Verdict | None
    other_ended: str
    claim_right: bool
    dataset: Dataset
    picture: bool


def _graded(group: Group, claim: str, case: _Case) -> ResultGrade:
    own = case.own
    if own is None or not own.text:
        if refused := _not_performed(group, case.rerun):
            return ResultGrade(group.id, 0, f"Not graded: {_sentence(refused)} {LOOK}", claim, graded=False)
        why = _why_nothing(group, case)
        # If the run ended early, the code that was not reached may compute the claimed result.
        is_typed = claim and not case.rerun.ended
        reason = f"The result stands there as text, and the code gives none: {why}" if is_typed else f"No result: {why}"
        return ResultGrade(group.id, 0, _sentence(reason), claim)
    if not own.right:
        typed = " The claimed result is right, but the code does not give it." if case.claim_right else ""
        return ResultGrade(group.id, 0, _sentence(own.sentence[0].upper() + own.sentence[1:]) + typed, claim, own.text)
    if reason := _typed_in(group, case):
        return ResultGrade(group.id, 0, _sentence(reason), claim, own.text)
    points, parts = OWN_POINTS, []
    if case.other and case.other.right:
        points += OTHER_POINTS
        parts.append("Right on the learner's data and on other data")
    else:
        parts.append("Right on the learner's data only")
    if case.claim_right:
        points += CLAIM_POINTS
        parts.append("the claimed result fits")
    else:
        nothing = "a picture is claimed, which is not read: look yourself" if case.picture else "no result is claimed"
        parts.append(why_not(group, claim) if claim else nothing)
    reason = _sentence("; ".join(parts))
    if case.other and not case.other.right:
        reason += f" On other data {case.other.sentence.rstrip('.')}."
    return ResultGrade(group.id, points, reason, claim, own.text)


def _typed_in(group: Group, case: _Case) -> str:
    """Return why a right result does not count as computed; empty if it counts.

    A result that is right on the learner's log files and wrong on others may be typed into the code. It still counts if
    a known wrong computation explains it, and that computation is right on the learner's log files by chance.
    """
    if case.other and case.other.right:
        return ""
    if case.other and case.own and case.other.text == case.own.text:
        return "Not computed from the log files: the code gives the same for others, for which it is wrong"
    if case.other and case.other.is_known_mistake and formula_fits(group, case.other.formula, case.dataset):
        return ""
    if case.other_ended:
        return (
            f"Right on the learner's data; whether it is computed from it is not known, for on other data "
            f"{case.other_ended[0].lower()}{case.other_ended[1:].rstrip('.')}. More time may help (--time-limit)"
        )
    gives = case.other.sentence if case.other else case.other_ended or "the code gives no result"
    return f"Right on the learner's data, but not computed from it as far as can be seen: on other data {gives}"


# --- why there is nothing


def _not_performed(group: Group, rerun: Rerun) -> str:
    """Return in words what the lab does not perform, if a result is missing because of that; else an empty text."""
    variable = _variable(group)
    state = rerun.queries.get(variable, "")
    if variable in rerun.not_performed:
        return f"{variable} is not performed: {state}"
    if state:
        cause = _cause(variable, rerun.failed)
        return _capital(cause) if cause and cause.not_performed else ""
    # The query runs, but has read no files: a statement that the lab skipped may deliver them.
    found = (each for each in rerun.failed if each.not_performed and _DELIVERS.search(each.cell.source))
    return next(map(_capital, found), "")


def _capital(failed: FailedCell) -> str:
    return str(failed)[0].upper() + str(failed)[1:]


def _variable(group: Group) -> str:
    return STEPS[group.step_id].variable


def _why_nothing(group: Group, case: _Case) -> str:
    rerun, own = case.rerun, case.own
    variable = _variable(group)
    state = rerun.queries.get(variable, "")
    if variable in rerun.other_sinks:
        return f"{variable} ran, but {state}"
    if own is not None and not own.text:
        return f"{variable} has failed ({state})" if state else rerun.ended or own.sentence
    if state and (cause := _cause(variable, rerun.failed)):
        return f"{variable} was never started, since {cause}"
    if state:
        return f"{variable} was never started ({rerun.ended or state})"
    if rerun.ended:
        return rerun.ended
    wanted = f"{' and '.join(case.dataset.pairs[0].files)} alone" if group.pairs == 1 else "all four log files"
    seen = {name for snapshot in rerun.snapshots for name in snapshot.live}
    if not seen:
        return "nothing was delivered"
    return f"LogDataLive never held {wanted} while {variable} was running"


def _cause(variable: str, failed: Sequence[FailedCell]) -> FailedCell | None:
    """Return the failed cell because of which a name is undefined: the root of a chain of failed definitions."""
    known: set[str] = set()
    found = None
    name = variable
    while name and name not in known:
        known.add(name)
        cell = next(_defining(name, failed), None)
        if cell is None:
            break
        found = cell
        name = cell.undefined
    return found


def _defining(name: str, failed: Sequence[FailedCell]) -> Iterator[FailedCell]:
    return (each for each in failed if assigns(each.cell.source, name))


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."
