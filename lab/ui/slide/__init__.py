"""A slide: one step in large type, its code and output beside the stage; for the projector and for learners who watch.

It never scrolls in a wide window: content that does not fit gets smaller, then it is cut and a note says so
(`slide.js`). All content, such as the code of other people, is inserted as text, never as HTML.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import streamlit as st
from streamlit.components.v2 import component

from lab.course.shown import Shown
from lab.lesson.pages import title_of
from lab.lesson.steps import STEPS, Step

_HERE: Final = Path(__file__).parent
_mount: Final = component(
    "lab_slide",
    css=(_HERE / "slide.css").read_text(encoding="utf-8"),
    js=(_HERE / "slide.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def style(wide: int, around: str, stage: str) -> str:
    """Return the style of a page with a slide. From `wide` pixels on, its parts stand side by side without scrolling.

    `around` is the height that the page needs above and below the slide, and `stage` is the height of the stage.
    """
    return f"""
<style>
.st-key-slide {{ --lab-slide-around: {around}; --lab-slide-stage: {stage}; }}
.st-key-slide .lab-stage {{ font-size: 1rem; }}
.st-key-slide .lab-stage :is(h4, p, .lab-stage-chip) {{ font-size: 0.95rem; }}
.st-key-slide .lab-stage-chip {{ flex-wrap: nowrap; white-space: nowrap; }}
.st-key-slide .lab-stage-picture {{ min-height: 11rem; }}
.st-key-slide .lab-stage-when {{
    display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden; min-height: 2.7rem;
}}
@media (min-width: {wide}px) {{
    .st-key-slide {{
        display: grid; grid-template-columns: minmax(0, 1.15fr) minmax(0, 1fr); gap: 0 1.5rem; align-items: start;
    }}
    .st-key-slide-right {{ gap: 0; }}
    .st-key-slide-stage {{ height: var(--lab-slide-stage); overflow: hidden; padding: 2px; }}
    .st-key-slide .lab-slide {{ height: calc(100dvh - var(--lab-slide-around)); overflow: hidden; }}
    .st-key-slide-right:has(.st-key-slide-stage) .lab-slide {{
        height: calc(100dvh - var(--lab-slide-around) - var(--lab-slide-stage));
    }}
}}
</style>
"""


def staged(step: Step) -> Step | None:
    """Return the step whose query the stage shows beside this step: that of the same page; None if it has no stage."""
    return next((known for known in STEPS.values() if known.page == step.page and known.picture), None)


def slide(stage: Callable[[], Shown]) -> Shown:
    """Draw a slide and return its content; `stage` draws the stage at the right, if any, and returns that content."""
    with st.container(key="slide"):
        left = st.container(key="slide-left")
        with st.container(key="slide-right"):
            shown = stage()
            _mount(key="slide-result", data=_right(shown))
        with left:
            _mount(key="slide-code", data=_left(shown))
    return shown


def _left(shown: Shown) -> dict[str, Any]:
    step = STEPS[shown.step_id]
    number = list(STEPS).index(step.id) + 1
    whose = " · the lab's solution" if shown.is_solution else ""
    blocks = [
        {"kind": "about", "text": f"{title_of(step.page)} · step {number} of {len(STEPS)}{whose}"},
        {"kind": "title", "text": step.title},
        {"kind": "code", "text": shown.code, "name": f"Code of {step.title}"},
        {"kind": "verdict", "text": shown.verdict, "outcome": shown.outcome},
    ]
    return {"label": f"Step: {step.title}", "blocks": blocks + (_printed(shown) if staged(step) else [])}


def _right(shown: Shown) -> dict[str, Any]:
    step = STEPS[shown.step_id]
    if not staged(step):
        return {"label": "What it gave", "blocks": _printed(shown)}
    result = shown.result
    more = f"and {result.more:,} more row{'' if result.more == 1 else 's'}" if result.more else ""
    table = {"kind": "table", "text": result.title, "columns": result.columns, "rows": result.rows, "more": more}
    return {"label": "Result", "blocks": [table]}


def _printed(shown: Shown) -> list[dict[str, Any]]:
    return [
        {"kind": "note", "text": shown.note},
        {"kind": "printed", "text": shown.printed, "name": "What it printed"},
    ]
