"""Every page and its actions, without a browser."""

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from paging import fields, learner_of, open_page, picture, press, words, write_text

from lab import dataset
from lab.bucket import LOG_DATA, LOG_DATA_LIVE
from lab.engine.readiness import Phase, Readiness
from lab.errors import LabError
from lab.lesson.mistakes import MISTAKES
from lab.lesson.predictions import PREDICTIONS
from lab.lesson.results import GROUPS
from lab.lesson.steps import STEPS
from lab.lesson.warm_up import lesson_engine
from lab.settings import STORE
from lab.ui.parts import parts
from lab.ui.shell import HEADING, PAGES


def write(app, step_id, text):
    """Write an answer, and run and check it."""
    write_text(app, f"code-{step_id}", text)
    return press(app, f"run-{step_id}")


def solve(app, *step_ids):
    """Go to each step's page, and write the solution."""
    for step_id in step_ids:
        app.switch_page(f"pages/{HOME[step_id]}.py").run()
        write(app, step_id, STEPS[step_id].code)
    return app


def ready(app, page, step_id):
    """Open a page, run everything that a step needs, and then the step, all with the solutions."""
    open_page(app, page)
    learner = learner_of(app)
    for prediction in PREDICTIONS:
        learner.progress.predict(prediction, "")
    learner.prepare(STEPS[step_id])
    learner.run(STEPS[step_id])
    app.run()
    return learner


HOME = {
    "schema": "schema",
    "read-stream": "read_stream",
    "volume-report": "volume_report",
    "volume-query": "volume_report",
    "volume-show": "volume_report",
    "sev0": "sev0_log",
    "sev0-query": "sev0_log",
    "stop": "sev0_log",
}


def metrics(app):
    """Return the five numbers of the stage."""
    return picture(app)["facts"]


@pytest.mark.parametrize(("name", "title", "_"), PAGES, ids=[name for name, _, _ in PAGES])
def test_every_page_opens_at_once_and_says_that_spark_is_ready(app, name, title, _):
    open_page(app, name)
    assert app.title[0].value == (HEADING if name == "start" else title)
    assert "Spark is ready" in words(app.caption)
    assert not app.error


def test_the_start_page_shows_the_four_files(app):
    open_page(app, "start")
    assert [tab.label for tab in app.tabs] == list(dataset.FILES)
    assert dataset.SHIPPED.content("s115.csv").decode().strip() in [code.value.strip() for code in app.code]


@pytest.mark.parametrize("step_id", STEPS)
def test_every_step_has_its_cell_on_one_page(app, step_id):
    homes = []
    for name, _, _ in PAGES:
        open_page(app, name)
        if f"code-{step_id}" in fields(app):
            homes.append(name)
            assert fields(app)[f"code-{step_id}"] == STEPS[step_id].starter
        elif not STEPS[step_id].is_exercise and STEPS[step_id].code in [code.value for code in app.code]:
            homes.append(name)
    assert homes == [HOME[step_id]] if step_id in HOME else len(homes) == 1


def test_wrong_schemas_side_by_side(app):
    open_page(app, "schema")
    write(app, "schema", STEPS["schema"].code)
    for step_id in ("right", "order", "header", "clock"):
        press(app, f"run-schema-{step_id}")
    app.radio(key="choice-header").set_value("one row too few").run()
    press(app, "predicted-header")
    assert "that is right. Spark takes the first record" in words(app.success)
    captions = words(app.caption)
    assert "11 rows. Null: none." in captions
    assert "10 rows. Null: none." in captions
    assert captions.count("11 rows. Null: `timestamp` 11.") == 2


def test_a_deep_link_is_prepared_with_one_click(app):
    open_page(app, "volume_report")
    assert "builds on 2 earlier steps" in words(app.markdown)
    assert "it will then count as shown" in words(app.markdown)
    press(app, "prepare")
    assert "earlier step" not in words(app.markdown)
    learner = learner_of(app)
    assert learner.runs.has_run(STEPS["read-stream"])
    assert learner.progress.answer(STEPS["schema"]).shown
    # The text in the cell is still the learner's.
    assert learner.progress.answer(STEPS["schema"]).text == STEPS["schema"].starter


def test_a_cell_says_which_earlier_step_is_missing(app):
    open_page(app, "volume_report")
    write(app, "volume-query", STEPS["volume-query"].code)
    assert (
        'This cell builds on "Declare the schema", "Open the stream", "Define the report", which are not done yet.'
        in words(app.error)
    )
    assert learner_of(app).progress.answer(STEPS["volume-query"]).text == STEPS["volume-query"].code


def test_what_was_passed_before_runs_by_itself_when_it_is_needed(app):
    open_page(app, "schema")
    solve(app, "schema", "read-stream", "volume-report")
    learner_of(app).start_over()
    write(app, "volume-query", STEPS["volume-query"].code)
    assert "Right: it runs" in words(app.success)
    assert not learner_of(app).progress.answer(STEPS["schema"]).shown


