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
    """Those that were met, newest first, each once and as it was said last."""
    failed = [event for event in reversed(known.events) if event.outcome in {"wrong", "error"}]
    counts = Counter(event.mistake or event.message for event in failed)
    said = [(key, next(event for event in failed if key in {event.mistake, event.message})) for key in counts]
    lines = [f"\n- {_said(event)}{f' ({counts[key]} times)' * (counts[key] > 1)}" for key, event in said[:MAX_MISTAKES]]
    if len(said) > MAX_MISTAKES:
        lines.append(f"\n- and {len(said) - MAX_MISTAKES} more")
    return "\n" + "".join(lines) if lines else ""


def _said(event: Event) -> str:
    message = plain_but_code(" ".join(event.message.split()))
    title = _TITLES.get(event.mistake)
    return f"*{title}*: {message}" if title else message


def _when(at: float, since: float | None = None) -> str:
    """A day and a time; only the time if it is on the day of another."""
    moment = datetime.fromtimestamp(at, _zone())
    if since is not None and datetime.fromtimestamp(since, _zone()).date() == moment.date():
        return f"{moment:%H:%M}"
    return f"{moment.day} {moment:%b}, {moment:%H:%M}"


def _zone() -> tzinfo:
    """That of the browser."""
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (KeyError, ValueError, OSError):
        return UTC
