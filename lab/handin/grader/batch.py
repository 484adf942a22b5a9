"""The grading of a class, learner by learner, each notebook on the log files of its learner."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from lab.dataset import SHIPPED, Dataset
from lab.errors import LabError
from lab.handin.grader import Attempts
from lab.handin.grader.alike import alike
from lab.handin.grader.arrivals import Arrival
from lab.handin.grader.attempts import Person, people
from lab.handin.grader.grade import RunsAgain, grade
from lab.handin.grader.grading import Grade, not_graded, printable
from lab.handin.grader.owners import owner_in
from lab.handin.grader.submission import Submission, read_arrival
from lab.handin.grader.whose import log_files_of

_log = logging.getLogger(__name__)


def grade_all(
    arrivals: Sequence[Arrival],
    run: RunsAgain,
    class_code: str = "",
    say: Callable[[int, Grade], None] = lambda _, __: None,
    attempts: Attempts = "last",
    given: Dataset = SHIPPED,
    stopped: Callable[[], bool] = lambda: False,
) -> tuple[Grade, ...]:
    """Grade the arrivals, learner by learner; `say` is called after each with its number, from 1, and its grade.

    `given` are the log files that everybody has. `attempts` says which of several attempts of one learner counts; one
    that cannot count is not run. Once `stopped` returns True, return the grades so far.
    """
    read = [_read(arrival) for arrival in arrivals]
    persons = people(arrivals, read)
    class_ = _Class(tuple(arrivals), tuple(read), _alike(read, persons), run, class_code, attempts, given)
    grades: list[Grade] = []
    for person in persons:
        for each in class_.grades(person):
            # A stop in the middle of a notebook makes its grade invalid, so leave it out.
            if stopped():
                return tuple(grades)
            grades.append(printable(each))
            say(len(grades), grades[-1])
    return tuple(grades)


def _read(arrival: Arrival) -> Submission | Grade:
    name = owner_in(arrival.file).name
    if arrival.refusal:
        return not_graded(arrival.file, arrival.refusal, name)
    try:
        submission = read_arrival(arrival)
    except LabError as error:
        return not_graded(arrival.file, str(error), name)
    except Exception as error:
        # An unforeseen kind of file must not stop the grading of the others.
        _log.exception("%s could not be read", arrival.path)
        return not_graded(arrival.file, f"The grader itself failed to read this file ({type(error).__name__}).", name)
    return replace(submission, notes=(*arrival.notes, *submission.notes))


def _alike(read: Sequence[Submission | Grade], persons: Sequence[Person]) -> Mapping[int, tuple[str, ...]]:
    """Return the notes about notebooks that are the same as those of other learners, by the index of the file."""
    owners = {number: person.key for person in persons for number in person.notebooks}
    places = sorted(owners)
    submissions = [each for each in read if isinstance(each, Submission)]
    return dict(zip(places, alike(submissions, [owners[place] for place in places]), strict=True))


@dataclass(frozen=True)
class _Class:
    """All files of a class, and how to grade them; `alike` has notes by the index of the file."""

    arrivals: tuple[Arrival, ...]
    read: tuple[Submission | Grade, ...]
    alike: Mapping[int, tuple[str, ...]]
    run: RunsAgain
    class_code: str
    attempts: Attempts
    given: Dataset

    def grades(self, person: Person) -> Iterator[Grade]:
        """Yield the grades of one learner, the one that counts first."""
        newest, *older = person.notebooks or (None,)
        if self.attempts == "best" and older:
            yield from self._best(person.notebooks)
        elif newest is not None:
            yield self._grade(newest)
            for number in older:
                yield self._grade(number) if self.attempts == "all" else self._superseded(number, newest)
        for number in person.others:
            yield self._unread(number, newest)

    def _best(self, numbers: Sequence[int]) -> Iterator[Grade]:
        # The sort is stable and the newest attempt comes first, so of two equal ones the newer counts.
        found = sorted(map(self._grade, numbers), key=lambda each: each.points, reverse=True)
        yield found[0]
        for each in found[1:]:
            note = f"Not counted: the attempt {found[0].file} counts, which is the best."
            yield replace(each, counts=False, notes=(note, *each.notes))

    def _superseded(self, number: int, newest: int) -> Grade:
        reason = (
            f"Not counted, and not run: the attempt {self.arrivals[newest].file} is newer (--attempts best or all)."
        )
        return _not_counted(not_graded(self.arrivals[number].file, reason, self.read[number].learner))

    def _unread(self, number: int, newest: int | None) -> Grade:
        found = self.read[number]
        if not isinstance(found, Grade):
            raise TypeError(f"{found.file} was read")
        # An unreadable notebook may be the attempt that should count, so do not mark it as not needed.
        if newest is None or not self.arrivals[number].refusal:
            return found
        reason = f"Not needed, for {self.arrivals[newest].file} is there. {found.error}"
        return _not_counted(not_graded(found.file, reason, found.learner or self.read[newest].learner))

    def _grade(self, number: int) -> Grade:
        submission = self.read[number]
        if not isinstance(submission, Submission):
            raise TypeError(f"{submission.file} was not read")
        same = self.alike.get(number, ())
        try:
            found = log_files_of(submission, self.class_code, self.given)
        except LabError as error:
            return not_graded(submission.file, str(error), submission.learner, notes=same)
        except Exception as error:
            _log.exception("it could not be told whose log files %s was made with", submission.file)
            reason = f"The grader itself failed on this notebook ({type(error).__name__}). Look at it yourself."
            return not_graded(submission.file, reason, submission.learner, notes=same)
        graded = grade(submission, found.dataset, self.run)
        return replace(graded, notes=(*found.notes, *same, *graded.notes), log_files=found.whose)


def _not_counted(grade: Grade) -> Grade:
    return replace(grade, counts=False)
