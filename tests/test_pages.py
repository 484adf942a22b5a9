"""Every page and what can be done on it, without a browser."""

import re

import pytest

from lab import dataset
from lab.bucket import LOG_DATA, LOG_DATA_LIVE
from lab.engine.engine import Phase, Readiness
from lab.errors import LabError
from lab.lesson.classroom import CLASSROOM
from lab.lesson.results import GROUPS
from lab.lesson.steps import STEPS
from lab.ui.shell import HEADING, PAGES


def open_page(app, name):
    app.run()
    if name != "start":
        app.switch_page(f"pages/{name}.py").run()
    assert not app.exception
    return app


def learner_of(app):
    return CLASSROOM.enter(app.session_state["learner_id"])


def press(app, key):
    app.button(key=key).click().run()
    assert not app.exception
    return app


def words(elements):
    """What the elements say, with the backslashes that keep it from being Markdown."""
    return re.sub(r"\\(.)", r"\1", " ".join(str(element.value) for element in elements))


def metrics(app):
    return {metric.label: metric.value for metric in app.metric}


@pytest.mark.parametrize(("name", "title", "_"), PAGES, ids=[name for name, _, _ in PAGES])
def test_every_page_opens_at_once_and_says_that_spark_is_ready(app, name, title, _):
    open_page(app, name)
    assert app.title[0].value == (HEADING if name == "start" else title)
    assert "Spark is ready" in words(app.caption)
    assert not app.error


def test_the_start_page_shows_the_four_files(app):
    open_page(app, "start")
    assert [tab.label for tab in app.tabs] == list(dataset.FILES)
    assert dataset.content("s115.csv").decode().strip() in [code.value.strip() for code in app.code]


@pytest.mark.parametrize("step_id", STEPS)
def test_every_step_has_its_cell_on_one_page_with_the_code_that_runs(app, step_id):
    homes = []
    for name, _, _ in PAGES:
        open_page(app, name)
        if STEPS[step_id].code in [code.value for code in app.code]:
            homes.append(name)
            assert app.button(key=f"run-{step_id}")
    assert len(homes) == 1


def test_wrong_schemas_side_by_side(app):
    open_page(app, "schema")
    press(app, "run-schema")
    for step_id in ("right", "order", "header", "clock"):
        press(app, f"run-schema-{step_id}")
    captions = words(app.caption)
    assert "11 rows. Null: none." in captions
    assert "10 rows. Null: none." in captions
    assert captions.count("11 rows. Null: `timestamp` 11.") == 2


def test_a_deep_link_is_prepared_with_one_click(app):
    open_page(app, "volume_report")
    assert "builds on 2 earlier steps" in words(app.markdown)
    press(app, "prepare")
    assert "earlier step" not in words(app.markdown)
    assert learner_of(app).has_run(STEPS["read-stream"])


def test_a_cell_runs_what_it_needs_first(app):
    open_page(app, "volume_report")
    assert "Runs first: Declare the schema, Open the stream, Define the report, Start the query" in words(app.caption)
    press(app, "run-volume-show")
    assert learner_of(app).is_running(STEPS["volume-query"])
    assert "|serverID|avgVolume|" in words(app.code)


def test_a_pair_is_delivered_and_the_report_follows(app):
    open_page(app, "volume_report")
    press(app, "run-volume-query")
    assert metrics(app)["Query"] == "running"
    press(app, "deliver-first")
    assert app.button(key="deliver-first").disabled
    assert learner_of(app).workspace.wait_until_read()
    app.run()
    assert metrics(app) == {"Files waiting": "0", "Query": "running", "Batch": "0", "Rows in": "21", "Result rows": "2"}
    assert "1.25" in str([frame.value.to_dict() for frame in app.dataframe])
    press(app, "stop-volume-query")
    assert metrics(app)["Query"] == "stopped"


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


def test_a_file_of_ones_own_goes_into_log_data(app):
    open_page(app, "volume_report")
    app.file_uploader(key="upload").upload("mine.csv", b"s3,2,1\n", "text/csv").run()
    press(app, "put")
    assert "mine.csv" in app.selectbox(key="single-file").options


def test_a_bad_file_that_appears_by_itself_is_shown_with_its_lines(app):
    open_page(app, "volume_report")
    press(app, "run-volume-query")
    learner = learner_of(app)
    learner.workspace.bucket.write(LOG_DATA_LIVE + "odd.csv", b"s1,2,1\nrubbish\n")
    assert learner.workspace.wait_until_read()
    app.run()
    assert "odd.csv came into LogDataLive without a delivery" in words(app.warning)
    assert "odd.csv, line 2: 'rubbish' has 1 value, expected 3" in words(app.warning)
    assert metrics(app)["Query"] == "running"


def test_sorting_is_refused_with_the_real_message_folded(app):
    open_page(app, "sev0_log")
    press(app, "run-sev0-sorted")
    assert "Line 6: Spark refuses to sort this stream" in words(app.info)
    assert "Sorting is not supported on streaming DataFrames" in words(app.code)
    assert not app.error


def test_the_log_grows_and_its_newest_rows_are_marked(app):
    open_page(app, "sev0_log")
    press(app, "run-sev0-query")
    for pair in dataset.PAIRS:
        press(app, f"deliver-{pair.name}")
        assert learner_of(app).workspace.wait_until_read()
    app.run()
    log = next(frame.value for frame in app.dataframe if "serverID" in frame.value and len(frame.value.columns) == 4)
    assert list(log["timestamp"]) == [1, 3, 3, 5, 5, 7, 7, 9, 9]
    assert [bool(mark) for mark in log[""]] == [False] * 5 + [True] * 4
    assert "`sev0/batch=1/part-" in words(app.caption)
    press(app, "run-stop")
    assert "queries running: 0" in words(app.code)
    assert metrics(app)["Query"] == "stopped"


