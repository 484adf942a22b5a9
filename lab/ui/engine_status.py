"""The status line of Spark, with the button that restores it when it has stopped.

It is on every page, so it also draws the page anew when something has changed.
"""

import time
from collections.abc import Callable

import streamlit as st

from lab.engine.readiness import STARTING, Phase
from lab.learner.learner import Learner
from lab.ui.follow import SLOW_SECONDS, follow
from lab.ui.fragment import fragment
from lab.ui.parts import parts
from lab.ui.press import button
from lab.ui.session import act, drawn_version, is_outdated, note_drawn_version, show_error
from lab.ui.text import plain


def engine_status(learner: Learner, below: Callable[[], None] = lambda: None) -> None:
    """Draw the line and keep it up to date; redraw the page when a query or another tab of the learner did something.

    `below` draws other content of every page, which is kept up to date in the same way.
    """
    note_drawn_version(learner)
    starting = parts().classroom.engine.readiness.starting

    @fragment(run_every=1.0 if starting else SLOW_SECONDS, key="engine-status-view")
    def view() -> None:
        parts().classroom.seen(learner)
        readiness = parts().classroom.engine.readiness
        if is_outdated(learner) or readiness.starting != starting:
            st.rerun()
        follow(learner, drawn_version())
        with st.container(key="engine-status"):
            if words := learner.workspace.cooldown.words:
                st.warning(plain(words), icon=":material/hourglass_top:")
            if readiness.phase is Phase.JARS:
                words = f"{readiness.phase.value} … {readiness.note or 'asking for them'}. Read on meanwhile."
                st.progress(readiness.part, words)
            elif readiness.starting:
                done = STARTING.index(readiness.phase)
                seconds = int(time.monotonic() - readiness.since)
                st.progress(
                    (done + 1) / (len(STARTING) + 1),
                    f"{readiness.phase.value} … step {done + 1} of {len(STARTING)}, {seconds} s. Read on meanwhile.",
                )
            elif readiness.phase is Phase.READY and not learner.interrupted:
                st.caption(f":green[:material/check_circle:] {readiness.phase.value}. {readiness.note}")
            else:
                _offer_restart(learner)
        below()

    view()


def _offer_restart(learner: Learner) -> None:
    readiness = parts().classroom.engine.readiness
    if readiness.error:
        show_error(readiness.error)
    elif readiness.phase is Phase.READY:
        why = readiness.before or "Spark was started anew."
        st.warning(f"{why} Your earlier steps have not run again yet.", icon=":material/restart_alt:")
    else:
        st.error(
            f"{readiness.phase.value}. Your deliveries, outputs and answers are kept.", icon=":material/power_off:"
        )
    if button("Bring Spark back", type="primary", key="bring-back", icon=":material/restart_alt:"):
        act(
            learner.restore,
            "Starting Spark and running your steps again …",
            "Spark is back. What was lost was run again.",
        )
