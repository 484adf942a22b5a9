"""The pages' experiments, on real queries."""

from collections import Counter

import pytest

from lab import dataset
from lab.bucket import LOG_DATA_LIVE, OUTPUT
from lab.learner.experiments.crash import DIES, saving_of
from lab.lesson.steps import STEPS

SAVE = STEPS["sev0-query"]


def test_the_same_report_in_three_modes_on_the_learners_own_deliveries(learner, run_step, deliver):
    run_step("volume-query")
    deliver("s115.csv")
    deliver("s215.csv")
    learner.experiments.compare_modes()
    compared = learner.experiments.compared
    assert compared.deliveries == (("s115.csv",), ("s215.csv",))
    append, update, complete = compared.runs
    assert [run.mode for run in compared.runs] == ["append", "update", "complete"]
    assert "Invalid streaming output mode: append." in append.refusal
    assert append.tables == ()
    assert [sorted(row[0] for row in table.rows) for table in complete.tables] == [["s1"], ["s1", "s2"]]
    # The row of the first delivery stays, although the second delivery did not change it.
    assert [sorted(row[0] for row in table.rows) for table in update.tables] == [["s1"], ["s1", "s2"]]
    assert len(learner.workspace.active) == 1


def test_in_update_mode_old_rows_stay(learner):
    learner.experiments.compare_modes()
    compared = learner.experiments.compared
    assert compared.deliveries == tuple(pair.files for pair in dataset.PAIRS)
    _, update, complete = compared.runs
    assert Counter(row[0] for row in update.tables[-1].rows) == {"s1": 2, "s2": 2}
    assert Counter(row[0] for row in complete.tables[-1].rows) == {"s1": 1, "s2": 1}
    assert set(complete.tables[-1].rows) <= set(update.tables[-1].rows)
    # The learner's own workspace is unchanged.
    assert learner.workspace.bucket.list(LOG_DATA_LIVE) == []
    assert list(learner.workspace.active) == []


@pytest.mark.slow
def test_a_crash_between_writing_and_committing_is_told_in_four_scenes(learner):
    learner.experiments.let_it_crash()
    own, appending = learner.experiments.crash
    # The learner has no answer yet.
    assert (own.saving.whose, appending.saving.whose) == ("solution", "append")
    counts = {}
    for story in (own, appending):
        first, died, restarted, anew = story.scenes
        assert [scene.point for scene in story.scenes] == ["first", "died", "restarted", "anew"]
        assert (first.offsets, first.commits) == ((0,), (0,))
        assert (died.offsets, died.commits) == ((0, 1), (0,))
        assert DIES in died.failure
        assert (restarted.offsets, restarted.commits) == ((0, 1), (0, 1))
        assert (anew.offsets, anew.commits) == ((0,), (0,))
        assert not any(scene.failure for scene in (first, restarted, anew))
        counts[story.saving.whose] = [scene.output.total for scene in story.scenes]
    one, both = (sum(len(batch) for batch in _log(pairs)) for pairs in (1, 2))
    second = both - one
    # Overwriting makes a repetition harmless. Without the checkpoint, all files are one batch, and the second folder
    # stays.
    assert counts == {
        "solution": [one, both, both, both + second],
        "append": [one, both, both + second, both + second + both],
    }
    assert [scene.surplus for scene in appending.scenes] == [0, 0, second, second + both]
    assert learner.workspace.bucket.list(OUTPUT) == []


@pytest.mark.slow
def test_it_is_the_learners_own_function_that_dies(learner):
    learner.prepare(SAVE)
    learner.progress.write(
        SAVE,
        "from pyspark.sql import functions as F\n"
        "def mine(rows, number):\n"
        '    ordered = rows.orderBy("timestamp", "serverID").coalesce(1)\n'
        '    ordered.write.mode("overwrite").csv(f"{s3_lab9_output_uri}my-{number}")\n'
        "sev0SaveQuery = (\n"
        "    sev0.writeStream.foreachBatch(mine).option('checkpointLocation', s3_lab9_output_uri + 'c').start()\n"
        ")\n",
    )
    learner.submit(SAVE)
    assert learner.progress.answer(SAVE).feedback.outcome == "passed"
    learner.experiments.let_it_crash()
    own, _ = learner.experiments.crash
    assert own.saving.whose == "learner"
    assert "mine(batch, batch_id)" in own.saving.dying
    assert all(file.name.startswith(("my-0/", "my-1/")) for scene in own.scenes for file in scene.output.files)
    assert len(learner.workspace.active) == 1
    learner.start_over()
    assert learner.experiments.crash == ()


def _log(pairs):
    return [
        [record for file in batch for record in file.records if record.severity == 0]
        for batch in dataset.SHIPPED.batches(pairs)
    ]


@pytest.mark.parametrize(
    ("answer", "code", "function"),
    [
        (SAVE.code, "def save_batch", "save_batch"),
        (
            "def f(a, b):\n    a.write.csv('x')\nq = sev0.writeStream.foreachBatch(func=f).start()\nq.processAllAvailable()",
            "def f",
            "f",
        ),
        (
            "sev0SaveQuery = sev0.writeStream.foreachBatch(lambda b, i: b.write.csv('x')).start()",
            "save_batch = lambda b, i:",
            "save_batch",
        ),
        (
            "n = 1\nwriter = sev0.writeStream.foreachBatch(lambda b, i: n)\nsev0SaveQuery = writer.start()",
            "n = 1",
            "save_batch",
        ),
    ],
)
def test_how_an_answer_saves_a_batch(answer, code, function):
    saving = saving_of(answer)
    assert saving.function == function
    assert code in saving.code
    assert "start" not in saving.code


@pytest.mark.parametrize(
    "answer", ["", "sev0.writeStream.format('csv').start()", "x = (", "sev0.writeStream.foreachBatch().start()"]
)
def test_an_answer_without_a_function_saves_no_batch(answer):
    assert saving_of(answer) is None
