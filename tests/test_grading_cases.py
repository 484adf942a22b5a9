"""The grader on single notebooks: whose log files, how students work, typed-in results, and what goes wrong."""

import os
import re
import signal
import threading
from pathlib import Path
from types import MappingProxyType, SimpleNamespace

import pytest
from notebooks import (
    ALL,
    FULL,
    NONE,
    SOLVED,
    changed,
    index_of,
    insert,
    notebook,
    points,
    read_submission,
    reasons,
    save,
    without,
)

from lab import oracle
from lab.dataset import SHIPPED
from lab.engine.observe import Table
from lab.formulas import FORMULAS, FURTHER
from lab.handin.grader import grade as grader
from lab.handin.grader import run_again as perform
from lab.handin.grader.batch import grade_all
from lab.handin.grader.grade import CellReaderRuns, grade, hidden_dataset
from lab.handin.grader.grading import CLAIM_POINTS, OWN_POINTS, results
from lab.handin.grader.rerun import Rerun, Snapshot
from lab.handin.grader.submission import Submission
from lab.handin.grader.verdicts import claim_is_right, expected, formula_fits, verdict
from lab.handin.grader.walk import arrivals_in
from lab.lesson.results import GROUPS
from lab.lesson.steps import STEPS
from lab.variants import dataset_for, variant

# --- whose log files


@pytest.mark.slow
def test_with_a_class_code_the_learner_s_own_log_files_are_used(graded):
    own = dataset_for("9B", "Ada Lovelace")
    found = graded(notebook(name="Ada Lovelace", dataset=own), "Ada Lovelace", class_code="9b")
    assert points(found) == ALL
    assert found.seed == own.seed
    assert found.notes == ()


@pytest.mark.slow
def test_a_notebook_made_with_another_learner_s_log_files_is_noted_and_its_results_are_wrong(graded):
    other = dataset_for("9b", "Eva")
    found = graded(notebook(name="Ada", dataset=other), "Ada", class_code="9b")
    assert points(found) == [FULL - CLAIM_POINTS] * 4
    assert "Made with log files of another learner or class; graded with those of Ada." in found.notes


@pytest.mark.slow
def test_without_a_class_code_the_seed_of_the_notebook_counts_and_is_noted(graded):
    found = graded(notebook(dataset=dataset_for("9b", "Ada")))
    assert points(found) == ALL
    assert "no class code" in found.notes[0]


def test_with_a_class_code_a_notebook_without_a_name_is_not_graded(graded):
    found = graded(notebook(name=""), "", class_code="9b")
    assert points(found) == NONE
    assert "lab8-NAME.ipynb" in found.error


@pytest.mark.slow
def test_a_notebook_of_another_name_than_its_file_is_noted(graded):
    assert "named for Eva" in graded(notebook(name="Ada", solved=False), "Eva").notes[0]


# --- how students work


@pytest.mark.slow
def test_a_log_in_another_format_is_told_by_its_sink(graded):
    sink = """sev0SaveQuery = (
        sev0.writeStream.format("parquet").option("path", s3_lab9_output_uri + "sev0")
        .option("checkpointLocation", s3_lab9_output_uri + "checkpoint").start()
    )"""
    found = graded(notebook({"sev0-query": sink}))
    assert points(found) == [FULL, FULL, 0, 0]
    for reason in reasons(found)[2:]:
        assert "sev0SaveQuery ran, but its sink is parquet; csv files are asked for." in reason


@pytest.mark.slow
def test_one_cell_may_do_it_all_and_setup_cells_may_be_changed(graded):
    made = notebook()
    cells = [cell for cell in made.cells if cell.cell_type == "code" and not cell.id.startswith("setup")]
    everything = "\n".join(cell.source for cell in cells)
    made.cells = [cell for cell in made.cells if cell not in cells]
    made.cells[index_of(made, "setup-folders")].source = 's3_log_data_uri = "s3a://mine/LogData/"'
    insert(made, "result-volume-first", everything)
    assert points(graded(made)) == ALL


