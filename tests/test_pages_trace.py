"""Where a number of the stage comes from, without a browser."""

from paging import learner_of, open_page, press, words, write_text

from lab import dataset
from lab.lesson.predictions import PREDICTIONS
from lab.lesson.steps import STEPS
from lab.oracle import sev0_log
from lab.records import Record

WITHOUT_ONE = STEPS["volume-report"].code.replace(" + 1", "")


def streamed(app, page, step_id, report=""):
    """Open a page with the query of a step, and deliver both pairs; `report` replaces the solution of the report."""
    open_page(app, page)
    learner = learner_of(app)
    for prediction in PREDICTIONS:
        learner.progress.predict(prediction, "")
    learner.prepare(STEPS[step_id])
    if report:
        write_text(app, "code-volume-report", report)
        press(app, "run-volume-report")
    learner.run(STEPS[step_id])
    for pair in dataset.PAIRS:
        learner.workspace.deliver(*pair.files)
        assert learner.workspace.wait_until_read()
    app.run()
    assert not app.exception
    return learner


def go_to(app, step_id, moment):
    """Move the time machine as its slider does."""
    run = learner_of(app).runs.latest(STEPS[step_id])
    app.session_state[f"moment-{step_id}"] = run.run_id, moment
    app.run()
    assert not app.exception


def choose(app, server):
    app.button_group(key="trace-servers").set_value(server).run()
    assert not app.exception


def test_a_chosen_server_shows_its_formula_and_its_records_at_any_moment(app):
    streamed(app, "volume_report", "volume-query")
    choose(app, "s1")
    assert "s1 after batch 1: 13 SEV2 records ÷ (10 − 1 + 1) = 1.30" in words(app.markdown)
    assert "Your report says the same." in words(app.caption)
    (records,) = (frame.value for frame in app.dataframe if "what it does" in frame.value)
    assert sum("counts" in role for role in records["what it does"]) == 13
    assert sum("first of the span" in role for role in records["what it does"]) == 1
    assert set(records["file"]) == {"s115.csv", "s1610.csv"}

    go_to(app, "volume-query", "batch 0")
    assert "s1 after batch 0: 6 SEV2 records ÷ (5 − 1 + 1) = 1.20" in words(app.markdown)
    go_to(app, "volume-query", "start")
    assert "SEV2 records ÷" not in words(app.markdown)
    go_to(app, "volume-query", "now")
    assert "s1 after batch 1" in words(app.markdown)

    choose(app, "s2")
    assert "s2 after batch 1" in words(app.markdown)


def test_the_table_of_the_report_marks_the_row_that_was_chosen_elsewhere(app):
    streamed(app, "volume_report", "volume-query")
    choose(app, "s2")
    assert app.session_state["rows-volume"]["selection"]["rows"] == [1]
    choose(app, None)
    assert app.session_state["rows-volume"]["selection"]["rows"] == []


def test_a_report_that_says_something_else_stands_beside_the_definition(app):
    assert STEPS["volume-report"].code != WITHOUT_ONE
    streamed(app, "volume_report", "volume-query", WITHOUT_ONE)
    choose(app, "s1")
    assert "s1 after batch 1: 13 SEV2 records ÷ (10 − 1 + 1) = 1.30" in words(app.markdown)
    assert "Your report says 1.444. By the definition it is 1.30." in words(app.warning)


def test_a_sev0_record_is_followed_into_its_line_of_the_output(app):
    learner = streamed(app, "sev0_log", "sev0-query")
    app.session_state["trace-record"] = True
    app.run()
    first = learner.runs.latest(STEPS["sev0-query"]).batches[0].files
    log = sev0_log([first])
    name, line = next(
        (file.name, line)
        for file in first
        for line, record in file.numbered
        if record == Record(log[1][0], 0, log[1][1])
    )
    app.selectbox(key="trace-file").select(name).run()
    app.number_input(key="trace-line").set_value(line).run()
    assert not app.exception
    assert f"{name}, line {line}: " in words(app.markdown)
    assert "Batch 0 read it. It stands in line 2 of sev0/batch=0/part-" in words(app.markdown)
    go_to(app, "sev0-query", "start")
    assert "Batch 0 read it" not in words(app.markdown)
    assert "It is nowhere in the result." in words(app.markdown)
