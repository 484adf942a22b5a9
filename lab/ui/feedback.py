"""The message of a check or a run, as a box."""

import streamlit as st

from lab.engine.failures import Failure
from lab.judge.feedback import Feedback
from lab.ui.text import plain


def show_feedback(feedback: Feedback, *, code: bool = False) -> None:
    """Show what a check says; with `code`, show text in backticks as code."""
    where = f"Line {feedback.line}: " if feedback.line else ""
    message = where + (plain_but_code(feedback.message) if code else plain(feedback.message))
    match feedback.outcome:
        case "passed" | "passed, with one thing to know":
            st.success(message, icon=":material/check_circle:")
        case "wrong":
            st.error(message, icon=":material/cancel:")
        case "error":
            st.warning(message, icon=":material/error:")
        case "not performed":
            st.warning(f"Not performed. {message}", icon=":material/do_not_disturb_on:")
        case "not attempted":
            st.info(message, icon=":material/hourglass_empty:")
    if feedback.log:
        _example(feedback)
    _detail(feedback.detail)


def _example(feedback: Feedback) -> None:
    """Show the smallest log on which the answer is wrong, the expected result, and the answer's."""
    count, deliveries = len(feedback.log.split()), len(feedback.deliveries)
    records = f"{count} record{'' if count == 1 else 's'}{f' in {deliveries} deliveries' if deliveries > 1 else ''}"
    st.caption(f"The smallest log on which it shows has {records}:")
    texts = {"the log": feedback.log, "expected": feedback.expected, "your answer": feedback.got}
    for column, (title, text) in zip(st.columns(len(texts)), texts.items(), strict=True):
        with column:
            st.caption(title)
            st.code(text, language=None, wrap_lines=True)


def show_failure(failure: Failure, line: int = 0, *, expected: bool = False) -> None:
    """Show a failure in plain words, and below it, folded, what Spark said."""
    where = f"Line {line}: " if line else ""
    sentence = f"{where}{plain_but_code(failure.sentence)}"
    if expected:
        st.info(sentence, icon=":material/block:")
    else:
        st.error(sentence, icon=":material/error:")
    _detail(failure.detail)


def _detail(text: str) -> None:
    if text:
        with st.expander("The error as it was raised"):
            st.code(text, language=None, wrap_lines=True)


def plain_but_code(text: str) -> str:
    """Return the text escaped for Markdown, except for code in backticks."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return plain(text)
    return "".join(f"`{part}`" if number % 2 else plain(part) for number, part in enumerate(parts))