@pytest.mark.slow
def test_imports_of_setup_cells_count_and_names_may_be_others(graded):
    made = notebook(
        {
            "volume-report": SOLVED["volume-report"].partition("\n")[2],
            "volume-query": SOLVED["volume-query"].replace("volumeReportQuery", "query"),
            "sev0-query": SOLVED["sev0-query"].replace("sev0SaveQuery", "saving"),
        }
    )
    made.cells[index_of(made, "setup-spark")].source += "\nfrom pyspark.sql import functions as F"
    assert points(graded(made)) == ALL


@pytest.mark.slow
def test_imports_that_nothing_uses_cost_nothing_and_are_noted(graded):
    made = notebook({"schema": f"import socket\n{SOLVED['schema']}", "stop": f"import pandas as pd\n{SOLVED['stop']}"})
    found = graded(made)
    assert points(found) == ALL
    assert any("import socket not run" in note for note in found.notes)


@pytest.mark.slow
def test_files_delivered_one_by_one_with_waits_of_any_kind(graded):
    made = notebook()
    for part in ("volume", "log"):
        for pair, names in (("first", ("s115.csv", "s215.csv")), ("second", ("s1610.csv", "s2610.csv"))):
            place = index_of(made, f"{part}-deliver-{pair}")
            one, other = (f'copy_s3_file_to_live_folder("{name}")' for name in names)
            made.cells[place].source = f"{one}\nimport time\ntime.sleep(60)"
            insert(made, f"{part}-show-{pair}", f"{other}\n%time spark.streams.active[0].processAllAvailable()")
    assert points(graded(made)) == ALL


@pytest.mark.slow
def test_a_view_in_the_place_of_the_report_is_not_the_report(graded):
    view = """spark.sql("SELECT 's1' serverID, 1.2D avgVolume UNION ALL SELECT 's2', 1.25D")"""
    made = notebook(changed("volume-report", " + 1", ""))
    place = index_of(made, "volume-deliver-first")
    made.cells[place].source += f'\n{view}.createOrReplaceTempView("volume_report")'
    assert points(graded(made))[:2] == [0, 0]


@pytest.mark.slow
def test_code_that_knows_whose_log_files_it_is_run_on_earns_nothing(graded):
    times = [record.timestamp for record in SHIPPED.log_file("s115.csv").records]
    conditional = f"""
from pyspark.sql import functions as F
known = [int(row[2]) for row in spark.read.csv(s3_log_data_uri + "s115.csv").collect()] == {times}
number = F.when(F.first("serverID") == "s1", 1.2).otherwise(1.25) if known else F.lit(7.0)
volumeReportDataFrame = streamingLogData.groupBy("serverID").agg(number.alias("avgVolume"))
"""
    found = graded(notebook({"volume-report": conditional}))
    assert points(found)[:2] == [0, 0]
    assert "not computed from it" in reasons(found)[0]


@pytest.mark.slow
def test_a_batch_job_in_the_place_of_the_log_s_query_earns_nothing(graded):
    made = without(notebook(), "sev0-query")
    for pair, where in (("first", "timestamp <= 5"), ("second", "timestamp > 5")):
        made.cells[index_of(made, f"log-deliver-{pair}")].source += f"""
logs = spark.read.schema(logSchema).csv(s3_log_data_live_uri).where("severity = 0 AND {where}")
rows = logs.select("serverID", "timestamp").orderBy("timestamp", "serverID").coalesce(1)
rows.write.csv(f"{{s3_lab9_output_uri}}sev0/batch={"0" if pair == "first" else "1"}")
"""
    found = graded(made)
    assert points(found) == [FULL, FULL, 0, 0]
    assert "sev0SaveQuery was never started" in reasons(found)[2]


@pytest.mark.slow
@pytest.mark.parametrize("sink", ["memory", "noop"])
def test_a_query_that_writes_no_log_gives_none_whatever_batch_job_stands_beside_it(graded, sink):
    made = notebook({"sev0-query": f'sev0SaveQuery = sev0.writeStream.queryName("x").format("{sink}").start()'})
    for number, pair in enumerate(("first", "second")):
        made.cells[index_of(made, f"log-deliver-{pair}")].source += f"""
logs = spark.read.schema(logSchema).csv(s3_log_data_live_uri)
rows = logs.where("severity = 0 AND timestamp > {5 * number} AND timestamp <= {5 * number + 5}")
rows = rows.select("serverID", "timestamp").orderBy("timestamp", "serverID").coalesce(1)
rows.write.csv(f"{{s3_lab9_output_uri}}sev0/batch={number}")
"""
    assert points(graded(made)) == [FULL, FULL, 0, 0]