def test_a_pair_is_delivered_and_the_report_follows(app):
    learner = ready(app, "volume_report", "volume-query")
    assert metrics(app)["Query"] == "running"
    press(app, "deliver-first")
    assert app.button(key="deliver-first").disabled
    assert learner.workspace.wait_until_read()
    app.run()
    assert metrics(app) == {"Files waiting": "0", "Query": "running", "Batch": "0", "Rows in": "21", "Result rows": "2"}
    assert "1.25" in str([frame.value.to_dict() for frame in app.dataframe])
    press(app, "stop-volume-query")
    assert metrics(app)["Query"] == "stopped"


def test_the_stage_goes_back_to_any_moment_of_a_run_and_another_run_begins_with_what_is_now(app):
    learner = ready(app, "volume_report", "volume-query")
    press(app, "deliver-first")
    assert [moment["title"] for moment in picture(app)["moments"]] == [
        "Before the first batch",
        "Delivered s115.csv and s215.csv",
        "Now: batch 0",
    ]
    run_id = learner.runs.latest(STEPS["volume-query"]).run_id
    app.session_state["moment-volume-query"] = run_id, "start"
    app.run()
    shown = picture(app)
    assert (shown["at"], shown["places"][1]["chips"], shown["facts"]["Result rows"]) == (0, [], "–")
    assert "You see an earlier moment" in words(app.caption)
    assert "deliver-second" not in [button.key for button in app.button]
    assert "1.25" not in str([frame.value.to_dict() for frame in app.dataframe])
    # The same holds when the query has been stopped.
    press(app, "stop-volume-query")
    assert picture(app)["at"] == 0
    learner.run(STEPS["volume-query"])
    app.run()
    shown = picture(app)
    assert shown["moments"][shown["at"]]["key"] == "now"


def test_under_the_hood_is_what_the_checkpoint_holds_and_what_each_phase_cost(app):
    ready(app, "volume_report", "volume-query")
    press(app, "deliver-first")
    assert '"logOffset": 0' not in words(app.code)
    app.session_state["hood"] = True
    app.run()
    assert '"logOffset": 0' in words(app.code)
    assert "s115.csv" in words(app.code)
    assert "2 rows, one for each group; this batch has changed 2." in words(app.caption)
    assert "Spark lists LogDataLive" in str(app.table[0].value)


def test_a_second_press_of_deliver_changes_nothing(app):
    open_page(app, "volume_report")
    button = app.button(key="deliver-first")
    press(app, "deliver-first")
    button.click()
    app.run()
    assert not app.exception
    assert not app.error
    assert len(learner_of(app).workspace.bucket.list(LOG_DATA_LIVE)) == 2


def test_delivering_before_anything_runs_waits_in_the_folder(app):
    open_page(app, "volume_report")
    press(app, "deliver-second")
    assert metrics(app)["Files waiting"] == "2"
    assert metrics(app)["Query"] == "not started"


def test_a_single_file_is_delivered_once(app):
    open_page(app, "volume_report")
    app.selectbox(key="single-file").select("s2610.csv").run()
    press(app, "deliver-single")
    press(app, "deliver-single")
    assert "s2610.csv is already in LogDataLive" in words(app.error)
    assert app.button(key="deliver-second").label == "Deliver s1610.csv"
    press(app, "empty-live")
    assert app.button(key="deliver-second").label == "Deliver s1610.csv and s2610.csv"


def test_a_bad_file_in_log_data_is_refused_with_its_line(app):
    open_page(app, "volume_report")
    learner_of(app).workspace.bucket.write(LOG_DATA + "bad.csv", b"s1,2,1\ns1,8,2\n")
    app.run()
    app.selectbox(key="single-file").select("bad.csv").run()
    assert "bad.csv, line 2: '8' is not a severity" in words(app.warning)
    press(app, "deliver-single")
    assert "bad.csv, line 2: '8' is not a severity, expected 0, 1 or 2. Nothing was delivered." in words(app.error)


def test_what_stands_in_a_file_is_shown_and_never_becomes_markdown(app):
    open_page(app, "volume_report")
    learner_of(app).workspace.bucket.write(
        LOG_DATA_LIVE + "odd.csv", b"![x](http://example.org/x.png)\n# $a$ :red[b]\n"
    )
    app.run()
    assert "\\!\\[x\\]\\(http\\://example.org/x.png\\)" in app.warning[0].value
    assert "\\# \\$a\\$ \\:red\\[b\\]" in app.warning[0].value


