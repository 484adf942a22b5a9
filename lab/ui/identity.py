"""Who the learner is: a name and a class code, which determine the log files."""

from typing import Final

import streamlit as st

from lab.bucket import LOG_DATA, LOG_DATA_LIVE, OUTPUT, content
from lab.bucket.log_data import log_data
from lab.dataset import SHIPPED, Dataset
from lab.errors import LabError
from lab.learner.identity import Identity
from lab.learner.learner import Learner
from lab.lesson.results import GROUPS
from lab.lesson.steps import STEPS
from lab.ui.editor import field
from lab.ui.entrance import SEEN
from lab.ui.headings import section
from lab.ui.parts import parts
from lab.ui.press import button
from lab.ui.session import act, show_error

SEED_SHOWN: Final = 8
_FORM: Final = "who-you-are"


def log_files_in_words(dataset: Dataset) -> str:
    """Return which log files these are, as part of a sentence."""
    if dataset.seed == SHIPPED.seed:
        return "the log files of the lab"
    if dataset.is_of_course:
        return "the log files of the course"
    return f"log files of your own, seed `{dataset.seed[:SEED_SHOWN]}…`"


def name_bar(learner: Learner) -> None:
    """Ask for the name at the top of a page, if it is missing and each learner of the class has their own log files."""
    # The container is drawn also when it is empty, so that the content below does not jump.
    with st.container(key="name-bar"):
        if _is_asked(learner):
            with st.container(border=True):
                st.markdown(
                    "**In your class, everyone has their own log files.** You get yours with your name. Until then you have "
                    "the files of the lab."
                )
                _form(learner)


def who_sees_it() -> None:
    """Tell a learner of a class what their teacher can see."""
    if parts().classroom.entrance.is_for_class:
        st.caption(f":material/visibility: {SEEN}")


def who_you_are(learner: Learner) -> None:
    """Draw a section with the name, the class code, and the log files that follow from them."""
    if _is_asked(learner):
        return
    section("Who you are")
    st.markdown(
        "Your name stands on what you hand in. Everybody in your course has the same log files."
        if log_data().is_of_course
        else "Your name stands on what you hand in. With a class code you get your own log files, and so your own numbers. "
        "Without one you work with the files of the lab."
        if not parts().classroom.entrance.class_code
        else "Your name stands on what you hand in. With it and the code of your class you get your own log files."
    )
    _form(learner)


def _is_asked(learner: Learner) -> bool:
    own_files = bool(parts().classroom.entrance.class_code) and not log_data().is_of_course
    return own_files and not learner.progress.identity.name


def _form(learner: Learner) -> None:
    kept = learner.progress.identity
    with st.container(key=_FORM):
        names, codes = st.columns(2)
        with names:
            field(learner, "identity-name", label="Your name", block=_FORM)
        with codes:
            if parts().classroom.entrance.class_code:
                st.text_input("Class code, set by your teacher", parts().classroom.entrance.class_code, disabled=True)
            elif not log_data().is_of_course:
                field(learner, "identity-class_code", label="Class code, if your class has one", block=_FORM)
        name, code = (learner.texts.read(f"identity-{part}").text.strip() for part in ("name", "class_code"))
        try:
            _offer(learner, Identity(name, parts().classroom.entrance.class_code or code))
        except LabError as error:
            show_error(error)
    # Typing alone puts nothing in use: say so, for a learner who goes on to another page without a press.
    is_said = (name, parts().classroom.entrance.class_code or code) == (
        kept.name,
        parts().classroom.entrance.class_code or kept.class_code,
    )
    waits = "" if is_said else " What you wrote is not in use yet: press the button."
    st.caption(f":material/description: In use: {log_files_in_words(learner.workspace.dataset)}.{waits}")


def _offer(learner: Learner, identity: Identity) -> None:
    """Draw the button that puts the identity in use. Its warning stands below it, so that the button never moves."""
    dataset = identity.dataset
    changes = dataset.seed != learner.workspace.dataset.seed
    loses = changes and _has_begun(learner)
    # A separate button: a learner who presses the harmless one right after typing has not read this one's label.
    if loses:
        pressed = button(
            "Use this, and start over", key="introduce-anew", type="primary", icon=":material/restart_alt:"
        )
    else:
        asked = _is_asked(learner)
        pressed = button(
            "Use this name" if asked else "Use this",
            key="introduce",
            type="primary" if asked else "secondary",
            icon=":material/badge:",
        )
    if pressed and not identity.name and _is_asked(learner):
        st.warning("Write your name first.", icon=":material/help:")
    elif pressed:
        done = f"In use: {log_files_in_words(dataset).replace('`', '')}"
        act(lambda: learner.introduce(identity), "Putting your log files into LogData …", done)
    elif loses:
        st.warning(
            f"You would then have {log_files_in_words(dataset)}, and start over with them. The lab stops your queries, "
            "empties `LogDataLive` and `Lab9Output`, and replaces the files in `LogData`. Check your results anew then. "
            "Your code and your texts stay.",
            icon=":material/restart_alt:",
        )


def _has_begun(learner: Learner) -> bool:
    """Return whether starting over would take anything away."""
    if learner.scratch or any(learner.runs.last(step) for step in STEPS.values()):
        return True
    if any(learner.progress.result(group.id).checked for group in GROUPS):
        return True
    bucket, originals = learner.workspace.bucket, learner.workspace.dataset.contents
    return bool(bucket.list(LOG_DATA_LIVE) or bucket.list(OUTPUT)) or any(
        entry.name not in originals or content(bucket, entry) != originals[entry.name]
        for entry in bucket.list(LOG_DATA)
    )