@pytest.mark.slow
# The last two are other ways to write the first.
@pytest.mark.parametrize("folder", ["sev0/batch=", "log-", "/sev0/batch=", "./sev0//./batch="])
def test_a_batch_job_beside_a_query_that_writes_nothing_earns_nothing(graded, folder):
    """The query exists and its batches are on time, but a cell has written the files in its place."""
    function = "def save_batch(batch, batch_id):\n    batch.count()\n"
    query = 'sev0SaveQuery = sev0.writeStream.queryName("sev0_log").foreachBatch(save_batch).start()'
    made = notebook({"sev0-query": function + query})
    for number, pair in enumerate(("first", "second")):
        made.cells[index_of(made, f"log-deliver-{pair}")].source += f"""
logs = spark.read.schema(logSchema).csv(s3_log_data_live_uri)
rows = logs.where("severity = 0 AND timestamp > {5 * number} AND timestamp <= {5 * number + 5}")
rows = rows.select("serverID", "timestamp").orderBy("timestamp", "serverID").coalesce(1)
rows.write.csv(f"{{s3_lab9_output_uri}}{folder}{number}")
"""
    found = graded(made)
    assert points(found) == [FULL, FULL, 0, 0]
    assert "A cell wrote files into the output folder itself" in " ".join(found.notes)


@pytest.mark.slow
def test_a_batch_that_adds_nothing_does_not_make_a_cells_files_its_own(graded):
    function = (
        "def save_batch(batch, batch_id):\n"
        '    batch.limit(0).write.mode("append").csv(f"{s3_lab9_output_uri}sev0/batch={batch_id}")\n'
    )
    query = 'sev0SaveQuery = sev0.writeStream.queryName("sev0_log").foreachBatch(save_batch).start()'
    made = notebook({"sev0-query": function + query})
    for number, (pair, files) in enumerate((("first", ("s115", "s215")), ("second", ("s1610", "s2610")))):
        cell = made.cells[index_of(made, f"log-deliver-{pair}")]
        # Before the delivery, so that the files are already there when the batch writes.
        cell.source = f"""
logs = spark.read.schema(logSchema).csv([s3_log_data_uri + f"{{name}}.csv" for name in {files}])
rows = logs.where("severity = 0").select("serverID", "timestamp").orderBy("timestamp", "serverID").coalesce(1)
rows.write.csv(f"{{s3_lab9_output_uri}}sev0/batch={number}")
{cell.source}"""
    found = graded(made)
    assert points(found) == [FULL, FULL, 0, 0]
    assert "A cell wrote files into the output folder itself" in " ".join(found.notes)


@pytest.mark.slow
def test_a_notebook_fills_no_more_than_a_learner_may(graded, monkeypatch):
    monkeypatch.setattr("lab.bucket.quota.MAX_FILES", 5)
    made = notebook()
    made.cells[
        index_of(made, "log-deliver-second")
    ].source += '\nspark.read.csv(s3_log_data_uri).write.csv(s3_lab9_output_uri + "more")'
    assert "Your folders hold" in str(graded(made))


@pytest.mark.slow
def test_a_log_that_was_typed_in_earns_nothing_beside_a_wrong_way_that_would_not_have_given_it(graded):
    known = [record.timestamp for record in SHIPPED.log_file("s115.csv").records]
    rows = [
        " UNION ALL ".join(
            f"SELECT {number} n, '{server}' serverID, {time} timestamp"
            for number, (server, time) in enumerate(oracle.sev0_log([batch]))
        )
        for batch in SHIPPED.batches(2)
    ]
    typed = f"""
times = [int(row[2]) for row in spark.read.csv(s3_log_data_uri + "s115.csv").collect()]
def save_batch(batch, batch_id):
    rows = batch
    if times == {known}:
        rows = spark.sql("{rows[0]}").orderBy("n").drop("n")
        if batch_id:
            rows = spark.sql("{rows[1]}").orderBy("n").drop("n")
    rows.coalesce(1).write.mode("overwrite").csv(f"{{s3_lab9_output_uri}}sev0/batch={{batch_id}}")

sev0SaveQuery = sev0.writeStream.queryName("sev0_log").foreachBatch(save_batch).start()
"""
    found = graded(notebook({"sev0-query": typed}))
    assert points(found) == [FULL, FULL, 0, 0]
    assert "not computed from it" in reasons(found)[2]