def test_a_file_of_ones_own_goes_into_log_data_and_is_the_next_to_be_delivered(app):
    open_page(app, "volume_report")
    app.selectbox(key="single-file").select("s2610.csv").run()
    app.file_uploader(key="upload").upload("mine.csv", b"s3,2,1\n", "text/csv").run()
    press(app, "put")
    assert app.selectbox(key="single-file").value == "mine.csv"
    press(app, "deliver-single")
    assert [entry.name for entry in learner_of(app).workspace.bucket.list(LOG_DATA_LIVE)] == ["mine.csv"]
    press(app, "take-back")
    assert app.selectbox(key="single-file").value in dataset.FILES
    assert not app.exception


def test_a_bad_file_that_appears_by_itself_is_shown_with_its_lines(app):
    learner = ready(app, "volume_report", "volume-query")
    learner.workspace.bucket.write(LOG_DATA_LIVE + "odd.csv", b"s1,2,1\nrubbish\n")
    assert learner.workspace.wait_until_read()
    app.run()
    assert "odd.csv came into LogDataLive without a delivery" in words(app.warning)
    assert "odd.csv, line 2: 'rubbish' has 1 value, expected 3" in words(app.warning)
    assert metrics(app)["Query"] == "running"


def test_sorting_is_refused_with_the_real_message_folded(app):
    ready(app, "sev0_log", "read-stream")
    press(app, "run-sev0-sorted")
    assert "Line 2: Spark refuses to sort this stream" in words(app.info)
    assert "Sorting is not supported on streaming DataFrames" in words(app.code)
    assert not app.error


@pytest.mark.slow
def test_the_log_grows_and_its_newest_rows_are_marked(app):
    learner = ready(app, "sev0_log", "sev0-query")
    for pair in dataset.PAIRS:
        press(app, f"deliver-{pair.name}")
        assert learner.workspace.wait_until_read()
    app.run()
    log = next(frame.value for frame in app.dataframe if "serverID" in frame.value and len(frame.value.columns) == 4)
    assert list(log["timestamp"]) == [1, 3, 3, 5, 5, 7, 7, 9, 9]
    assert [bool(mark) for mark in log["newest"]] == [False] * 5 + [True] * 4
    assert "`sev0/batch=1/part-" in words(app.caption)
    write(app, "stop", STEPS["stop"].code)
    assert "queries running: 0" in words(app.code)
    assert metrics(app)["Query"] == "stopped"


def test_the_stop_cell_stops_the_queries_of_every_page(app):
    learner = ready(app, "read_stream", "read-stream")
    press(app, "run-peek")
    learner.prepare(STEPS["sev0-query"])
    learner.run(STEPS["sev0-query"])
    assert len(learner.workspace.active) == 2
    app.switch_page("pages/sev0_log.py").run()
    write(app, "stop", STEPS["stop"].code)
    assert learner.workspace.active == ()
    assert "no query is active any more" in words(app.success)


ANSWERS = {
    "volume-first": "s1 1.2\ns2 1.25",
    "volume-second": "s1 1.3\ns2 1.5",
    "log-first": "s1 1\ns1 3\ns2 3\ns1 5\ns2 5",
    "log-second": "s1 1\ns1 3\ns2 3\ns1 5\ns2 5\ns1 7\ns2 7\ns1 9\ns2 9",
}


def answer(app, group_id, text):
    write_text(app, f"answer-{group_id}", text)
    press(app, f"check-{group_id}")


def test_results_are_right_only_when_all_four_are(app, classroom):
    open_page(app, "results")
    answer(app, "volume-first", ANSWERS["volume-first"])
    assert "has not read s115.csv, s215.csv yet" in words(app.info)

    learner = learner_of(app)
    for step_id in ("volume-query", "sev0-query"):
        learner.prepare(STEPS[step_id])
        learner.run(STEPS[step_id])
    for pair in dataset.PAIRS:
        learner.workspace.deliver(*pair.files)
        assert learner.workspace.wait_until_read()
    for number, group in enumerate(GROUPS, start=1):
        answer(app, group.id, ANSWERS[group.id])
        assert len(app.success) == (number if number < len(GROUPS) else number + 1)
    assert "All four results are right" in words(app.success)

    answer(app, "volume-second", "s1 1.3\ns2 1.2")
    assert "one span for all servers" in words(app.error)
    assert "All four" not in words(app.success)


def test_what_is_missing_for_the_results_is_run_with_one_click(app):
    open_page(app, "results")
    press(app, "run-everything")
    assert "Run what is missing" not in [button.label for button in app.button]
    for group in GROUPS:
        answer(app, group.id, ANSWERS[group.id])
    assert "All four results are right" in words(app.success)


@pytest.mark.slow
@pytest.mark.parametrize(
    "rows", [b"s1,0,1764000000\ns1,2,2147483647\n", b"".join(b"s%d,0,1\n" % n for n in range(3000))]
)
def test_far_timestamps_and_many_servers_are_drawn_in_bounds(app, rows):
    learner = ready(app, "sev0_log", "sev0-query")
    learner.workspace.bucket.write(LOG_DATA + "far.csv", rows)
    learner.prepare(STEPS["volume-show"])
    learner.deliver(("far.csv",))
    assert learner.workspace.wait_until_read()
    for page in ("volume_report", "sev0_log"):
        app.switch_page(f"pages/{page}.py").run()
        assert not app.exception
        assert metrics(app)["Batch"] == "0"


