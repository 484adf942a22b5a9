"""The way of the log files to the result, as a picture of one moment, and the slider that chooses the moment.

It is a Streamlit component of version 2, so it is part of the page itself and takes its colours from Streamlit's theme.
The picture gets the data of one moment. All names are inserted as text, never as HTML.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import streamlit as st
from streamlit.components.v2 import component

from lab.stage.moment import NOW, Chip, Moment

# At most so many files are drawn in one folder; the number of the others is shown.
MAX_CHIPS: Final = 7

_HERE: Final = Path(__file__).parent
_mount: Final = component(
    "lab_stage",
    css=(_HERE / "stage.css").read_text(encoding="utf-8"),
    js=(_HERE / "stage.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def picture(step_id: str, run_id: str, moments: Sequence[Moment]) -> Moment:
    """Draw the chosen moment of a run, and return it: the last one, which is now, unless a known one was chosen."""
    key, chosen = f"picture-{step_id}", _chosen(step_id)

    def choose() -> None:
        # Kept with the run, since another run begins with the present moment.
        st.session_state[chosen] = run_id, str(st.session_state[key].get("moment") or NOW)

    of_run, wanted = st.session_state.get(chosen, (run_id, NOW))
    known = [moment.key for moment in moments]
    index = known.index(wanted) if of_run == run_id and wanted in known else len(moments) - 1
    # A move of the slider may have been lost. Then the drawn data are the same as before, and only this counter tells
    # the browser that `choose_now` was called.
    data = {**picture_data(moments, index), "called": st.session_state.get(_called(step_id), 0)}
    _mount(key=key, data=data, on_moment_change=choose)
    return moments[index]


def choose_now(step_id: str) -> None:
    """Make `picture` show the present moment."""
    st.session_state.pop(_chosen(step_id), None)
    st.session_state[_called(step_id)] = st.session_state.get(_called(step_id), 0) + 1


def _called(step_id: str) -> str:
    """Return the key of the counter of calls of `choose_now`."""
    return f"moment-called-{step_id}"


def _chosen(step_id: str) -> str:
    return f"moment-{step_id}"


def still_picture(key: str, data: Mapping[str, Any]) -> None:
    """Draw the `picture_data` of a single moment, made elsewhere. There is no other moment to choose."""
    _mount(key=key, data=dict(data))


def picture_data(moments: Sequence[Moment], index: int) -> dict[str, Any]:
    """Return the data of the picture for the moment at `index`."""
    moment = moments[index]
    facts = facts_of(moment)
    return {
        "moments": [{"key": each.key, "title": each.title} for each in moments],
        "at": index,
        "changes": " ".join(moment.changes),
        "words": in_words(moment),
        "facts": facts,
        "state": moment.state,
        "places": [_place(moment, place) for place in ("LogData", "LogDataLive")],
        "flows": moment.last is not None and any(line.startswith("Batch ") for line in moment.changes),
    }


def facts_of(moment: Moment) -> dict[str, str]:
    """Return the five numbers of the way from the folder to the result."""
    last = moment.last
    return {
        "Files waiting": str(len(moment.waiting)),
        "Query": moment.state,
        "Batch": str(last.number) if last else "–",
        "Rows in": str(last.rows_in) if last else "–",
        "Result rows": moment.result_rows,
    }


def in_words(moment: Moment) -> str:
    """Return the picture in words, for screen readers."""
    facts = facts_of(moment)
    files = ". ".join(f"{chip.name}, in {chip.place}: {_state(chip)}" for chip in moment.chips[: 2 * MAX_CHIPS])
    name = f" {moment.query}" if moment.query else ""
    batch = f"Batch {facts['Batch']} read {facts['Rows in']} rows" if moment.last else "No batch yet"
    return (
        f"{moment.title}. The log files: {files or 'none'}. The query{name}: {moment.state}. {batch}. "
        f"Rows of the result: {facts['Result rows']}."
    )


def _place(moment: Moment, place: str) -> dict[str, Any]:
    chips = [chip for chip in moment.chips if chip.place == place]
    return {
        "name": place,
        "chips": [
            {
                "name": chip.name,
                "state": chip.state,
                "says": _state(chip),
                "why": chip.why,
                "changed": chip.name in moment.changed,
            }
            for chip in chips[:MAX_CHIPS]
        ],
        "more": max(0, len(chips) - MAX_CHIPS),
    }


def _state(chip: Chip) -> str:
    return f"read in batch {chip.batch}" if chip.state == "read" else chip.state