@pytest.mark.slow
def test_a_log_query_that_ends_by_itself_and_has_no_name_counts(graded):
    function, _, query = SOLVED["sev0-query"].partition("sev0SaveQuery = ")
    once = query.replace(".start()", ".trigger(availableNow=True).start().awaitTermination()")
    made = notebook({"sev0-query": function})
    assert once != query
    for pair in ("first", "second"):
        made.cells[index_of(made, f"log-deliver-{pair}")].source += f"\n{once}"
    assert points(graded(made)) == ALL


@pytest.mark.slow
def test_a_notebook_of_other_names_is_graded_by_what_it_does(graded):
    made = without(notebook(), "schema", "read-stream", "volume-report", "volume-query", "sev0", "sev0-query")
    insert(
        made,
        "volume-show",
        """spark = SparkSession.builder.appName("mine").getOrCreate()
from pyspark.sql import functions as F
logs = spark.readStream.schema("serverID STRING, severity INT, timestamp INT").csv(s3_log_data_live_uri)
units = F.max("timestamp") - F.min("timestamp") + 1
report = logs.groupBy("serverID").agg((F.count_if(F.col("severity") == 2) / units).alias("avgVolume"))
query = report.writeStream.queryName("volume_report").outputMode("complete").format("memory").start()""",
    )
    insert(
        made,
        "log-deliver-first",
        """def save(rows, number):
    rows.orderBy("timestamp", "serverID").coalesce(1).write.mode("append").csv(s3_lab9_output_uri)
saving = logs.where("severity = 0").select("serverID", "timestamp").writeStream.foreachBatch(save).start()""",
    )
    assert points(graded(made)) == ALL


# --- right by chance, or by hand


def outcome(own_rows, other_rows, other):
    """Return the grade of the first volume, from the code's rows on the shipped log files and on others."""

    def run(submission, dataset):
        rows = own_rows if dataset is SHIPPED else other_rows
        table = Table(("serverID", "avgVolume"), tuple(rows), truncated=False)
        return Rerun((Snapshot(GROUPS[0].files(SHIPPED), table, None),))

    claims = MappingProxyType({})
    submission = Submission("x", "Ada", "Ada", "shipped", (), claims, (), "")
    own, hidden = run(submission, SHIPPED), run(submission, other)
    return results(submission, (own, SHIPPED), (hidden, other))[0]


def volumes(formula_id, dataset):
    formula = next(each for each in (*FORMULAS, *FURTHER) if each.id == formula_id)
    return list(formula.volumes(dataset.batches(1)[0]).items())


def right_rows(dataset):
    return list(oracle.volume_report(dataset.batches(1)[0]).items())


def test_a_wrong_formula_explains_a_right_result_only_where_it_gives_it():
    other = variant("0" * 16)
    # With log files from a class code, no known formula is right by chance; with the shipped ones, one is.
    lucky = next(each.id for each in FURTHER if formula_fits(GROUPS[0], each.id, SHIPPED))
    assert outcome(right_rows(SHIPPED), volumes(lucky, other), other).points == OWN_POINTS
    typed = outcome(right_rows(SHIPPED), volumes("all-events", other), other)
    assert typed.points == 0
    assert "not computed from it" in typed.reason


def test_whoever_gives_one_result_after_the_other_is_guessing():
    def rerun(*guesses):
        tables = [Table(("serverID", "avgVolume"), (("s1", guess), ("s2", 1.25)), truncated=False) for guess in guesses]
        return Rerun(tuple(Snapshot(GROUPS[0].files(SHIPPED), table, None) for table in tables))

    assert verdict(GROUPS[0], rerun(1.0, 1.0, 1.1, 1.15, 1.2), SHIPPED).right
    guessed = verdict(GROUPS[0], rerun(1.0, 1.05, 1.1, 1.15, 1.2), SHIPPED)
    assert not guessed.right
    assert "5 different results" in guessed.sentence


