"""The experiments on their pages: first a prediction, then a press, then the scenes."""

import pytest
from paging import learner_of, open_page, press, words, write_text

from lab.bucket import LOG_DATA_LIVE, files_in
from lab.lesson.predictions import PREDICTIONS
from lab.lesson.steps import STEPS


def predict(app, prediction_id, choice, key):
    app.radio(key=f"choice-{prediction_id}").set_value(choice)
    return press(app, key)


@pytest.mark.slow
def test_the_output_modes_are_asked_about_then_compared(app):
    open_page(app, "volume_report")
    assert not app.error
    # Without a choice, nothing runs.
    press(app, "predicted-update-mode")
    assert "Choose or write something first" in words(app.warning)
    predict(app, "update-mode", "one row, the newest", "predicted-update-mode")
    assert not app.exception
    assert "It is not so." in words(app.info)
    assert "Invalid streaming output mode: append" in words(app.code)
    tables = [frame.value for frame in app.dataframe if "avgVolume" in frame.value.columns]
    # Two deliveries in two modes; Spark refused append.
    assert [len(table) for table in tables] == [2, 2, 4, 2]
    assert "More than one row: s1, s2. The old ones stay." in words(app.caption)
    press(app, "compare-modes")
    assert not app.exception


@pytest.mark.slow
def test_the_crash_is_told_scene_by_scene(app):
    open_page(app, "sev0_log")
    press(app, "let-it-die")
    assert not app.exception
    told = words(app.subheader)
    assert "2. The second pair was written, then the query died" in told
    assert "3. Started again" not in told
    assert "it dies here: the batch is written, and not committed" in words(app.caption)
    predict(app, "crash-restart", PREDICTIONS["crash-restart"].right, "predicted-crash-restart")
    told = words(app.subheader)
    assert "3. Started again, from the checkpoint" in told
    assert "4. Started again" not in told
    assert "and that is right" in words(app.success)
    twice = [warning.value for warning in app.warning if "stand there again" in warning.value]
    assert len(twice) == 1
    press(app, "skipped-crash-checkpoint")
    assert "4. Started again, without the checkpoint" in words(app.subheader)
    assert len([warning for warning in app.warning if "stand there again" in warning.value]) == 3
    assert "if you delete one, delete the other, too" in words(app.caption)
    # The learner's own folders are unchanged.
    assert not files_in(learner_of(app).workspace.bucket, LOG_DATA_LIVE)


def test_the_smallest_log_stands_below_a_wrong_answer_and_can_be_delivered(app, monkeypatch):
    monkeypatch.setattr("lab.judge.smallest.SECONDS", 120)
    open_page(app, "read_stream")
    learner = learner_of(app)
    learner.prepare(STEPS["volume-report"])
    learner.run(STEPS["peek"])
    open_page(app, "volume_report")
    step = STEPS["volume-report"]
    write_text(app, f"code-{step.id}", step.code.replace("== 2", "> 0"))
    press(app, f"run-{step.id}")
    assert not app.exception
    assert "The smallest log on which it shows has 1 record:" in words(app.caption)
    assert "s1,1,1" in [code.value for code in app.code]
    press(app, f"deliver-example-{step.id}")
    assert [entry.name for entry in files_in(learner.workspace.bucket, LOG_DATA_LIVE)] == ["example1.csv"]
    press(app, f"deliver-example-{step.id}")
    assert len(files_in(learner.workspace.bucket, LOG_DATA_LIVE)) == 2


@pytest.mark.slow
def test_what_a_query_is_wrong_on_is_delivered_to_it_one_after_the_other(app, monkeypatch):
    monkeypatch.setattr("lab.judge.smallest.SECONDS", 120)
    open_page(app, "volume_report")
    learner, step = learner_of(app), STEPS["volume-query"]
    learner.prepare(step, solutions=True)
    app.run()
    write_text(app, f"code-{step.id}", step.code.replace('"complete"', '"update"'))
    press(app, f"run-{step.id}")
    assert not app.exception
    assert "The smallest log on which it shows has 2 records in 2 deliveries:" in words(app.caption)
    press(app, f"deliver-example-{step.id}")
    assert [entry.name for entry in files_in(learner.workspace.bucket, LOG_DATA_LIVE)] == [
        "example1.csv",
        "example2.csv",
    ]
    run = learner.runs.latest(step)
    assert [[file.name for file in batch.files] for batch in run.batches if batch.files] == [
        ["example1.csv"],
        ["example2.csv"],
    ]
    # This is the table of update mode, as in the example.
    assert {("s1", 1.0), ("s1", 2 / 3)} <= set(run.batches[-1].table.rows)