def test_answers_survive_a_change_of_page_also_before_they_are_checked(app):
    open_page(app, "results")
    write_text(app, "answer-log-first", "s1 1")
    app.switch_page("pages/start.py").run()
    app.switch_page("pages/results.py").run()
    assert fields(app)["answer-log-first"] == "s1 1"


def test_a_file_of_ones_own_is_taken_back(app):
    open_page(app, "volume_report")
    bucket = learner_of(app).workspace.bucket
    bucket.write(LOG_DATA + "mine.csv", b"s3,2,1\n")
    bucket.write(LOG_DATA + "s115.csv", b"s3,2,1\n")
    for name in ("mine.csv", "s115.csv"):
        app.run()
        app.selectbox(key="single-file").select(name).run()
        press(app, "take-back")
    assert [entry.name for entry in bucket.list(LOG_DATA)] == sorted(dataset.FILES)
    assert bucket.read(LOG_DATA + "s115.csv") == dataset.SHIPPED.content("s115.csv")


def test_what_would_be_refused_by_its_name_is_said_before(app):
    open_page(app, "volume_report")
    learner_of(app).workspace.bucket.write(LOG_DATA + "_mine.csv", b"s3,2,1\n")
    app.run()
    app.selectbox(key="single-file").select("_mine.csv").run()
    assert "Spark ignores '_mine.csv'" in words(app.warning)


def test_files_that_lie_there_before_the_start_are_pointed_out(app):
    open_page(app, "volume_report")
    press(app, "deliver-first")
    assert "LogDataLive already has 2 files" in words(app.info)
    ready(app, "volume_report", "volume-query")
    assert "already has 2 files" not in words(app.info)
    write(app, "volume-show", STEPS["volume-show"].code)
    assert "|      s2|     1.25|" in words(app.code)


@pytest.mark.slow
def test_a_table_that_a_cell_has_printed_is_said_to_be_old_once_a_batch_has_changed_it(app):
    ready(app, "volume_report", "volume-query")
    write(app, "volume-show", STEPS["volume-show"].code)
    assert "run the cell again to see it now" not in words(app.caption)
    press(app, "deliver-first")
    assert "This is `volume_report` as it was when the cell ran. Batch 0 has changed the table since" in words(
        app.caption
    )
    press(app, "run-volume-show")
    assert "run the cell again to see it now" not in words(app.caption)


@pytest.mark.slow
def test_a_name_that_is_delivered_again_is_pointed_out(app):
    ready(app, "volume_report", "volume-query")
    press(app, "deliver-first")
    assert "never reads a name twice" not in words(app.info)
    press(app, "empty-live")
    press(app, "deliver-first")
    assert "The query has read s115.csv, s215.csv before, and never reads a name twice" in words(app.info)
    write_text(app, "code-volume-query", STEPS["volume-query"].code)
    press(app, "restart-volume-query")
    assert "never reads a name twice" not in words(app.info)
    assert metrics(app)["Rows in"] == "21"


@pytest.mark.slow
def test_a_long_log_is_shown_in_bounds(app):
    learner = ready(app, "sev0_log", "sev0-query")
    learner.workspace.bucket.write(LOG_DATA + "long.csv", b"".join(b"s1,0,%d\n" % n for n in range(1, 70_000)))
    learner.deliver(("long.csv",))
    assert learner.workspace.wait_until_read()
    app.run()
    assert not app.exception
    assert metrics(app)["Result rows"] == "69999"
    assert "The last 300 of 69999 rows." in words(app.caption)
    assert "… and 69969 more lines" in words(app.code)


def test_another_tab_is_followed(app):
    open_page(app, "schema")
    learner = learner_of(app)
    version = learner.version
    learner.progress.write(STEPS["schema"], "written elsewhere")
    learner.progress.write_result(GROUPS[2].id, "s1 1")
    assert learner.version == version + 2
    app.run()
    assert fields(app)["code-schema"] == "written elsewhere"
    app.switch_page("pages/results.py").run()
    learner.progress.write_result(GROUPS[2].id, "s1 3")
    app.run()
    assert fields(app)["answer-log-first"] == "s1 3"


def test_starting_over_empties_everything_and_begins_at_the_start(app):
    learner = ready(app, "volume_report", "volume-query")
    press(app, "deliver-first")
    write_text(app, "code-volume-query", "mine")
    press(app, "start-over")
    assert learner.progress.answer(STEPS["volume-query"]).text == "mine"
    assert learner.workspace.active == ()
    assert learner.workspace.bucket.list(LOG_DATA_LIVE) == []
    assert not learner.runs.has_run(STEPS["schema"])
    assert app.title[0].value == HEADING