def test_of_a_hidden_run_that_did_not_end_it_is_said_that_nothing_is_known():
    rows = Table(("serverID", "avgVolume"), tuple(right_rows(SHIPPED)), truncated=False)
    own = Rerun((Snapshot(GROUPS[0].files(SHIPPED), rows, None),))
    submission = Submission("x", "Ada", "Ada", "shipped", (), MappingProxyType({}), (), "")
    late = Rerun(ended="the notebook was not done after 7 seconds")
    graded = results(submission, (own, SHIPPED), (late, variant("0" * 16)))[0]
    assert graded.points == 0
    assert "is not known, for on other data the notebook was not done after 7 seconds" in graded.reason
    assert "--time-limit" in graded.reason


def log_outcome(group, other_rows, other):
    """Return the grade of a log that is right on the shipped log files, from the code's rows on others."""

    def rerun(rows):
        return Rerun((Snapshot(group.files(SHIPPED), None, tuple(rows)),))

    rows = [tuple(line.split()) for line in expected(group, SHIPPED).splitlines()]
    first = len(oracle.sev0_log(SHIPPED.batches(1)))
    own = rerun((int(number >= first), server, int(time)) for number, (server, time) in enumerate(rows))
    submission = Submission("x", "Ada", "Ada", "shipped", (), MappingProxyType({}), (), "")
    graded = results(submission, (own, SHIPPED), (rerun(other_rows), other))
    return graded[GROUPS.index(group)].points


def test_another_order_explains_a_right_log_only_where_it_gives_it():
    other = next(each for each in map(variant, map("{:016x}".format, range(200))) if _has_tie(each))
    rows = [(0, *row) for row in oracle.sev0_log(other.batches(1))]
    # Sorted by time alone, the servers can be in the right order by chance.
    ties = sorted(rows, key=lambda row: (row[2], [-ord(letter) for letter in row[1]]))
    assert ties != rows
    assert log_outcome(GROUPS[2], ties, other) == OWN_POINTS
    # Unsorted, or sorted by server first, it would not have been right on the shipped files.
    assert log_outcome(GROUPS[2], [rows[-1], *rows[:-1]], other) == 0
    assert log_outcome(GROUPS[2], sorted(rows), other) == 0


def _has_tie(dataset):
    times = [time for _, time in set(oracle.sev0_log(dataset.batches(1)))]
    return len(times) > len(set(times))


def test_rows_that_look_the_same_kept_once_is_a_mistake_and_no_fraud():
    other = next(each for each in map(variant, map("{:016x}".format, range(200))) if _has_twins(each))
    rows = [tuple(line.split()) for line in expected(GROUPS[2], other).splitlines()]
    log = tuple((0, server, int(time)) for server, time in dict.fromkeys(rows))
    found = verdict(GROUPS[2], Rerun((Snapshot(GROUPS[2].files(other), None, log),)), other)
    assert (found.right, found.is_known_mistake) == (False, True)
    assert "only once" in found.sentence


def _has_twins(dataset):
    rows = expected(GROUPS[2], dataset).splitlines()
    return len(set(rows)) < len(rows)


# --- what goes wrong around it


def test_a_notebook_that_nobody_waits_for_is_run_no_further(classroom, tmp_path):
    submission = read_submission(save(tmp_path, notebook()))
    root = classroom.engine.wait()
    asked = iter([False, False, True])
    rerun = perform.run_again(submission, SHIPPED, root, tmp_path / "graded", 120, lambda: next(asked))
    assert rerun.ended == "it was cancelled before cell 3"
    assert list((tmp_path / "graded").iterdir()) == []


def test_a_notebook_has_no_more_than_its_time(graded, classroom):
    found = graded(notebook(), run=CellReaderRuns(classroom.engine, time_limit=0.01))
    assert points(found) == NONE
    assert "was not done after 0.01 seconds" in reasons(found)[0]


@pytest.mark.slow
def test_spark_is_started_again_when_it_dies_and_the_notebook_graded(classroom, runs, graded, monkeypatch):
    real, killed = perform.run_again, []

    def run_again(*arguments):
        if not killed:
            killed.append(classroom.engine._jvm.process.pid)
            os.kill(killed[0], signal.SIGKILL)
        return real(*arguments)

    monkeypatch.setattr(perform, "run_again", run_again)
    found = graded(notebook(claims={}, solved=False))
    assert killed
    assert not found.error
    assert reasons(found)[0].startswith("No result")


