"""The log files of a moment, each with the batch that has read it and where it lies: what a record can be followed from."""

from collections.abc import Iterator
from dataclasses import dataclass

from lab.records import MAX_PROBLEMS, LogFile, Problem, Record
from lab.stage.moment import Chip, Moment


@dataclass(frozen=True)
class Source:
    """A log file with its content: `batch` has read it, and it lies where `chip` is; None where it has not, or is gone.

    What was read under a name and what lies there now are two of these if they differ.
    """

    file: LogFile
    batch: int | None
    chip: Chip | None

    @property
    def name(self) -> str:
        """The file's name."""
        return self.file.name

    @property
    def title(self) -> str:
        """The name, and where it is, by which a person chooses it."""
        if self.batch is not None:
            return f"{self.name} (read in batch {self.batch})"
        return f"{self.name} ({self.chip.state})" if self.chip else self.name

    @property
    def last_line(self) -> int:
        """The number of the last line of which something is known."""
        record = max((number for number, _ in self.file.numbered), default=0)
        return max(record, *(problem.line + problem.lines - 1 for problem in self.file.problems), 1)

    def record(self, line: int) -> Record | None:
        """Return the record of a line; None if it is no record."""
        return next((record for number, record in self.file.numbered if number == line), None)

    def problem(self, line: int) -> Problem | None:
        """Return why a line is no record; None if that is not known."""
        problems = self.file.problems
        if exact := next((problem for problem in problems if problem.line == line), None):
            return exact
        # The first of many lines with one fault stands for all of them, and line 0 for the file.
        known = problems if len(problems) < MAX_PROBLEMS else ()
        return next((each for each in known if not each.line or (each.lines > 1 and each.line < line)), None)


def sources(moment: Moment) -> tuple[Source, ...]:
    """Return every log file that was read or lies in one of the folders, by name."""
    chips = {chip.name: chip for chip in moment.chips}
    read = [Source(file, number, _lying(chips.get(file.name), file)) for number, file in files_read(moment)]
    found = {source.name for source in read if source.chip}
    rest = [Source(chip.file, None, chip) for chip in moment.chips if chip.name not in found]
    return tuple(sorted([*read, *rest], key=lambda source: source.name))


def files_read(moment: Moment) -> Iterator[tuple[int, LogFile]]:
    """Return what was read, in order, each with the number of its batch."""
    return ((batch.number, file) for batch in moment.batches for file in batch.files)


def _lying(chip: Chip | None, file: LogFile) -> Chip | None:
    """Return where a file that was read lies; None if another one of its name lies there."""
    return chip if chip and (chip.state == "read" or chip.file == file) else None
