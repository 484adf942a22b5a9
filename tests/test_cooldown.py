"""Only the learner whose code made it necessary to end Spark must wait."""

import pytest
from clocks import Clock

from lab.course.classroom import Classroom
from lab.engine.cooldown import COOLDOWN_SECONDS, Cooldown, cooldown_of
from lab.engine.engine import Engine
from lab.engine.failures import Failure
from lab.engine.observe import INTERRUPTED, Observations
from lab.errors import LabError
from lab.lesson.steps import STEPS

ADA = "a" * 32


def test_who_waits_is_told_why_and_for_how_long():
    clock = Clock()
    cooldown = Cooldown(clock)
    cooldown.require_over()
    cooldown.begin("What you ran did not end.")
    assert cooldown.words.startswith("What you ran did not end. So the lab has ended Spark,")
    assert cooldown.words.endswith("again in 5 minutes.")
    clock.now += COOLDOWN_SECONDS - 59
    with pytest.raises(LabError, match=r"again in 1 minute\. What you wrote is kept"):
        cooldown.require_over()
    clock.now += 60
    cooldown.require_over()
    assert cooldown.words == ""


def test_it_is_found_by_the_id_that_tasks_bear_as_long_as_it_is_somebody_s():
    cooldown = Cooldown()
    number = cooldown.id
    assert cooldown_of(number) is cooldown
    del cooldown
    assert cooldown_of(number) is None
    assert cooldown_of("") is None


def test_who_leaves_and_comes_back_goes_on_waiting_and_nothing_of_theirs_is_run():
    room = Classroom(Engine(), Clock())
    try:
        first, other = room.enter(ADA), room.enter("b" * 32)
        first.workspace.cooldown.begin("What you ran did not end.")
        first.close()
        back = room.enter(ADA)
        assert back is not first
        # No Spark is started for this run, either.
        run = back.run(STEPS["schema"])
        assert run.failure.sentence.startswith("What you ran did not end.")
        for action in (lambda: back.run_scratch("1"), back.restore, lambda: back.submit(STEPS["schema"])):
            with pytest.raises(LabError, match="did not end"):
                action()
        assert other.workspace.cooldown.words == ""
        assert room.engine.readiness.down
    finally:
        room.close()


def test_a_query_that_the_lab_stops_ends_for_the_lab_s_reason_however_it_ends():
    seen, why = Observations(), Failure("A batch took too long.", "")
    for run_id in ("one", "two", "three"):
        seen.started(run_id, run_id, run_id)
    seen.condemn("one", why)
    seen.condemn("two", why)
    seen.ended("one", Failure("Spark says: job cancelled", ""))
    seen.interrupt()
    assert [run.failure for run in seen.runs] == [why, why, INTERRUPTED]