def test_the_stop_cell_stops_the_queries_of_every_page(app):
    open_page(app, "read_stream")
    press(app, "run-peek")
    app.switch_page("pages/sev0_log.py").run()
    press(app, "run-sev0-query")
    assert len(learner_of(app).workspace.active) == 2
    press(app, "run-stop")
    assert learner_of(app).workspace.active == ()


ANSWERS = {
    "volume-first": "s1 1.2\ns2 1.25",
    "volume-second": "s1 1.3\ns2 1.5",
    "log-first": "s1 1\ns1 3\ns2 3\ns1 5\ns2 5",
    "log-second": "s1 1\ns1 3\ns2 3\ns1 5\ns2 5\ns1 7\ns2 7\ns1 9\ns2 9",
}


def answer(app, group_id, text):
    app.text_area(key=f"answer-{group_id}").input(text)
    press(app, f"check-{group_id}")


def test_results_are_right_only_when_all_four_are(app, classroom):
    open_page(app, "results")
    answer(app, "volume-first", ANSWERS["volume-first"])
    assert "has not read s115.csv, s215.csv yet" in words(app.info)

    learner = learner_of(app)
    for step_id in ("volume-query", "sev0-query"):
        assert learner.prepare(STEPS[step_id]) is None
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


@pytest.mark.parametrize(
    "rows", [b"s1,0,1764000000\ns1,2,2147483647\n", b"".join(b"s%d,0,1\n" % n for n in range(3000))]
)
def test_far_timestamps_and_many_servers_are_drawn_in_bounds(app, rows):
    open_page(app, "sev0_log")
    learner = learner_of(app)
    learner.workspace.bucket.write(LOG_DATA + "far.csv", rows)
    press(app, "run-sev0-query")
    app.switch_page("pages/volume_report.py").run()
    press(app, "run-volume-query")
    learner.deliver(("far.csv",))
    for page in ("volume_report", "sev0_log"):
        app.switch_page(f"pages/{page}.py").run()
        assert not app.exception
        assert metrics(app)["Batch"] == "0"


def test_answers_survive_a_change_of_page_also_before_they_are_checked(app):
    open_page(app, "results")
    app.text_area(key="answer-log-first").input("s1 1").run()
    app.switch_page("pages/start.py").run()
    app.switch_page("pages/results.py").run()
    assert app.text_area(key="answer-log-first").value == "s1 1"


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
    assert bucket.read(LOG_DATA + "s115.csv") == dataset.content("s115.csv")


def test_what_would_be_refused_by_its_name_is_said_before(app):
    open_page(app, "volume_report")
    learner_of(app).workspace.bucket.write(LOG_DATA + "_mine.csv", b"s3,2,1\n")
    app.run()
    app.selectbox(key="single-file").select("_mine.csv").run()
    assert "Spark ignores '_mine.csv'" in words(app.warning)


def test_files_that_lie_there_before_the_start_are_pointed_out(app):
    open_page(app, "volume_report")
    press(app, "deliver-first")
    assert "2 files lie in LogDataLive already" in words(app.info)
    press(app, "run-volume-show")
    assert "2 files lie" not in words(app.info)
    assert "|      s2|     1.25|" in words(app.code)


def test_a_name_that_is_delivered_again_is_pointed_out(app):
    open_page(app, "volume_report")
    press(app, "run-volume-query")
    press(app, "deliver-first")
    assert "never reads a name twice" not in words(app.info)
    press(app, "empty-live")
    press(app, "deliver-first")
    assert "The query has read s115.csv, s215.csv before, and never reads a name twice" in words(app.info)
    press(app, "restart-volume-query")
    assert "never reads a name twice" not in words(app.info)
    assert metrics(app)["Rows in"] == "21"


def test_a_long_log_is_shown_in_bounds(app):
    open_page(app, "sev0_log")
    learner = learner_of(app)
    learner.workspace.bucket.write(LOG_DATA + "long.csv", b"".join(b"s1,0,%d\n" % n for n in range(1, 70_000)))
    press(app, "run-sev0-query")
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
    learner.run(STEPS["schema"])
    learner.answer("log-first", "s1 1")
    assert learner.version == version + 2
    app.run()
    assert "ran in" in words(app.markdown)
    app.switch_page("pages/results.py").run()
    learner.answer("log-first", "s1 3")
    app.run()
    assert app.text_area(key="answer-log-first").value == "s1 3"


def test_starting_over_empties_everything_and_begins_at_the_start(app):
    open_page(app, "volume_report")
    press(app, "run-volume-query")
    press(app, "deliver-first")
    press(app, "start-over")
    learner = learner_of(app)
    assert learner.workspace.active == ()
    assert learner.workspace.bucket.list(LOG_DATA_LIVE) == []
    assert not learner.has_run(STEPS["schema"])
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
    monkeypatch.setattr(CLASSROOM.engine, "_readiness", readiness)
    app.run()
    assert shown in words(app.error)
    assert app.button(key="bring-back")


def test_while_spark_starts_the_page_can_be_read(app, monkeypatch):
    app.run()
    monkeypatch.setattr(CLASSROOM.engine, "_readiness", Readiness(Phase.SPARK, 0))
    app.run()
    assert app.title[0].value == HEADING
    assert "Spark is ready" not in words(app.caption)
    assert len(app.tabs) == 4


def test_no_room_for_a_workspace_is_a_sentence(app, monkeypatch):
    app.run()

    def full(_):
        raise LabError("The disk of /tmp is full.", "Free some space, then try again.")

    with monkeypatch.context() as patch:
        patch.setattr("lab.ui.session._seat", full)
        app.run()
        assert "The disk of /tmp is full" in words(app.error)
        assert not app.exception
