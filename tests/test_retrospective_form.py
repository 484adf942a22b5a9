"""The form of the retrospective: texts are kept, measurements are filled in, and the history is beside it."""

import re

import pytest
from apptest import AppTest
from paging import fields, put, words

from lab.judge.feedback import Feedback
from lab.learner.progress import Progress
from lab.learner.retrospective import Retrospective
from lab.lesson.steps import STEPS

STEP = STEPS["schema"]


def page(learner_id):
    from lab.ui.parts import parts  # noqa: PLC0415
    from lab.ui.retrospective import retrospective_form  # noqa: PLC0415

    retrospective_form(parts().classroom.enter(learner_id), "Ada Lovelace")


@pytest.fixture
def opened(learner):
    """Return a function that opens the form in a new browser session."""

    def open_form():
        form = AppTest.from_function(page, kwargs={"learner_id": learner.id}, default_timeout=30).run()
        assert not form.exception
        return form

    return open_form


@pytest.fixture
def clock(learner, monkeypatch):
    """The clock of the learner's time, as a list with one entry."""
    now = [1_700_000_000.0]
    monkeypatch.setattr(learner.progress.time, "_clock", lambda: now[0])
    monkeypatch.setattr(learner.progress.history, "_clock", lambda: now[0])
    learner.progress.time.sign()
    return now


def work(learner, clock, minutes):
    """Let minutes of work pass, with a sign of activity every minute."""
    for _ in range(minutes):
        clock[0] += 60
        learner.progress.time.sign()


def value(form, part):
    return fields(form)[f"retrospective-{part}"]


def write(form, learner, part, text):
    put(learner.texts, f"retrospective-{part}", text)
    form.run()
    assert not form.exception


def test_it_is_prefilled_and_says_that_nothing_has_happened_yet(opened, learner, clock):
    work(learner, clock, 85)
    form = opened()
    assert value(form, "name") == "Ada Lovelace"
    assert value(form, "time_spent") == "1 h 25 min"
    assert "Measured: 1 h 25 min. Pauses of more than ten minutes are left out." in words(form.caption)
    assert "Nothing yet. Once you run and check your code" in words(form.caption)
    assert not form.button
    # Displaying it stores nothing.
    assert learner.progress.retrospective == Retrospective()


def test_what_is_written_is_kept_and_is_there_after_a_reload(opened, learner, clock):
    form = opened()
    write(form, learner, "name", "Zoë Ångström")
    write(form, learner, "challenges", "Sorting.\n\nA stream.")
    write(form, learner, "takeaways", "Plans.")
    expected = Retrospective("Zoë Ångström", "", "Sorting.\n\nA stream.", "Plans.")
    assert learner.progress.retrospective == expected
    assert Progress(learner.progress._documents._store, learner.id).retrospective == expected
    again = opened()
    assert value(again, "name") == "Zoë Ångström"
    assert value(again, "challenges") == "Sorting.\n\nA stream."
    # When the name is emptied, it is the learner's name again.
    write(again, learner, "name", "")
    assert value(again, "name") == "Ada Lovelace"


def test_a_time_of_ones_own_stays_and_the_measured_one_comes_back(opened, learner, clock):
    work(learner, clock, 30)
    form = opened()
    write(form, learner, "time_spent", "about 3 hours")
    work(learner, clock, 30)
    form.run()
    assert value(form, "time_spent") == "about 3 hours"
    assert "Measured: 1 h." in words(form.caption)
    form.button(key="retrospective-measured").click().run()
    assert value(form, "time_spent") == "1 h"
    assert learner.progress.retrospective.time_spent == ""
    assert not form.button
    work(learner, clock, 1)
    assert value(form.run(), "time_spent") == "1 h 1 min"


def test_another_tab_shows_what_this_one_has_written(opened, learner):
    one, other = opened(), opened()
    write(one, learner, "takeaways", "From one tab.")
    assert value(other.run(), "takeaways") == "From one tab."


def test_the_history_is_beside_it(opened, learner, clock):
    progress = learner.progress
    for _ in range(2):
        progress.history.attempted(
            STEP, Feedback("wrong", "`severity` is at the <b>place</b> of *serverID*.", "column-order")
        )
    progress.history.attempted(STEP, Feedback("error", "'StructType' is not defined yet."))
    work(learner, clock, 5)
    progress.open_hint(STEP)
    progress.history.attempted(STEP, Feedback("passed", "Right."))
    progress.show_solution(STEPS["sev0"])
    form = opened()
    said = words(form.markdown)
    assert "Declare the schema" in words(form.subheader)
    assert "first tried 14 Nov, 22:13, 4 attempts, 1 hint, passed 22:18" in said
    assert "- *Columns in another order*: `severity` is at the <b>place</b> of *serverID*. (2 times)" in said
    assert "- 'StructType' is not defined yet." in said
    # The newest event comes first.
    assert said.index("StructType") < said.index("Columns in another order")
    assert re.search(r"not tried, solution seen(?!, not passed)", said)
    chart = form.get("vega_lite_chart")[0].proto
    assert "Declare the schema: passed after 5 min" in chart.alt


def test_a_chart_of_a_single_moment_is_left_out(opened, learner, clock):
    learner.progress.history.attempted(STEP, Feedback("error", "'StructType' is not defined yet."))
    learner.progress.history.attempted(STEP, Feedback("passed", "Right."))
    assert not opened().get("vega_lite_chart")
    work(learner, clock, 1)
    learner.progress.open_hint(STEP)
    assert opened().get("vega_lite_chart")


def test_times_are_those_of_the_browser(opened, learner, clock, monkeypatch):
    learner.progress.history.attempted(STEP, Feedback("passed", "Right."))
    for zone, said in (("Asia/Tokyo", "15 Nov, 07:13"), ("No/Where", "14 Nov, 22:13"), (None, "14 Nov, 22:13")):
        monkeypatch.setattr("streamlit.runtime.context.ContextProxy.timezone", zone)
        assert f"first tried {said}" in words(opened().markdown)


def test_what_the_pdf_cannot_show_is_said(opened, learner, monkeypatch):
    monkeypatch.setattr("lab.handin.retrospective.fonts._machine_characters", frozenset)
    form = opened()
    assert not form.warning
    write(form, learner, "takeaways", "𒀀 " + "".join(map(chr, range(0xE000, 0xE010))))
    assert "The PDF cannot show '𒀀' (U+12000), " in words(form.warning)
    assert "and 9 more: no font here has it." in words(form.warning)


def test_the_preview_shows_the_pages(opened, learner):
    form = opened()
    assert not form.image
    form.toggle(key="retrospective-preview").set_value(True).run()
    assert not form.exception
    assert captions(form) == ["Page 1 of 1"]
    write(form, learner, "takeaways", "a line\n" * 600)
    assert len(captions(form)) == 8
    assert re.search(r"The first 8 of \d+ pages\.", words(form.caption))


def captions(form):
    """Return the captions below the pages of the preview."""
    return [caption for image in form.image for caption in image.captions]
