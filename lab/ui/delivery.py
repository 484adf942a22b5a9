"""Delivering log files: the two pairs, one file at a time, a file of one's own, and emptying the live folder."""

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from lab import dataset
from lab.bucket import (
    LOG_DATA,
    LOG_DATA_LIVE,
    Entry,
    content,
    files_in,
    read_files,
    refusal_of_name,
    require_usable_name,
)
from lab.bucket.quota import require_room
from lab.dataset import Pair
from lab.errors import LabError
from lab.lesson.learner import Learner
from lab.lesson.predictions import OF_PAIR
from lab.lesson.steps import EMPTY_CODE, STEPS, deliver_code
from lab.records import MAX_BYTES
from lab.ui.predict import ask, compare, is_asked
from lab.ui.press import button
from lab.ui.session import act, show_error
from lab.ui.text import plain
from lab.ui.uploads import forget


def delivery_controls(learner: Learner, *, predict: bool = False) -> None:
    """The two pairs side by side; the rest folded below. With `predict`, the learner is first asked what will happen."""
    # A press draws the cells above anew only once it has been carried out.
    st.fragment(_controls, key="delivery-controls")(learner, predict=predict)


def _controls(learner: Learner, *, predict: bool) -> None:
    # Streamlit would show what is raised in a fragment as a traceback.
    try:
        _draw(learner, predict=predict)
    except LabError as error:
        show_error(error)


def _draw(learner: Learner, *, predict: bool) -> None:
    there = [entry.name for entry in files_in(learner.workspace.bucket, LOG_DATA_LIVE)]
    with st.container(border=True, key="delivery"):
        st.markdown("**Deliver log files**")
        for column, pair in zip(st.columns(len(dataset.PAIRS)), dataset.PAIRS, strict=True):
            with column:
                _pair(learner, pair, there, predict=predict)
        with st.container(horizontal=True, vertical_alignment="center"):
            if button("Empty the live folder", key="empty-live", icon=":material/delete:", disabled=not there):
                act(lambda: learner.run_code(EMPTY_CODE), "Emptying LogDataLive …", "LogDataLive is empty.")
            st.caption(f"`{EMPTY_CODE}` — {len(there)} file{'' if len(there) == 1 else 's'} in LogDataLive")
        with st.expander("One file at a time, or a file of your own"):
            _single(learner, there)


def _pair(learner: Learner, pair: Pair, there: list[str], *, predict: bool) -> None:
    names = tuple(name for name in pair.files if name not in there)
    st.code(deliver_code(names or pair.files), wrap_lines=True)
    prediction = OF_PAIR[pair.name]
    # Without a running query nothing would happen that could be predicted.
    running = learner.runs.is_running(STEPS["volume-query"])
    # One question at a time: the second pair is asked about when the first is there.
    its_turn = pair is dataset.FIRST or set(dataset.FIRST.files) <= set(there)
    if predict and names and running and its_turn and is_asked(learner, prediction):
        st.markdown(f"**{' and '.join(names)}**")
        pressed = ask(learner, prediction, "Deliver")
    else:
        pressed = button(
            f"Deliver {' and '.join(names)}" if names else f"t{pair.window[0]} to t{pair.window[1]} delivered",
            key=f"deliver-{pair.name}",
            icon=":material/local_shipping:" if names else ":material/check:",
            disabled=not names,
            width="stretch",
        )
    if predict and not names:
        compare(learner, prediction)
    # A second press can arrive after the first has delivered.
    if pressed and names:
        act(lambda: learner.deliver(names), "Delivering …", f"Delivered {' and '.join(names)}.")


def _single(learner: Learner, there: list[str]) -> None:
    bucket = learner.workspace.bucket
    # With a key of its own for each file: it shows nothing once a file is where it belongs.
    count = st.session_state.setdefault("uploads", 0)
    uploaded = st.file_uploader(
        "Put a file of your own into LogData",
        type="csv",
        key=f"upload-{count}" if count else "upload",
        max_upload_size=max(1, MAX_BYTES // 1_000_000),
        help="It is checked when you deliver it, as the four are.",
    )
    if isinstance(uploaded, UploadedFile) and button(
        f"Put {plain(uploaded.name)} into LogData", key="put", icon=":material/upload:"
    ):

        def put() -> None:
            require_usable_name(uploaded.name, [entry.name for entry in files_in(bucket, LOG_DATA)])
            data = uploaded.getvalue()
            require_room(bucket, 1, len(data))
            bucket.write(LOG_DATA + uploaded.name, data)
            forget(uploaded)
            st.session_state["uploads"] = count + 1
            # Who puts a file there wants to deliver it.
            st.session_state["single-file"] = uploaded.name

        replaces = " in place of the original" if uploaded.name in dataset.FILES else ""
        act(put, "Writing …", f"{uploaded.name} is in LogData{replaces}. It is checked when it is delivered.")
    entries = {entry.name: entry for entry in files_in(bucket, LOG_DATA)}
    name = st.selectbox("A log file in LogData", list(entries), key="single-file")
    file = next(iter(read_files(bucket, [entries[name]] if name in entries else [])), None)
    if file is None:
        return
    problems = [reason] if (reason := refusal_of_name(file.name)) else [str(problem) for problem in file.problems]
    if problems:
        st.warning("This file would be refused:\n\n" + "\n".join(f"- {plain(problem)}" for problem in problems))
    st.code(deliver_code((file.name,)), wrap_lines=True)
    with st.container(horizontal=True):
        if button(f"Deliver {plain(file.name)}", key="deliver-single", icon=":material/local_shipping:"):
            act(lambda: learner.deliver((file.name,)), "Delivering …", f"Delivered {file.name}.")
        _take_back(learner, entries[file.name])
    if file.name in there:
        st.caption(f"{plain(file.name)} is already in LogDataLive.")


def _take_back(learner: Learner, entry: Entry) -> None:
    """Undo what was put into LogData: a file of one's own is removed, one of the four becomes the original again."""
    bucket, original = learner.workspace.bucket, learner.workspace.dataset.contents.get(entry.name)
    key, name = entry.key, entry.name
    if original is None:
        if button(f"Remove {plain(name)} from LogData", key="take-back", icon=":material/undo:"):
            act(lambda: bucket.remove(key), "Removing …", f"{name} is no longer in LogData.")
    elif content(bucket, entry) != original and button(
        f"Put the original {plain(name)} back", key="take-back", icon=":material/undo:"
    ):
        act(lambda: bucket.write(key, original), "Writing …", f"{name} is the original again.")