@pytest.mark.parametrize(
    ("readiness", "shown"),
    [
        (
            Readiness(Phase.FAILED, 0, LabError("The disk is full.", "Free some space.")),
            "The disk is full. Free some space.",
        ),
        (Readiness(Phase.DIED, 0), "Spark has stopped unexpectedly. Your deliveries, outputs and answers are kept."),
    ],
)
def test_without_spark_the_page_says_so_and_offers_to_bring_it_back(app, monkeypatch, readiness, shown):
    app.run()
    monkeypatch.setattr(parts().classroom.engine, "_readiness", readiness)
    app.run()
    assert shown in words(app.error)
    assert app.button(key="bring-back")


def test_who_made_it_necessary_to_end_spark_is_told_why_they_wait_and_others_that_it_was_started_again(
    app, monkeypatch
):
    app.run()
    learner = learner_of(app)
    learner.run(STEPS["schema"])
    learner.workspace.abandon(learner.workspace.session)
    monkeypatch.setattr(
        parts().classroom.engine, "_readiness", Readiness(Phase.READY, 0, before="Spark was started again.")
    )
    app.run()
    assert words(app.warning) == "Spark was started again. Your earlier steps have not run again yet."
    learner.workspace.cooldown.begin("What you ran went on.")
    app.run()
    assert "What you ran went on. So the lab has ended Spark" in words(app.warning)
    app.button(key="bring-back").click().run()
    assert "You can run something again in" in words(app.error)
    assert learner.interrupted
    learner.workspace.cooldown.begin("", 0)


def test_while_spark_starts_the_page_can_be_read(app, monkeypatch):
    app.run()
    monkeypatch.setattr(parts().classroom.engine, "_readiness", Readiness(Phase.SPARK, 0))
    app.run()
    assert app.title[0].value == HEADING
    assert "Spark is ready" not in words(app.caption)
    assert len(app.tabs) == 4


def test_no_room_for_a_workspace_is_a_sentence(app, monkeypatch):
    app.run()

    def full(*_):
        raise LabError("The disk of /tmp is full.", "Free some space, then try again.")

    with monkeypatch.context() as patch:
        patch.setattr("lab.ui.session._seat", full)
        app.run()
        assert "The disk of /tmp is full" in words(app.error)
        assert not app.exception


# --- exercises


def test_an_untouched_starter_is_not_attempted(app):
    open_page(app, "schema")
    press(app, "run-schema")
    assert "Line 3: Replace ?? with your code" in words(app.info)
    assert not app.error
    assert learner_of(app).runs.last(STEPS["schema"]) is None


def test_a_wrong_answer_is_explained_and_a_right_one_praised(app):
    open_page(app, "schema")
    write(app, "schema", 'logSchema = "serverID STRING, timestamp INT, severity INT"')
    assert "CSV goes by position" in words(app.error)
    assert "not right yet" in words(app.markdown)
    write(app, "schema", STEPS["schema"].code)
    assert not app.error
    assert "Right: three columns" in words(app.success)
    assert learner_of(app).progress.answer(STEPS["schema"]).how == "solved"


def test_an_error_has_its_line_and_sparks_words_folded(app):
    ready(app, "read_stream", "schema")
    write(app, "read-stream", "stream = 1\nstreamingLogData = spark.readStream.csv(s3_log_data_live_uri)")
    assert "Line 2: A stream needs its schema declared" in words(app.warning)
    assert "Schema must be specified when creating a streaming source DataFrame" in words(app.code)


def test_hints_come_one_by_one_and_then_the_solution_which_can_be_taken(app):
    open_page(app, "schema")
    learner, step = learner_of(app), STEPS["schema"]
    write_text(app, "code-schema", "logSchema = mine")
    for number, hint in enumerate(step.hints, start=1):
        assert hint not in words(app.markdown)
        press(app, "hint-schema")
        assert hint in " ".join(element.value for element in app.markdown)
        assert learner.progress.answer(step).hints == number
    assert step.code not in [code.value for code in app.code]
    press(app, "solution-schema")
    assert step.code in [code.value for code in app.code]
    press(app, "take-schema")
    assert fields(app)["code-schema"] == step.code
    assert [version.text for version in learner.texts.versions("code-schema")] == ["logSchema = mine"]
    press(app, "run-schema")
    assert learner.progress.answer(step).how == "shown"
    app.switch_page("pages/results.py").run()
    table = next(frame.value for frame in app.dataframe if "how" in frame.value)
    assert table["how"].iloc[0] == "done after seeing the solution"
    assert table["how"].iloc[-1] == "not done"


