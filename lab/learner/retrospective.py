"""The retrospective: what a learner writes about their work, in the handout's four parts."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Final

from lab.errors import LabError

MAX_CHARACTERS: Final = 20_000
# The fields, and their labels for people.
PARTS: Final[Mapping[str, str]] = {
    "name": "Your name",
    "time_spent": "Time spent",
    "challenges": "Challenging or confusing",
    "takeaways": "Takeaways",
}


@dataclass(frozen=True)
class Retrospective:
    """The four parts, each a text; empty if it is not written yet."""

    name: str = ""
    time_spent: str = ""
    challenges: str = ""
    takeaways: str = ""


def refuse_too_long(retrospective: Retrospective) -> None:
    """Raise LabError when a part has more than MAX_CHARACTERS, too many for a reader and for the lab."""
    for part, text in asdict(retrospective).items():
        if len(text) > MAX_CHARACTERS:
            raise LabError(
                f'"{PARTS[part]}" has {len(text):,} characters, and may have {MAX_CHARACTERS:,}.', "Shorten it."
            )


def read(document: object) -> Retrospective:
    """Return the retrospective in a document of the store; parts that are missing or not a text are empty."""
    if not isinstance(document, Mapping):
        return Retrospective()
    names = [field.name for field in fields(Retrospective)]
    return Retrospective(**{name: document[name] for name in names if isinstance(document.get(name), str)})
