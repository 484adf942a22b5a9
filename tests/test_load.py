"""A small class at work over the websocket: no error, no mixed-up result, nothing left. How fast it was is not asked."""

from load.person import Habits
from load.report import latencies, write
from load.school import Plan, hold
from load.server import Server
from load.verdict import judge


def test_three_learners_get_their_own_results_and_leave_nothing_behind(tmp_path):
    server = Server(tmp_path / "server")
    # At once all that can be told at once: what the pools of the JVM keep, they keep for a minute.
    try:
        habits = Habits(mistake=0.1, reload=0.1, blink=0.1, leave=0.5)
        plan = Plan(3, laps=1, pace=0, ramp=0, grace=3600, rest=0, habits=habits)
        outcome = hold(plan, server)
    finally:
        server.kill()
    assert outcome.book.troubles == []
    assert [(check.what, check.found) for check in judge(outcome) if not (check.holds or check.rest)] == []
    assert outcome.book.counts["four right results"] == plan.learners
    write(outcome, judge(outcome), tmp_path / "report.md")
    report = (tmp_path / "report.md").read_text()
    assert all(what in report for what, *_ in latencies(outcome))
    assert {path.suffix for path in tmp_path.glob("report-*")} == {".svg"}
