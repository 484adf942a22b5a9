"""Files in the live folder when a query is about to start: the question, and the effect of each answer."""

import pytest
from paging import learner_of, open_page, press, words, write_text

from lab import dataset
from lab.bucket import LOG_DATA_LIVE, OUTPUT
from lab.lesson.predictions import PREDICTIONS
from lab.lesson.results import GROUPS
from lab.lesson.steps import STEPS
from lab.ui.beginning import ANEW

LOG = STEPS["sev0-query"]


@pytest.fixture
def learner(app):
    """A learner on the page SEV0 log: everything before the query is done, and the first pair is in the live folder."""
    open_page(app, "sev0_log")
    learner = learner_of(app)
    for prediction in PREDICTIONS:
        learner.progress.predict(prediction, "")
    learner.prepare(LOG)
    learner.deliver(dataset.FIRST.files)
    write_text(app, f"code-{LOG.id}", LOG.code)
    return learner


def live(learner):
    return [entry.name for entry in learner.workspace.bucket.list(LOG_DATA_LIVE)]


def batches(learner):
    return [[file.name for file in batch.files] for batch in learner.runs.latest(LOG).batches]


def test_the_query_starts_only_when_the_question_is_answered(app, learner):
    press(app, f"run-{LOG.id}")
    assert "LogDataLive already has 2 files: s115.csv, s215.csv." in words(app.warning)
    assert learner.runs.latest(LOG) is None
    press(app, f"begin-not-{LOG.id}")
    assert "already has 2 files: s115.csv" not in words(app.warning)
    assert learner.runs.latest(LOG) is None
    assert live(learner) == sorted(dataset.FIRST.files)


@pytest.mark.slow
def test_files_that_were_taken_away_meanwhile_are_not_asked_about_any_more(app, learner):
    press(app, f"run-{LOG.id}")
    press(app, "empty-live")
    assert "already has 2 files: s115.csv" not in words(app.warning)
    assert learner.runs.latest(LOG) is None
    press(app, f"run-{LOG.id}")
    assert learner.runs.is_running(LOG)


@pytest.mark.slow
def test_emptied_the_result_grows_delivery_by_delivery(app, learner):
    press(app, f"run-{LOG.id}")
    press(app, f"begin-empty-{LOG.id}")
    assert learner.progress.answer(LOG).feedback.has_passed
    assert live(learner) == []
    for pair in dataset.PAIRS:
        learner.deliver(pair.files)
    assert [sorted(files) for files in batches(learner)] == [sorted(pair.files) for pair in dataset.PAIRS]


@pytest.mark.slow
def test_what_is_there_is_read_and_the_corrected_cell_does_not_ask_again(app, learner):
    report = STEPS["volume-query"]
    app.switch_page("pages/volume_report.py").run()
    learner.prepare(report)
    write_text(app, f"code-{report.id}", report.code.replace("complete", "update"))
    press(app, f"run-{report.id}")
    press(app, f"begin-read-{report.id}")
    assert not learner.progress.answer(report).feedback.has_passed
    write_text(app, f"code-{report.id}", report.code)
    press(app, f"run-{report.id}")
    assert learner.progress.answer(report).feedback.has_passed
    assert sorted(file.name for file in learner.runs.latest(report).files) == sorted(dataset.FIRST.files)


@pytest.mark.slow
def test_all_in_one_batch_is_mended_on_the_page(app, learner):
    """Working from top to bottom, all four files are already there, but result 3 needs two batches."""
    learner.deliver(dataset.SECOND.files)
    press(app, f"run-{LOG.id}")
    press(app, f"begin-read-{LOG.id}")
    assert len(batches(learner)) == 1
    press(app, f"anew-{LOG.id}")
    press(app, f"begin-empty-{LOG.id}")
    for pair in dataset.PAIRS:
        learner.deliver(pair.files)
    app.run()
    assert [sorted(files) for files in batches(learner)] == [sorted(pair.files) for pair in dataset.PAIRS]
    third = next(group for group in GROUPS if group.step_id == LOG.id)
    learner.progress.write_result(third.id, "s2 3")
    learner.progress.check_result(third.id)
    assert learner.result_feedback(third).outcome != "not attempted"


@pytest.mark.slow
def test_another_checkpoint_in_the_output_folder_is_never_taken_away(app, learner):
    press(app, f"run-{LOG.id}")
    press(app, f"begin-empty-{LOG.id}")
    other = 'sev0.writeStream.queryName("other").format("csv").option("path", s3_lab9_output_uri + "other")'
    learner.run_scratch(f'{other}.option("checkpointLocation", s3_lab9_output_uri + "otherCheckpoint").start()')
    press(app, f"anew-{LOG.id}")
    assert "Another query is running that keeps its checkpoint in Lab9Output." in words(app.error)
    assert learner.workspace.bucket.list(OUTPUT)


def test_what_becomes_of_files_that_lie_there_is_predicted_first(app, learner):
    del learner.progress._predictions["late-start"]
    press(app, f"run-{LOG.id}")
    assert "already has 2 files" not in words(app.warning)
    app.radio(key="choice-late-start").set_value("read each in a batch of its own").run()
    press(app, "predicted-late-start")
    assert "It is not so. The first batch reads all files" in words(app.info)
    assert "LogDataLive already has 2 files" in words(app.warning)
    press(app, f"begin-read-{LOG.id}")
    assert [sorted(files) for files in batches(learner)] == [sorted(dataset.FIRST.files)]


def test_a_cell_with_a_blank_is_told_so_first(app, learner):
    write_text(app, f"code-{LOG.id}", LOG.starter)
    press(app, f"run-{LOG.id}")
    assert "already has 2 files" not in words(app.warning)
    assert learner.progress.answer(LOG).feedback.outcome == "not attempted"


@pytest.mark.slow
def test_a_query_that_goes_on_from_its_checkpoint_is_not_asked_about(app, learner):
    press(app, f"run-{LOG.id}")
    press(app, f"begin-empty-{LOG.id}")
    learner.deliver(dataset.FIRST.files)
    press(app, f"stop-{LOG.id}")
    press(app, f"run-{LOG.id}")
    assert learner.runs.is_running(LOG)
    assert len(batches(learner)) == 1
    assert any(button.label == ANEW for button in app.button)
