"""The registry of mistakes: in its order, the first that the evidence shows is the one that is named."""

from typing import Final

from lab.lesson.mistakes.anywhere import ANYWHERE
from lab.lesson.mistakes.log import LOG
from lab.lesson.mistakes.mistake import Mistake
from lab.lesson.mistakes.query import QUERY
from lab.lesson.mistakes.reading import READING
from lab.lesson.mistakes.report import REPORT
from lab.lesson.mistakes.saving import SAVING

__all__ = ["MISTAKES", "Mistake"]

MISTAKES: Final[tuple[Mistake, ...]] = (*ANYWHERE, *READING, *REPORT, *QUERY, *LOG, *SAVING)
