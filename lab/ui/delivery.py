"""Delivering log files: the two pairs, one file at a time, the learner's own file, and emptying the live folder."""

from collections.abc import Sequence

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from lab.bucket import (
    CORRECT_IT,
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
from lab.learner.learner import Learner
from lab.lesson.predictions import OF_PAIR
from lab.lesson.steps import EMPTY_CODE, answering, deliver_code
from lab.lesson.wording import window_in_words
from lab.records import MAX_BYTES
from lab.ui.fragment import fragment
from lab.ui.headings import unseen
from lab.ui.predict import compare, is_asked, predicted_first
from lab.ui.press import button, has_begun, is_carried
from lab.ui.session import act, show_error
from lab.ui.text import plain
from lab.ui.uploads import forget


def delivery_controls(learner: Learner, data: Sequence[Entry], live: Sequence[Entry], *, predict: bool = False) -> None:
    """Draw the two pairs side by side, the rest folded below. With `predict`, first ask what will happen.

    `data` and `live` are the contents of `LogData` and `LogDataLive`.
    """
    # As a fragment: the lesson around it is drawn anew only after the press has been carried out.
    fragment(key="delivery-controls")(_controls)(learner, data, [entry.name for entry in live], predict=predict)


def _controls(learner: Learner, data: Sequence[Entry], there: list[str], *, predict: bool) -> None:
    # Streamlit would show an error that is raised in a fragment as a traceback.
    try:
        _draw(learner, data, there, predict=predict)
    except LabError as error:
        show_error(error)


def _draw(learner: Learner, data: Sequence[Entry], there: list[str], *, predict: bool) -> None:
    pairs = learner.workspace.dataset.pairs
    with st.container(key="delivery", gap="small"):
        unseen("Deliver log files")
        if following := next_files(learner, there):
            st.code(deliver_code(following), wrap_lines=True)
        pressed = []
        for column, pair in zip(st.columns(len(pairs)), pairs, strict=True):
            with column:
                pressed.append(_button(pair, there))
        for pair, is_pressed in zip(pairs, pressed, strict=True):
            _deliver_pair(learner, pair, there, pressed=is_pressed, predict=predict)
        came = [pair for pair in pairs if set(pair.files) <= set(there)]
        predicted = [of_pair for pair in came if learner.progress.prediction(of_pair := OF_PAIR[pair.name])]
        if predict and predicted:
            # Without the field for the reason: the result stands below, and should be in sight, too.
            compare(learner, predicted[-1], why=False)
        with st.container(horizontal=True, vertical_alignment="center"):
            if button("Empty the live folder", key="empty-live", icon=":material/delete:", disabled=not there):
                act(lambda: learner.run_code(EMPTY_CODE), "Emptying LogDataLive …", "LogDataLive is empty.")
            st.caption(f"`{EMPTY_CODE}` — {len(there)} file{'' if len(there) == 1 else 's'} in LogDataLive")
        with st.expander("One file at a time, or a file of your own"):
            _single(learner, data, there)


def next_files(learner: Learner, there: Sequence[str]) -> tuple[str, ...]:
    """Return the undelivered files of the first incomplete pair in the live folder; empty once both pairs are there."""
    return next((names for pair in learner.workspace.dataset.pairs if (names := _missing(pair, there))), ())


def _missing(pair: Pair, there: Sequence[str]) -> tuple[str, ...]:
    """Return the files of a pair that have not been delivered."""
    return tuple(name for name in pair.files if name not in there)


def _deliver_pair(learner: Learner, pair: Pair, there: Sequence[str], *, pressed: bool, predict: bool) -> None:
    """Deliver a pair whose button was pressed, after the learner has predicted the outcome if they are asked."""
    prediction = OF_PAIR[pair.name]
    if predict and _is_asked(learner, pair, there):
        pressed = predicted_first(learner, prediction, "Deliver", pressed=pressed)
    if pressed or is_carried(prediction):
        deliver(learner, _missing(pair, there))


def _is_asked(learner: Learner, pair: Pair, there: Sequence[str]) -> bool:
    # Without a running query, nothing would happen, so there is nothing to predict.
    running = learner.runs.is_running(answering("volume"))
    # The question about the second pair makes sense only after the first has been delivered.
    first = learner.workspace.dataset.pairs[0]
    its_turn = pair == first or set(first.files) <= set(there)
    return bool(_missing(pair, there)) and running and its_turn and is_asked(learner, OF_PAIR[pair.name])


def _button(pair: Pair, there: Sequence[str]) -> bool:
    """Draw the button of a pair; return whether it was pressed and there is something to deliver."""
    names = _missing(pair, there)
    pressed = button(
        f"Deliver {' and '.join(names)}" if names else f"{window_in_words(*pair.window)} delivered",
        key=f"deliver-{pair.name}",
        icon=":material/local_shipping:" if names else ":material/check:",
        disabled=not names,
        width="stretch",
    )
    return pressed and bool(names)


def deliver(learner: Learner, names: tuple[str, ...]) -> None:
    """Deliver those of the log files that are not in the live folder yet."""
    # A second press can arrive after the first has delivered, but before the page has been drawn anew.
    there = {entry.name for entry in files_in(learner.workspace.bucket, LOG_DATA_LIVE)}
    if left := tuple(name for name in names if name not in there):
        act(lambda: learner.deliver(left), "Delivering …", f"Delivered {' and '.join(left)}.")
    else:
        # Another tab has delivered them. A later emptying of the folder must not deliver them again.
        has_begun()


def _single(learner: Learner, data: Sequence[Entry], there: list[str]) -> None:
    bucket = learner.workspace.bucket
    # A new key after each file empties the uploader once the file is in LogData.
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
            # A learner who puts a file there wants to deliver it: select it.
            st.session_state["single-file"] = uploaded.name

        replaces = " in place of the original" if uploaded.name in learner.workspace.dataset.files else ""
        act(put, "Writing …", f"{uploaded.name} is in LogData{replaces}. It is checked when it is delivered.")
    entries = {entry.name: entry for entry in data}
    name = st.selectbox("A log file in LogData", list(entries), key="single-file")
    file = next(iter(read_files(bucket, [entries[name]] if name in entries else [])), None)
    if file is None:
        return
    problems = [reason] if (reason := refusal_of_name(file.name)) else [str(problem) for problem in file.problems]
    if problems:
        listed = "\n".join(f"- {plain(problem)}" for problem in problems)
        st.warning(f"This file would be refused:\n\n{listed}" + ("" if reason else f"\n\n{CORRECT_IT}"))
    st.code(deliver_code((file.name,)), wrap_lines=True)
    with st.container(horizontal=True):
        if button(f"Deliver {plain(file.name)}", key="deliver-single", icon=":material/local_shipping:"):
            act(lambda: learner.deliver((file.name,)), "Delivering …", f"Delivered {file.name}.")
        _take_back(learner, entries[file.name])
    if file.name in there:
        st.caption(f"{plain(file.name)} is already in LogDataLive.")


def _take_back(learner: Learner, entry: Entry) -> None:
    """Offer to undo what was put into LogData: remove a file of the learner's own, or restore one of the four."""
    bucket, original = learner.workspace.bucket, learner.workspace.dataset.contents.get(entry.name)
    key, name = entry.key, entry.name
    if original is None:
        if button(f"Remove {plain(name)} from LogData", key="take-back", icon=":material/undo:"):
            act(lambda: bucket.remove(key), "Removing …", f"{name} is no longer in LogData.")
    elif content(bucket, entry) != original and button(
        f"Put the original {plain(name)} back", key="take-back", icon=":material/undo:"
    ):
        act(lambda: bucket.write(key, original), "Writing …", f"{name} is the original again.")