def test_a_step_that_was_passed_with_a_hint_counts_as_helped_for_good(app):
    open_page(app, "schema")
    press(app, "hint-schema")
    write(app, "schema", STEPS["schema"].code)
    press(app, "solution-schema")
    press(app, "run-schema")
    assert learner_of(app).progress.answer(STEPS["schema"]).how == "helped"


def test_reset_brings_the_starter_back_and_keeps_the_code_as_an_earlier_version(app):
    open_page(app, "schema")
    write_text(app, "code-schema", "mine")
    press(app, "reset-schema")
    assert fields(app)["code-schema"] == STEPS["schema"].starter
    assert [version.text for version in learner_of(app).texts.versions("code-schema")] == ["mine"]
    assert "under Earlier versions" in words(app.toast)


def test_a_draft_survives_a_change_of_page_and_a_new_session(app, classroom):
    open_page(app, "schema")
    write_text(app, "code-schema", "half of it")
    app.switch_page("pages/start.py").run()
    app.switch_page("pages/schema.py").run()
    assert fields(app)["code-schema"] == "half of it"


@pytest.mark.slow
def test_running_a_changed_query_again_says_that_the_old_one_is_in_the_way_and_offers_to_stop_it(app):
    learner = ready(app, "volume_report", "volume-report")
    write(app, "volume-query", STEPS["volume-query"].code)
    assert "Right: it runs" in words(app.success)
    write(app, "volume-query", f"{STEPS['volume-query'].code}\n")
    assert "A query with this name is already running" in words(app.warning)
    press(app, "replace-volume-query")
    assert "Right: it runs" in words(app.success)
    assert len(learner.workspace.active) == 1


def test_pressing_run_twice_changes_nothing(app):
    learner = ready(app, "volume_report", "volume-report")
    write(app, "volume-query", STEPS["volume-query"].code)
    press(app, "run-volume-query")
    assert "Right: it runs" in words(app.success)
    assert not app.warning
    assert len(learner.runs.of_query(STEPS["volume-query"])) == 1


@pytest.mark.slow
def test_a_query_under_another_name_is_followed_and_shown(app):
    learner = ready(app, "volume_report", "volume-report")
    write(app, "volume-query", STEPS["volume-query"].code.replace('"volume_report"', '"mine"'))
    assert "Right: it runs" in words(app.success)
    learner.deliver(dataset.FIRST.files)
    write(app, "volume-show", 'spark.sql("SELECT * FROM mine").show()')
    assert "Right: it shows the query's table" in words(app.success)
    assert metrics(app)["Rows in"] == "21"


def test_a_prediction_is_asked_before_and_compared_after(app):
    open_page(app, "volume_report")
    learner = learner_of(app)
    learner.prepare(STEPS["volume-show"])
    app.run()
    press(app, "deliver-first")
    press(app, "predicted-first-pair")
    assert "Choose or write something first" in words(app.warning)
    assert learner.workspace.bucket.list(LOG_DATA_LIVE) == []
    app.number_input(key="number-first-pair").set_value(1.5).run()
    press(app, "predicted-first-pair")
    assert len(learner.workspace.bucket.list(LOG_DATA_LIVE)) == 2
    assert "You said 1.5; it is 1.2. s1 has 6 SEV2 records in 5 time units (t1 to t5): 6 ÷ 5 = 1.2." in words(app.info)
    press(app, "deliver-second")
    press(app, "skipped-second-pair")
    assert len(learner.workspace.bucket.list(LOG_DATA_LIVE)) == 4
    assert words(app.info).count("You said") == 1


def test_what_happens_with_a_sorted_stream_is_predicted(app):
    ready(app, "read_stream", "read-stream")
    learner = learner_of(app)
    learner.progress._predictions.clear()
    app.switch_page("pages/sev0_log.py").run()
    press(app, "run-sev0-sorted")
    assert learner.runs.last(STEPS["sev0-sorted"]) is None
    app.radio(key="choice-sorted-stream").set_value("sort the rows of each batch").run()
    press(app, "predicted-sorted-stream")
    assert "You said “sort the rows of each batch”. It is not so. Spark refuses before it reads a row" in words(
        app.info
    )
    assert "Spark refuses to sort this stream" in words(app.info)


def test_the_table_before_the_first_batch_is_predicted_and_why_is_kept(app):
    learner = ready(app, "volume_report", "volume-query")
    learner.progress._predictions.clear()
    write(app, "volume-show", STEPS["volume-show"].code)
    assert learner.runs.last(STEPS["volume-show"]) is None
    press(app, "predicted-empty-table")
    assert "Choose or write something first" in words(app.warning)
    app.radio(key="choice-empty-table").set_value("no rows").run()
    press(app, "predicted-empty-table")
    assert "You said “no rows”, and that is right." in words(app.success)
    assert learner.runs.last(STEPS["volume-show"]).text
    write_text(app, "why-empty-table", "No batch has written to it yet.")
    app.switch_page("pages/hand_in.py").run()
    assert "The table before the first batch: right. You wrote: “No batch has written to it yet.”" in words(
        app.markdown
    )


