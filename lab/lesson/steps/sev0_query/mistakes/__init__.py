"""Mistakes in the query that saves the SEV0 log."""

from typing import Final

from lab.lesson.steps.sev0_query.mistakes.batch import BATCH
from lab.lesson.steps.sev0_query.mistakes.repeating import REPEATING
from lab.lesson.steps.sev0_query.mistakes.saving import SAVING

MISTAKES: Final = (*BATCH, *SAVING, *REPEATING)
