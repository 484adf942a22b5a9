"""A file as it arrives from a learner, and its bytes, up to a limit."""

import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lab.errors import LabError
from lab.handin.grader.zips import unpacked

MAX_BYTES: Final = 10_000_000
AGAIN: Final = "Ask for the file as Jupyter saves it, with the ending .ipynb."


@dataclass(frozen=True)
class Arrival:
    """One file: its name in the report, its path, and when it was changed (seconds).

    `file` is its name, with the folders below the one that the user has named. `member` is its index in the zip at
    `path`, None for a file itself. `refusal` says why it is not read, empty if it is.
    """

    file: str
    path: Path
    member: int | None = None
    modified: float = 0.0
    refusal: str = ""
    notes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Its name without folders."""
        return self.file.rpartition("/")[2]


@dataclass(frozen=True)
class Arrivals:
    """All files, each once, and sentences about what was left out."""

    found: tuple[Arrival, ...]
    left_out: tuple[str, ...] = ()


def bytes_of(arrival: Arrival) -> bytes:
    """Return the bytes of a notebook; raise LabError with the reason if it cannot be read."""
    return read_file(arrival.path) if arrival.member is None else unpacked(arrival.path, arrival.member, MAX_BYTES)


def read_file(path: Path) -> bytes:
    """Return the bytes of a file up to MAX_BYTES; raise LabError with the reason if it cannot be read."""
    try:
        if path.is_dir():
            raise LabError(f"There is no notebook in the folder {path.name}.", "Name files that end in .ipynb.")
        found = path.stat()
        # A pipe may never send anything, and a device may never end.
        if not stat.S_ISREG(found.st_mode):
            raise LabError(f"{path.name} is not a file.", AGAIN)
        size = found.st_size
        if size > MAX_BYTES:
            raise LabError(
                f"{path.name} has {size / 1e6:.0f} MB, more than the {MAX_BYTES // 1_000_000} MB of a notebook of this lab.",
                "Ask for it without large outputs.",
            )
        return path.read_bytes()
    except FileNotFoundError as error:
        raise LabError(f"There is no file {path.name}.", "Check the name.") from error
    except OSError as error:
        raise LabError(f"{path.name} cannot be read: {error.strerror}.", "Check the file and its rights.") from error