def test_what_becomes_of_the_table_is_predicted_before_all_is_stopped(app):
    learner = ready(app, "sev0_log", "volume-query")
    learner.progress._predictions.clear()
    write(app, "stop", STEPS["stop"].code)
    assert learner.workspace.active
    app.radio(key="choice-after-stop").set_value("it is gone with its query").run()
    press(app, "predicted-after-stop")
    assert learner.workspace.active == ()
    assert "It is not so. The table stays as the last batch left it" in words(app.info)


@pytest.mark.slow
def test_a_table_that_has_rows_is_no_surprise(app):
    learner = ready(app, "volume_report", "volume-query")
    learner.deliver(dataset.FIRST.files)
    learner.progress._predictions.clear()
    write(app, "volume-show", STEPS["volume-show"].code)
    assert "|      s2|     1.25|" in words(app.code)


def test_what_is_wrong_now_comes_before_what_was_right_once(app):
    open_page(app, "schema")
    write(app, "schema", STEPS["schema"].code)
    assert "solved" in words(app.markdown)
    write(app, "schema", "logSchema = 3")
    shown = words(app.markdown)
    assert "not right yet" in shown
    assert "solved before" in shown
    assert ":green-badge" not in next(each.value for each in app.markdown if "not right yet" in each.value)


def test_results_are_written_down_from_what_ones_own_queries_gave(app):
    learner = ready(app, "results", "volume-query")
    app.session_state["own-results"] = True
    app.run()
    assert words(app.caption).count("No batch yet") == 2
    learner.prepare(STEPS["sev0-query"])
    learner.run(STEPS["sev0-query"])
    for pair in dataset.PAIRS:
        learner.deliver(pair.files)
    app.run()
    report, log = (frame.value for frame in app.dataframe[:2])
    assert report.to_numpy().tolist() == [
        [1, "s1610.csv, s2610.csv", 1.3, 1.5],
        [0, "s115.csv, s215.csv", 1.2, 1.25],
    ]
    assert list(log["timestamp"]) == [1, 3, 3, 5, 5, 7, 7, 9, 9]


def test_the_scratch_cell_is_on_every_page_and_is_never_checked(app):
    for name, _, _ in PAGES:
        open_page(app, name)
        assert fields(app)["code-scratch"] == ""
    write_text(app, "code-scratch", "a = 1 + 1\nprint(a)\na")
    press(app, "run-scratch")
    assert "2\n2" in [code.value for code in app.code]
    write_text(app, "code-scratch", "nothing")
    press(app, "run-scratch")
    assert "Line 1: 'nothing' is not defined" in words(app.error)


# --- the museum, the place


def test_an_exhibit_is_guessed_before_its_name_is_told_and_the_guess_is_kept(app):
    open_page(app, "museum")
    app.selectbox(key="museum-step").select("read-stream").run()
    titles = [mistake.title for mistake in MISTAKES]
    assert not any(heading.value.endswith(title) for heading in app.header for title in titles)
    app.radio(key="guess-header-0").set_value("an error stops it").run()
    assert learner_of(app).progress.prediction("exhibit-header-0") == "an error stops it"
    press(app, "exhibit-header-0")
    assert "You guessed “an error stops it”. It is not so: it runs, and the result is wrong." in words(app.markdown)
    title = next(mistake.title for mistake in MISTAKES if mistake.id == "header")
    assert [heading.value for heading in app.header if heading.value.endswith(title)]


@pytest.mark.slow
def test_the_museum_shows_every_mistake_and_runs_it_apart(app):
    open_page(app, "museum")
    shown = set()
    for step_id in {program.step_id for one in MISTAKES for program in one.programs}:
        app.selectbox(key="museum-step").select(step_id).run()
        shown |= {button.key for button in app.button if button.key and button.key.startswith("exhibit-")}
    assert shown == {f"exhibit-{one.id}-{number}" for one in MISTAKES for number in range(len(one.programs))}
    app.selectbox(key="museum-step").select("read-stream").run()
    press(app, "exhibit-no-schema-0")
    assert "A stream needs its schema declared" in words(app.warning)
    assert "Schema must be specified" in words(app.code)
    press(app, "exhibit-header-0")
    assert "the first one of every file is lost" in words(app.error)
    assert "Without a check, nobody would notice" in words(app.caption)
    assert not learner_of(app).workspace.is_open


def test_what_looks_after_the_focus_knows_the_page_and_which_was_the_first(app):
    seen = []
    for name in ("start", "schema", "results"):
        open_page(app, name)
        (told,) = (
            json.loads(each.proto.json)
            for each in app.get("bidi_component")
            if each.proto.component_name == "lab_attention"
        )
        seen.append((told["page"], told["first"]))
    assert seen == [("start", "start"), ("schema", "start"), ("results", "start")]


