"""Delivering log files: the two pairs, one file at a time, a file of one's own, and emptying the live folder."""

import streamlit as st

from lab import dataset
from lab.bucket import LOG_DATA, LOG_DATA_LIVE, read_folder
from lab.dataset import Pair
from lab.errors import LabError
from lab.lesson.learner import Learner
from lab.lesson.steps import EMPTY_CODE, deliver_code
from lab.records import MAX_BYTES
from lab.ui.session import act
from lab.ui.text import plain


def delivery_controls(learner: Learner) -> None:
    """The two pairs side by side; the rest folded below."""
    bucket = learner.workspace.bucket
    there = [entry.name for entry in bucket.list(LOG_DATA_LIVE)]
    with st.container(border=True, key="delivery"):
        st.markdown("**Deliver log files**")
        for column, pair in zip(st.columns(len(dataset.PAIRS)), dataset.PAIRS, strict=True):
            with column:
                _pair(learner, pair, there)
        with st.container(horizontal=True, vertical_alignment="center"):
            if st.button("Empty the live folder", key="empty-live", icon=":material/delete:", disabled=not there):
                act(lambda: learner.run_code(EMPTY_CODE), "Emptying LogDataLive …", "LogDataLive is empty.")
            st.caption(f"`{EMPTY_CODE}` — {len(there)} file{'' if len(there) == 1 else 's'} in LogDataLive")
        with st.expander("One file at a time, or a file of your own"):
            _single(learner, there)


def _pair(learner: Learner, pair: Pair, there: list[str]) -> None:
    names = tuple(name for name in pair.files if name not in there)
    st.code(deliver_code(names or pair.files), wrap_lines=True)
    pressed = st.button(
        f"Deliver {' and '.join(names)}" if names else f"t{pair.window[0]} to t{pair.window[1]} delivered",
        key=f"deliver-{pair.name}",
        icon=":material/local_shipping:" if names else ":material/check:",
        disabled=not names,
        width="stretch",
    )
    # A second press can arrive after the first has delivered.
    if pressed and names:
        act(lambda: learner.deliver(names), "Delivering …", f"Delivered {' and '.join(names)}.")


def _single(learner: Learner, there: list[str]) -> None:
    bucket = learner.workspace.bucket
    uploaded = st.file_uploader(
        "Put a file of your own into LogData",
        type="csv",
        key="upload",
        max_upload_size=max(1, MAX_BYTES // 1_000_000),
        help="It is checked when you deliver it, as the four are.",
    )
    if uploaded is not None and st.button(
        f"Put {plain(uploaded.name)} into LogData", key="put", icon=":material/upload:"
    ):

        def put() -> None:
            if "/" in uploaded.name or "\\" in uploaded.name:
                raise LabError(f"{uploaded.name!r} is not a file name.", "Rename the file, without slashes.")
            bucket.write(LOG_DATA + uploaded.name, uploaded.getvalue())

        act(put, "Writing …", f"{uploaded.name} is in LogData. It is checked when it is delivered.")
    names = [entry.name for entry in bucket.list(LOG_DATA)]
    name = st.selectbox("A log file in LogData", names, key="single-file")
    if name is None:
        return
    file = next((file for file in read_folder(bucket, LOG_DATA) if file.name == name), None)
    if file and file.problems:
        st.warning(
            "This file would be refused:\n\n" + "\n".join(f"- {plain(str(problem))}" for problem in file.problems)
        )
    st.code(deliver_code((name,)), wrap_lines=True)
    if st.button(f"Deliver {plain(name)}", key="deliver-single", icon=":material/local_shipping:"):
        act(lambda: learner.deliver((name,)), "Delivering …", f"Delivered {name}.")
    if name in there:
        st.caption(f"{plain(name)} is already in LogDataLive.")
