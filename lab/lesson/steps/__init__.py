"""The steps of the lesson, in the handout's order, and the cells that deliver and empty."""

import json
from typing import Final

from lab.lesson.steps.reading import READING
from lab.lesson.steps.sev0 import LOG
from lab.lesson.steps.step import BLANK, Step
from lab.lesson.steps.volume import VOLUME

__all__ = ["BLANK", "EMPTY_CODE", "EXERCISES", "STEPS", "Step", "deliver_code", "required"]

STEPS: Final = {step.id: step for step in (*READING, *VOLUME, *LOG)}
EXERCISES: Final = tuple(step for step in STEPS.values() if step.is_exercise)
EMPTY_CODE: Final = "empty_s3_folder()"


def required(step: Step) -> tuple[Step, ...]:
    """Every step that must be done before this one, in order."""
    wanted: set[str] = set()

    def collect(ids: tuple[str, ...]) -> None:
        for step_id in ids:
            wanted.add(step_id)
            collect(STEPS[step_id].needs)

    collect(step.needs)
    return tuple(known for known in STEPS.values() if known.id in wanted)


def deliver_code(names: tuple[str, ...]) -> str:
    """The cell that delivers log files together."""
    arguments = ", ".join(json.dumps(name, ensure_ascii=False) for name in names)
    return f"copy_s3_file_to_live_folder({arguments})"