def test_the_id_is_shown_only_when_asked_for(app):
    open_page(app, "start")
    learner_id = app.session_state["learner_id"]
    assert learner_id not in [code.value for code in app.code]
    app.toggle(key="show-id").set_value(True).run()
    assert learner_id in [code.value for code in app.code]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nonsense", "'nonsense' is not an id"),
        ("![x](http://example.org/x.png)", "is not an id"),
        ("0" * 32, "Nothing is kept under this id"),
    ],
)
def test_an_id_that_is_none_is_refused(app, text, said):
    open_page(app, "start")
    app.text_input(key="other-id").input(text).run()
    assert said in words(app.error)


def test_forgetting_everything_forgets_what_was_written_too(app):
    open_page(app, "schema")
    write_text(app, "code-schema", "mine")
    app.checkbox(key="forget").check().run()
    press(app, "start-over")
    app.switch_page("pages/schema.py").run()
    assert fields(app)["code-schema"] == STEPS["schema"].starter


def test_a_store_that_cannot_be_written_is_a_sentence(app, monkeypatch):
    open_page(app, "schema")

    def fail(*_):
        raise LabError("What you write cannot be kept.", "See to that database.")

    monkeypatch.setattr("lab.store.Store.save", fail)
    press(app, "hint-schema")
    assert "What you write cannot be kept" in words(app.error)
    assert not app.exception


def test_a_server_starts_and_a_title_is_drawn_without_pyspark_and_pandas():
    code = "import sys, streamlit_app; print({'pyspark', 'pandas', 'sqlalchemy', 'altair'} & set(sys.modules))"
    found = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parent.parent,
        # A configured database is looked at before the server starts.
        env={name: value for name, value in os.environ.items() if name != STORE},
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout == "set()\n"


def test_a_report_that_is_no_number_is_said_instead_of_drawn(app):
    learner = ready(app, "volume_report", "read-stream")
    learner.run_scratch(
        "from pyspark.sql import functions as F\n"
        "report = streamingLogData.groupBy('serverID').agg(F.concat(F.count('severity'), F.lit('%')).alias('avgVolume'))\n"
        "volumeReportQuery = (report.writeStream.queryName('volume_report').outputMode('complete')\n"
        "    .format('memory').start())"
    )
    assert learner.scratch.failure is None
    learner.deliver(dataset.FIRST.files)
    app.run()
    assert not app.exception
    assert "`avgVolume` is not a number in every row" in words(app.caption)


def test_a_log_of_endless_names_and_numbers_is_shown(app):
    learner = ready(app, "sev0_log", "sev0-query")
    name = "s" * 200_000
    learner.workspace.bucket.write(LOG_DATA + "long.csv", f"{name},0,1\n".encode())
    learner.deliver(("long.csv",))
    learner.workspace.bucket.write("Lab9Output/sev0/batch=9/part-0.csv", b"s1," + b"9" * 5_000 + b"\n")
    app.run()
    assert not app.exception
    assert metrics(app)["Result rows"] == "2"


@pytest.mark.parametrize("place", ["delivery", "sidebar"])
def test_what_is_refused_while_a_part_of_a_page_is_drawn_is_a_sentence_there(app, monkeypatch, place):
    def refuse(*_, **__):
        raise LabError("S3 cannot be reached.", "Try again.")

    open_page(app, "volume_report")
    monkeypatch.setattr(
        {"delivery": "lab.ui.delivery._single", "sidebar": "lab.ui.frame.id_and_editor_choice"}[place], refuse
    )
    app.run()
    assert not app.exception
    assert "S3 cannot be reached. Try again." in words(app.error)


def test_a_page_and_the_engine_import_one_at_a_time(app, monkeypatch):
    class Lock(contextlib.nullcontext):
        entered = 0

        def __enter__(self):
            self.entered += 1

    of_engine, of_page = Lock(), Lock()
    monkeypatch.setattr("lab.engine.engine.IMPORTS", of_engine)
    monkeypatch.setattr("lab.ui.shell.IMPORTS", of_page)
    lesson_engine()._import()
    assert of_engine.entered == 1
    open_page(app, "start")
    assert of_page.entered


def test_once_a_step_is_passed_ones_own_code_stands_beside_the_labs(app):
    open_page(app, "schema")
    step = STEPS["schema"]
    assert "beside the lab's" not in words(app.markdown)
    write(app, "schema", step.code)
    # The text is the lab's own.
    assert "beside the lab's" not in words(app.markdown)
    write(app, "schema", 'logSchema = "serverID STRING, severity INT, timestamp INT"')
    assert "beside the lab's" in words(app.markdown)
    assert any(code.value.startswith('-logSchema = "serverID STRING') for code in app.code)
