"""What a learner did, step by step: when it was first tried, what went wrong, which help they took, when it passed."""

from collections import Counter
from copy import deepcopy
from datetime import UTC, datetime, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

import streamlit as st

from lab.charts_history import history_figure
from lab.lesson.history import Event, StepHistory
from lab.lesson.learner import Learner
from lab.lesson.mistakes import MISTAKES
from lab.lesson.progress import Answer
from lab.lesson.steps import EXERCISES, Step
from lab.ui.feedback import plain_but_code

MAX_MISTAKES: Final = 4
_TITLES: Final = {mistake.id: mistake.title for mistake in MISTAKES}


def history(learner: Learner) -> None:
    """Draw it, for the learner's own eyes."""
    met = [(step, known) for step in EXERCISES if (known := learner.progress.history.of(step)).events]
    if not met:
        st.caption(
            "Nothing yet. Once you run and check your code, your attempts, the mistakes that you met and the hints that you "
            "opened are listed here."
        )
        return
    _timeline(met)
    for step, known in met:
        st.markdown(f"**{step.title}**  \n{_course(known, learner.progress.answer(step))}{_mistakes(known)}")


def _timeline(met: list[tuple[Step, StepHistory]]) -> None:
    rows = tuple(
        (step.title, event.outcome or event.kind, round(event.worked / 60, 1))
        for step, known in met
        for event in known.events
        if event.kind != "reset"
    )
    if rows:
        figure = history_figure(rows)
        st.vega_lite_chart(spec=deepcopy(dict(figure.spec)), key="chart-history", alt=figure.words)


def _course(known: StepHistory, answer: Answer) -> str:
    attempts = f"{known.attempts} attempt{'s' if known.attempts > 1 else ''}" if known.attempts else "not tried"
    hints = f"{answer.hints} hint{'s' if answer.hints > 1 else ''}" if answer.hints else ""
    parts = (
        f"first tried {_when(known.tried_at)}" if known.tried_at else "",
        attempts,
        hints,
        "solution seen" if answer.shown else "",
        f"passed {_when(known.passed_at)}" if known.passed_at else "not passed",
    )
    return ", ".join(filter(None, parts))


def _mistakes(known: StepHistory) -> str:
    """The newest of those that differ, as a list; each once, as it was said last."""
    failed = [event for event in known.events if event.outcome in {"wrong", "error"}]
    newest = {event.mistake or event.message: event for event in failed}
    counts = Counter(event.mistake or event.message for event in failed)
    said = list(reversed(newest.items()))
    lines = [f"\n- {_said(event)}{f' ({counts[key]} times)' * (counts[key] > 1)}" for key, event in said[:MAX_MISTAKES]]
    if len(said) > MAX_MISTAKES:
        lines.append(f"\n- and {len(said) - MAX_MISTAKES} more")
    return "\n" + "".join(lines) if lines else ""


def _said(event: Event) -> str:
    message = plain_but_code(" ".join(event.message.split()))
    title = _TITLES.get(event.mistake)
    return f"*{title}*: {message}" if title else message


def _when(at: float) -> str:
    moment = datetime.fromtimestamp(at, _zone())
    return f"{moment.day} {moment:%b}, {moment:%H:%M}"


def _zone() -> tzinfo:
    """That of the browser."""
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (KeyError, ValueError, OSError):
        return UTC
