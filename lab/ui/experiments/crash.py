"""The crash lab: a query dies between writing and committing, and is started again."""

from collections import Counter
from typing import Final

import pandas as pd
import streamlit as st

from lab.learner.experiments.crash import Point, Scene, Story, Whose
from lab.learner.learner import Learner
from lab.ui.headings import section, subsection
from lab.ui.predict import ask, compare, is_asked
from lab.ui.press import button
from lab.ui.session import act
from lab.ui.text import plain

_TITLES: Final[dict[Point, str]] = {
    "first": "The first pair was read",
    "died": "The second pair was written, then the query died",
    "restarted": "Started again, from the checkpoint",
    "anew": "Started again, without the checkpoint",
}
# The prediction that is asked before a scene is shown.
_ASKED: Final[dict[Point, str]] = {"restarted": "crash-restart", "anew": "crash-checkpoint"}
_WHOSE: Final[dict[Whose, str]] = {
    "learner": "your function",
    "solution": "the solution's function",
    "append": "with append",
}


def crash_lab(learner: Learner) -> None:
    """Let the learner's query die, then show scene by scene what is left and what a restart does with it."""
    section("Crash lab")
    st.markdown(
        "A query can crash after it has written a batch, but before Spark notes that the batch is done. Here it "
        "happens for real: your own function saves the second pair, then an error ends the query. A second query "
        "runs beside it: its function appends instead of overwriting. Both use folders of their own, so nothing of "
        "yours changes."
    )
    again = bool(learner.experiments.crash)
    if button(
        "Let it die again" if again else "Let it die",
        type="secondary" if again else "primary",
        key="let-it-die",
        icon=":material/bolt:",
    ):
        act(
            learner.experiments.let_it_crash,
            "Two queries run, die and are started again …",
            brings="crash",
            in_turn=True,
        )
    if learner.experiments.crash:
        with st.container(key="crash"):
            _tell(learner, learner.experiments.crash)


def _tell(learner: Learner, stories: tuple[Story, ...]) -> None:
    for column, story in zip(st.columns(len(stories)), stories, strict=True):
        with column, st.expander(f"The code: {_WHOSE[story.saving.whose]}"):
            st.code(f"{story.saving.code}\n\n{story.saving.dying}", wrap_lines=True)
    for number, scene in enumerate(stories[0].scenes):
        asked = _ASKED.get(scene.point)
        if asked and is_asked(learner, asked):
            if ask(learner, asked, "Start it again"):
                st.rerun()
            return
        subsection(f"{number + 1}. {_TITLES[scene.point]}")
        if asked:
            compare(learner, asked)
        for column, story in zip(st.columns(len(stories)), stories, strict=True):
            with column:
                st.caption(_WHOSE[story.saving.whose])
                _draw(story.scenes[number])
    st.caption(
        "Spark may run a batch more than once, and the result must then be the same. So write each batch into a "
        "folder with its number, and overwrite what is there. A checkpoint belongs to its output: if you delete "
        "one, delete the other, too."
    )


def _draw(scene: Scene) -> None:
    for folder, found in (("offsets", scene.offsets), ("commits", scene.commits)):
        st.markdown(f"In `{folder}`: {', '.join(f'`{folder}/{number}`' for number in found) or 'nothing'}")
    count = f"{scene.output.total} rows in the log, {scene.expected} expected"
    if scene.surplus > 0:
        st.warning(f"{count}: {scene.surplus} rows stand there again.", icon=":material/content_copy:")
    else:
        st.caption(f"{count}.")
    if scene.failure:
        st.caption(plain(scene.failure))
    files = [file.name for file in scene.output.files if file.lines]
    with st.expander(f"The log in {len(files)} file{'' if len(files) == 1 else 's'}"):
        times = Counter((server, time) for _, server, time in scene.output.rows)
        rows = [(batch, server, time, times[server, time]) for batch, server, time in scene.output.rows]
        st.dataframe(
            pd.DataFrame(rows, columns=["batch", "serverID", "timestamp", "times"]),
            hide_index=True,
            alt=f"The log: {_TITLES[scene.point]}",
        )
        st.code("\n".join(files), language=None, wrap_lines=True)
