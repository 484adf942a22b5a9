"""The log files of a moment, each with its batch and its folder: the starting points for the trace of a record."""

from collections.abc import Iterator
from dataclasses import dataclass

from lab.records import MAX_PROBLEMS, LogFile, Problem, Record
from lab.stage.moment import Chip, Moment


@dataclass(frozen=True)
class Source:
    """A log file with its content; `batch` has read it, `chip` is its place in a folder.

    `batch` is None if no batch has read it; `chip` is None if it is gone. If the file that was read and the file that
    now has this name differ, there are two sources.
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
        """The name and the state, as a person chooses the source in a list."""
        if self.batch is not None:
            return f"{self.name} (read in batch {self.batch})"
        return f"{self.name} ({self.chip.state})" if self.chip else self.name

    @property
    def last_line(self) -> int:
        """The number of the last line about which something is known."""
        record = max((number for number, _ in self.file.numbered), default=0)
        return max(record, *(problem.line + problem.lines - 1 for problem in self.file.problems), 1)

    def record(self, line: int) -> Record | None:
        """Return the record in a line; None if the line is not a record."""
        return next((record for number, record in self.file.numbered if number == line), None)

    def problem(self, line: int) -> Problem | None:
        """Return why a line is not a record; None if that is not known."""
        problems = self.file.problems
        if exact := next((problem for problem in problems if problem.line == line), None):
            return exact
        # A problem of several lines has the number of the first one; line 0 means the whole file.
        known = problems if len(problems) < MAX_PROBLEMS else ()
        return next((each for each in known if not each.line or (each.lines > 1 and each.line < line)), None)


def sources(moment: Moment) -> tuple[Source, ...]:
    """Return every log file that was read or is in one of the folders, sorted by name."""
    chips = {chip.name: chip for chip in moment.chips}
    read = [Source(file, number, _lying(chips.get(file.name), file)) for number, file in files_read(moment)]
    found = {source.name for source in read if source.chip}
    rest = [Source(chip.file, None, chip) for chip in moment.chips if chip.name not in found]
    return tuple(sorted([*read, *rest], key=lambda source: source.name))


def files_read(moment: Moment) -> Iterator[tuple[int, LogFile]]:
    """Return the files that were read, in order, each with the number of its batch."""
    return ((batch.number, file) for batch in moment.batches for file in batch.files)


def _lying(chip: Chip | None, file: LogFile) -> Chip | None:
    """Return the chip of a file that was read; None if another file now has its name."""
    return chip if chip and (chip.state == "read" or chip.file == file) else None
