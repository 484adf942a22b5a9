"""The registry of mistakes. Its order matters: the first mistake that the evidence shows is the one that is named."""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from lab.judge.mistake import Mistake
from lab.lesson.mistakes.anywhere import ANYWHERE
from lab.lesson.mistakes.queries import QUERIES
from lab.lesson.mistakes.reading import READING
from lab.lesson.mistakes.words import WORDS
from lab.lesson.steps import EXERCISES, mistakes_of

__all__ = ["MISTAKES", "TITLES", "Mistake"]

# Special mistakes come before general ones. A mistake that is not listed here follows the one before it in its own
# module; if no listed one comes before it there, it follows all of these.
_ORDER: Final = (
    "no-quotes",
    "schema-in-quotes",
    "type-not-called",
    "column-assigned",
    "called-too-early",
    "text-compared",
    "other-format",
    "other-bucket",
    "no-folder",
    "no-schema",
    "column-order",
    "no-stream",
    "severity-as-text",
    "sum-of-conditions",
    "stopped-in-its-cell",
    "stop-not-called",
    "sorted-report",
    "no-query-name",
    "no-format",
    "ends-by-itself",
    "not-shown",
    "sorted-stream",
    "log-columns",
    "sorted-for-nobody",
)


def _ranked(mistakes: Iterable[Mistake]) -> Iterator[tuple[int, Mistake]]:
    rank = len(_ORDER)
    for mistake in mistakes:
        rank = _ORDER.index(mistake.id) if mistake.id in _ORDER else rank
        yield rank, mistake


_MODULES: Final = (WORDS, ANYWHERE, READING, QUERIES, *map(mistakes_of, EXERCISES))
MISTAKES: Final[tuple[Mistake, ...]] = tuple(
    mistake
    for _, mistake in sorted((each for module in _MODULES for each in _ranked(module)), key=lambda ranked: ranked[0])
)
# The title of each mistake, by its id.
TITLES: Final[Mapping[str, str]] = MappingProxyType({mistake.id: mistake.title for mistake in MISTAKES})
