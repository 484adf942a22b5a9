"""What a learner did in each step: when they first tried it, what went wrong, which help they took, when it passed."""

from collections import Counter
from datetime import UTC, datetime
from typing import Final

import streamlit as st

from lab.charts.history import history_figure
from lab.learner.history import Event, StepHistory
from lab.learner.kept import Answer
from lab.learner.learner import Learner
from lab.lesson.mistakes import TITLES
from lab.lesson.steps import EXERCISES, Step
from lab.ui.feedback import plain_but_code
from lab.ui.figures import cached
from lab.ui.headings import subsection
from lab.ui.text import in_browser_time

MAX_MISTAKES: Final = 4
# In pixels: the height of the form beside it, so that a long history does not push down the content below both.
HEIGHT: Final = 680
# If everything happened within less time, a chart shows nothing of interest.
MIN_CHART_MINUTES: Final = 1.0


def history(learner: Learner) -> None:
    """Draw the history, for the learner only."""
    met = [(step, known) for step in EXERCISES if (known := learner.progress.history.of(step)).events]
    if not met:
        st.caption(
            "Nothing yet. Once you run and check your code, your attempts, the mistakes that you met and the hints that you "
            "opened are listed here."
        )
        return
    with st.container(height=HEIGHT, border=False, key="history"):
        _timeline(learner, met)
        for step, known in met:
            subsection(step.title)
            st.markdown(f"{_course(known, learner.progress.answer(step))}{_mistakes(known)}")


def _timeline(learner: Learner, met: list[tuple[Step, StepHistory]]) -> None:
    rows = tuple(
        (step.title, event.outcome or event.kind, round(event.worked / 60, 1))
        for step, known in met
        for event in known.events
        if event.kind != "reset"
    )
    minutes = [worked for *_, worked in rows]
    if rows and max(minutes) - min(minutes) >= MIN_CHART_MINUTES:
        figure = cached(learner, history_figure, rows)
        st.vega_lite_chart(spec=figure.spec(), key="chart-history", alt=figure.words)


def _course(known: StepHistory, answer: Answer) -> str:
    tried, passed = known.tried_at, known.passed_at
    parts = [
        f"first tried {_when(tried)}" if tried is not None else "not tried",
        _counted(known.attempts, "attempt"),
        _counted(answer.hints, "hint"),
        "solution seen" if answer.shown else "",
    ]
    if passed is not None:
        parts.append(f"passed {_when(passed, since=tried)}")
    elif tried is not None:
        parts.append("not passed")
    return ", ".join(filter(None, parts))


def _counted(number: int, word: str) -> str:
    return f"{number} {word}{'s' if number > 1 else ''}" if number else ""


def _mistakes(known: StepHistory) -> str:
    """Return the mistakes as a list, newest first: each once, with its newest message and how often it was made."""
    failed = [_said(event) for event in reversed(known.events) if event.outcome in {"wrong", "error", "not performed"}]
    newest = dict(reversed(failed))
    counts = Counter(key for key, _ in failed)
    lines = [f"\n- {newest[key]}{f' ({counts[key]} times)' * (counts[key] > 1)}" for key in list(counts)[:MAX_MISTAKES]]
    if len(counts) > MAX_MISTAKES:
        lines.append(f"\n- and {len(counts) - MAX_MISTAKES} more")
    return "\n" + "".join(lines) if lines else ""


def _said(event: Event) -> tuple[str, str]:
    """Return the key by which a mistake is recognised again, and its text."""
    message = " ".join(event.message.split())
    title = TITLES.get(event.mistake)
    told = plain_but_code(message)
    return (event.mistake, f"*{title}*: {told}") if title else (message, told)


def _when(at: float, since: float | None = None) -> str:
    """Return day and time as text; only the time if it is on the same day as `since`."""
    moment = _moment(at)
    if since is not None and _moment(since).date() == moment.date():
        return f"{moment:%H:%M}"
    return f"{moment.day} {moment:%b}, {moment:%H:%M}"


def _moment(at: float) -> datetime:
    return in_browser_time(datetime.fromtimestamp(at, UTC))
