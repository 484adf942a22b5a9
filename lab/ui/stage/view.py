"""The stage of one query: its moments, the delivery of log files, and what the chosen moment shows."""

import contextlib
import time
from collections.abc import Iterator
from typing import Final

import streamlit as st

from lab.bucket import LOG_DATA_LIVE, files_in, is_read_by_spark
from lab.errors import LabError
from lab.learner.learner import Learner
from lab.learner.runs import saves
from lab.lesson.steps import STEPS, Step
from lab.stage.moment import NOW, Moment
from lab.ui.beginning import ANEW
from lab.ui.delivery import delivery_controls
from lab.ui.feedback import show_failure
from lab.ui.follow import SLOW_SECONDS
from lab.ui.fragment import fragment
from lab.ui.press import button
from lab.ui.session import act, show_error
from lab.ui.stage.hood import hood, is_hood_open
from lab.ui.stage.look import Seen, look, moments_of, snapshots_of
from lab.ui.stage.picture import picture
from lab.ui.stage.result import result
from lab.ui.text import plain

# What was drawn less than this ago need not be looked for again.
LOOK_SECONDS: Final = 1.0


def stage(learner: Learner, step_id: str, *, predict: bool = False) -> None:
    """Draw the stage of a step's query; with `predict`, first ask the learner what a delivery will do.

    When a query did something, the page is notified and drawn anew. There is no notification of a file that arrives
    without a delivery: for that, the stage looks into the live folder now and then.
    """
    step = STEPS[step_id]
    with st.container(key="stage"):
        seen: Seen | None = None
        error: LabError | None = None
        try:
            seen = look(learner, step)
        except LabError as away:
            error = away
        # As a fragment: a change of the moment draws only the stage.
        fragment(key=f"stage-{step_id}")(_draw)(learner, step, seen, error, predict=predict)
        _watch(learner, step, seen)


def _watch(learner: Learner, step: Step, seen: Seen | None) -> None:
    drawn_at, kept = time.monotonic(), snapshots_of(learner, step)

    @fragment(run_every=SLOW_SECONDS, key="stage-watch")
    def watch() -> None:
        # While the bucket is unreachable, what was drawn last stays.
        if time.monotonic() - drawn_at > LOOK_SECONDS:
            with contextlib.suppress(LabError):
                live = files_in(learner.workspace.bucket, LOG_DATA_LIVE)
                # The snapshot of a batch is taken a little later than the batch is announced.
                late = is_hood_open() and snapshots_of(learner, step) != kept
                if seen is None or live != seen.live or late:
                    st.rerun()

    watch()


def _draw(learner: Learner, step: Step, seen: Seen | None, error: LabError | None, *, predict: bool) -> None:
    with st.container(key="stage-inside"):
        _draw_moment(learner, step, seen, error, predict=predict)


def _draw_moment(learner: Learner, step: Step, seen: Seen | None, error: LabError | None, *, predict: bool) -> None:
    run = learner.runs.latest(step)
    moment = picture(step.id, run.run_id if run else "", moments_of(learner, step, seen))
    if error or seen is None:
        st.caption(
            ":material/cloud_off: The lab cannot read your folders at the moment. This page goes on by itself when "
            "it can."
        )
        if error:
            show_error(error)
    if moment.key != NOW:
        st.caption(":material/history: You see an earlier moment. Press *Live* to deliver, and to see the present one.")
    else:
        if moment.failure:
            show_failure(moment.failure)
            if moment.failure.outside:
                _offer_to_go_on(learner, step)
        if seen:
            delivery_controls(learner, seen.data, seen.live, predict=predict)
        for words in _notes(step, moment):
            st.info(words, icon=":material/info:")
        for words in _faults(moment):
            st.warning(words, icon=":material/warning:")
    try:
        if step.picture:
            result(learner, step.picture, moment)
        hood(learner, moment)
    except LabError as refused:
        show_error(refused)


def _offer_to_go_on(learner: Learner, step: Step) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if button("Go on", type="primary", key=f"go-on-{step.id}", icon=":material/resume:"):
            act(lambda: learner.resume(step), "Starting the query again …", "The query is running again.", in_turn=True)
        st.caption(
            "A query with a checkpoint goes on where it was. A query without one reads LogDataLive anew. No row is "
            "lost, and none counts twice."
        )


def _notes(step: Step, moment: Moment) -> Iterator[str]:
    """Yield notes on files in the live folder that the query will not read again, or not before it starts."""
    again = [chip.name for chip in moment.chips if chip.state == "not read again"]
    if moment.state == "running" and again:
        yield (
            f"The query has read {plain(', '.join(again))} before, and never reads a name twice. To begin anew with what "
            f"lies in LogDataLive now, press *{ANEW if saves(step) else 'Restart'}* at its cell."
        )
    if moment.state != "running" and (count := len(moment.waiting)):
        files, them = ("1 file", "it") if count == 1 else (f"{count} files", "them all")
        yield (
            f"LogDataLive already has {files}. When the query starts, its first batch reads {them}. To see the result grow "
            "with each delivery, empty the folder first."
        )


def _faults(moment: Moment) -> Iterator[str]:
    """Yield a warning for each file in the live folder with lines that are not records."""
    for chip in moment.live:
        if chip.file.problems and is_read_by_spark(chip.name):
            yield (
                f"{plain(chip.name)} came into LogDataLive without a delivery, and some of it is not a record. The "
                "query goes on. Spark reads these lines in its own way, or leaves them out:\n\n"
                + "\n".join(f"- {plain(str(problem))}" for problem in chip.file.problems)
            )