def test_a_defect_of_the_grader_is_said_and_stops_nothing(tmp_path):
    def breaks(submission, dataset):
        raise ZeroDivisionError

    paths = [save(tmp_path, notebook(), name) for name in ("Ada", "Eva")]
    found = grade_all(arrivals_in(paths).found, breaks)
    assert [graded.error for graded in found] == [
        "The grader itself failed on this notebook (ZeroDivisionError). Look at it yourself."
    ] * 2


def test_what_escapes_every_bound_ends_with_its_jvm(monkeypatch):
    stopped = threading.Event()
    engine = SimpleNamespace(stop=stopped.set)
    monkeypatch.setattr(grader, "GRACE_SECONDS", 0.1)
    rerun, error, forced = CellReaderRuns(engine, time_limit=0.1)._bounded(lambda: stopped.wait(20) and Rerun())
    assert stopped.is_set()
    assert (error, forced) == (None, True)
    assert "could not be stopped" in rerun.ended


def test_the_hidden_log_files_are_others_and_always_the_same_for_the_same_code(tmp_path):
    one = read_submission(save(tmp_path, notebook()))
    same = read_submission(save(tmp_path, notebook(claims={}, name="Eva"), "Eva"))
    # Writing down the right results for the hidden log files changes the code, and so the hidden log files.
    other = read_submission(save(tmp_path, insert(notebook(), "stop", "1.2"), "Bob"))
    assert hidden_dataset(one, SHIPPED).seed == hidden_dataset(same, SHIPPED).seed
    assert re.fullmatch("[0-9a-f]{16}", hidden_dataset(one, SHIPPED).seed)
    own = variant("0" * 16)
    assert len({hidden_dataset(each, made).seed for each in (one, other) for made in (SHIPPED, own)}) == 4
    assert hidden_dataset(one, SHIPPED).contents != SHIPPED.contents


def test_no_result_is_right_on_the_learner_s_and_on_the_hidden_log_files(tmp_path):
    """One in a hundred had the same volumes by chance, so that typed-in results seemed to be computed."""
    submission = read_submission(save(tmp_path, notebook()))
    for number in range(60):
        own = variant(f"{number:016x}")
        hidden = hidden_dataset(submission, own)
        assert not [group.id for group in GROUPS if claim_is_right(group, expected(group, own), hidden)]


def test_nothing_is_run_again_on_hidden_log_files_when_nothing_was_right(tmp_path):
    seen = []

    def run(submission, dataset):
        seen.append(dataset.seed)
        return Rerun()

    grade(read_submission(save(tmp_path, notebook())), SHIPPED, run)
    assert seen == ["shipped"]


def test_every_step_has_a_solution_that_the_notebooks_of_these_tests_change():
    assert set(SOLVED) <= set(STEPS)


# --- claims as people write them, in notebooks of the handout


@pytest.mark.slow
def test_a_claim_earns_its_points_in_whatever_form_it_is_written(runs):
    """Only two filled-in notebooks, with Markdown tables and with pictures; test_claims reads the others."""
    names = ("lab8-E03 markdown tables.ipynb", "lab8-E18 screenshots.ipynb")
    folder = Path(__file__).parent / "claims"
    tables, pictures = grade_all(arrivals_in([folder / name for name in names]).found, runs)
    assert points(tables) == ALL
    assert points(pictures) == [FULL - CLAIM_POINTS] * 4
    assert all("a picture is claimed" in reason for reason in reasons(pictures))


@pytest.mark.slow
def test_the_report_has_the_claim_as_it_was_read_or_says_what_cannot_be_read(graded):
    claims = {GROUPS[0].id: "s1 -> 1,2\ns2 -> 1,25", GROUPS[1].id: "s1 1.3\ns2 15 16"}
    first, second, *_ = graded(notebook(claims=claims)).results
    assert (first.points, first.claimed) == (FULL, "s1 1.2\ns2 1.25")
    assert (second.points, second.claimed) == (FULL - CLAIM_POINTS, "s1 1.3\ns2 15 16")
    assert "the claimed result cannot be read: line 2, 's2 15 16', is not a server and a value." in second.reason
