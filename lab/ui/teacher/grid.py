"""The two tables of the class board: learners and steps, with a button for each learner; and only steps, without names.

They are Streamlit components of version 2, so they are part of the page itself. All content is inserted as text, never
as HTML.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import streamlit as st
from streamlit.components.v2 import component

from lab.course.board import Board, Column, Row
from lab.course.enrolled import Enrolled, State, StepProgress

_HERE: Final = Path(__file__).parent
_mount: Final = component(
    "lab_grid",
    css=(_HERE / "grid.css").read_text(encoding="utf-8"),
    js=(_HERE / "grid.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)
WORDS: Final[dict[State, str]] = {
    "not begun": "not begun",
    "trying": "trying",
    "stuck": "the same mistake again and again",
    "solved": "solved",
    "helped": "solved with hints",
    "shown": "after the solution",
}
_GRID: Final = "learners-grid"


def learners_grid(board: Board, choose: Callable[[str], None]) -> None:
    """Draw learners and steps; `choose` is called with the key of a learner whose name was pressed."""

    def chosen() -> None:
        # Streamlit also calls this when the table is gone, without a press.
        if key := st.session_state.get(_GRID, {}).get("chosen"):
            choose(str(key))

    _mount(key=_GRID, data=learners_data(board), on_chosen_change=chosen)


def steps_grid(board: Board) -> None:
    """Draw the steps, with the number of learners in each state."""
    _mount(key="steps-grid", data=steps_data(board))


def name_of(learner: Enrolled) -> str:
    """Return the name of a learner on the board."""
    return learner.name or f"without a name ({learner.key[:4]})"


def state_in_words(progress: StepProgress) -> str:
    """Return in words how far a learner is with a step."""
    if progress.state == "stuck":
        return f"{progress.times} times the same mistake"
    if progress.state == "trying" and progress.attempts:
        return _tries(progress)
    return WORDS[progress.state]


def _tries(progress: StepProgress) -> str:
    return "1 try" if progress.attempts == 1 else f"{progress.attempts} tries"


def learners_data(board: Board) -> dict[str, Any]:
    """Return the data of the table of learners."""
    return {
        "label": "Learners and steps",
        "head": ["Learner", *(column.title for column in board.columns)],
        "rows": [_learner(row) for row in board.rows],
        "foot": ["Median time", *map(_median, board.columns)],
    }


def steps_data(board: Board) -> dict[str, Any]:
    """Return the data of the table of steps, which has no names and no keys."""
    return {
        "label": "Steps",
        "large": True,
        "head": ["Step", *WORDS.values(), "median time"],
        "rows": [
            {
                "name": column.title,
                "cells": [
                    *({"state": state if count else "none", "text": str(count)} for state, count in _counts(column)),
                    {"state": "none", "text": _median(column)},
                ],
            }
            for column in board.columns
        ],
    }


def _counts(column: Column) -> list[tuple[State, int]]:
    return [(state, column.counts.get(state, 0)) for state in WORDS]


def _learner(row: Row) -> dict[str, Any]:
    learner = row.learner
    notes = [note for note, holds in (("needs help", learner.asked and not row.away), ("away", row.away)) if holds]
    cells = [{"state": each.state, "text": _short(each), "says": state_in_words(each)} for each in learner.progress]
    return {"key": learner.key, "name": name_of(learner), "note": ", ".join(notes), "away": row.away, "cells": cells}


def _short(progress: StepProgress) -> str:
    match progress.state:
        case "not begun":
            return "–"
        case "trying":
            return _tries(progress) if progress.attempts else "writes"
        case "stuck":
            return f"! {progress.times} times"
        case "solved":
            return "✓"
        case "helped":
            return "✓ hints"
        case "shown":
            return "✓ solution"


def _median(column: Column) -> str:
    if column.median is None:
        return "–"
    minutes = column.median / 60
    return f"{minutes:.0f} min" if minutes >= 1 else "< 1 min"
