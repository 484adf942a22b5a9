"""The grader on a folder of notebooks: right ones, frequent mistakes, and those that break, hang or cheat."""

import os
from pathlib import Path

import pytest
from notebooks import ALL, FULL, LOG, NONE, changed, index_of, insert, notebook, points, reasons, right, save, without

from lab.handin.grader.batch import grade_all
from lab.handin.grader.grading import CLAIM_POINTS
from lab.handin.grader.walk import arrivals_in
from lab.lesson.results import GROUPS

GOLDEN = Path(__file__).parent / "golden" / "grades.txt"


# --- the folder of notebooks

_SINK = """
sev0SaveQuery = (
    sev0.writeStream.format("csv").outputMode("append")
    .option("path", f"{s3_lab9_output_uri}sev0")
    .option("checkpointLocation", f"{s3_lab9_output_uri}checkpoint")
    .start()
)
"""
_SORTED = 'sev0 = streamingLogData.where("severity = 0").select("serverID", "timestamp").orderBy("timestamp")'

_REPORT, _QUERY, _SAVE = "volume-report", "volume-query", "sev0-query"
# Each has a mistake in the report, in the log, or in both; with the points that are left.
MISTAKES = {
    "no-plus-one": (changed(_REPORT, " + 1", ""), LOG),
    "no-parentheses-and-sorted-stream": (
        changed(_REPORT, "/ timeUnits", '/ F.max("timestamp") - F.min("timestamp") + 1') | {"sev0": _SORTED},
        NONE,
    ),
    "sev2-first-and-sorted-by-server": (
        changed(_REPORT, "streamingLogData.", 'streamingLogData.where("severity = 2").')
        | changed(_SAVE, '"timestamp", "serverID"', '"serverID", "timestamp"'),
        NONE,
    ),
    "all-events-and-sev2-log": (
        changed(_REPORT, 'F.count_if(F.col("severity") == 2)', 'F.count("*")')
        | changed("sev0", "severity = 0", "severity = 2"),
        NONE,
    ),
    "last-time-unit-and-no-log-start": (
        changed(_REPORT, "sev2Events / timeUnits", 'sev2Events / F.max("timestamp")')
        | changed(_SAVE, "    .start()\n", ""),
        NONE,
    ),
    "no-alias-and-csv-sink": (changed(_REPORT, '.alias("avgVolume")', '.alias("volume")') | {_SAVE: _SINK}, NONE),
    "append-and-failing-batch": (
        changed(_QUERY, '"complete"', '"append"') | changed(_SAVE, '"timestamp", "serverID"', '"time"'),
        NONE,
    ),
    "no-start": (changed(_QUERY, "    .start()\n", ""), LOG),
    "update-and-one-log-folder": (
        changed(_QUERY, '"complete"', '"update"') | changed(_SAVE, "sev0/batch={batch_id}", "sev0"),
        [FULL, 0, FULL, 0],
    ),
    # It reads all files at once, and that is right at the end.
    "not-the-live-folder": (changed("read-stream", "s3_log_data_live_uri", "s3_log_data_uri"), [0, FULL, 0, FULL]),
}
# It is chance which of the two files its sink writes first.
_BY_CHANCE = "lab8-no-alias-and-csv-sink.ipynb"
# The task wants a checkpoint, but without a failure it changes no result.
_NO_CHECKPOINT = changed(_SAVE, '    .option("checkpointLocation", f"{s3_lab9_output_uri}checkpoint")\n', "")
_DELIVERIES = [f"{part}-deliver-{pair}" for part in ("volume", "log") for pair in ("first", "second")]


def folder_of_notebooks(folder):
    """Write a class's notebooks; return the expected points by file name."""
    expected = {}

    def put(name, made, want):
        expected[save(folder, made, name).name] = want

    put("perfect", notebook(name="Perfect"), ALL)
    for name, (answers, want) in MISTAKES.items():
        made = notebook(answers, name=name)
        if name == "update-and-one-log-folder":
            # On a busy machine, the query may read a pair in two batches, and a single folder keeps only the second.
            place = index_of(made, _SAVE)
            made.cells.insert(place, made.cells.pop(index_of(made, "log-deliver-first")))
        put(name, made, want)
    put("no-deliveries", without(notebook(), *_DELIVERIES), NONE)
    put("no-second-pair", without(notebook(), *_DELIVERIES[1::2]), [FULL, 0, FULL, 0])
    put("not-emptied", without(notebook(), "log-empty"), [FULL, FULL, 0, FULL])
    put("typed", notebook(solved=False), NONE)
    claims = {GROUPS[0].id: "s1 1\ns2 1", GROUPS[3].id: right()[GROUPS[3].id]}
    put("claims", notebook(_NO_CHECKPOINT, claims), [*[FULL - CLAIM_POINTS] * 3, FULL])
    put("hanging", hanging(), ALL)
    put("hostile", hostile(folder), NONE)
    twin = changed(_REPORT, "sev2Events / timeUnits", "sev2Events / 10") | {_SAVE: "sev0SaveQuery = sev0"}
    put("twin-1", notebook(twin, name="Twin 1"), NONE)
    put("twin-2", notebook(twin, name="Twin 2"), NONE)
    put("empty", notebook(claims={}, solved=False), NONE)
    (folder / "lab8-corrupt.ipynb").write_bytes(b'{"cells": [')
    (folder / "lab8-zero.ipynb").write_bytes(b"")
    expected |= {"lab8-corrupt.ipynb": NONE, "lab8-zero.ipynb": NONE}
    return expected


def hanging():
    made = insert(
        notebook(),
        "stop",
        "while True:\n    pass",
        "import time\nfor turn in range(9_000):\n    time.sleep(3600)",
        "for one in range(9_000):\n    for other in range(9_000):\n        one * other",
        "text = 'x' * 10**12",
        "volumeReportQuery.awaitTermination()\nsev0SaveQuery.awaitTermination()",
        "spark.streams.awaitAnyTermination()",
        "input('your name?')",
    )
    return insert(made, "volume-report", "import time\ntime.sleep(1e9)", "def f(n):\n    return f(n + 1)\nf(1)")


_TYPED_REPORT = """
from pyspark.sql import functions as F
s1 = F.when(F.max("timestamp") > 5, 1.3).otherwise(1.2)
s2 = F.when(F.max("timestamp") > 5, 1.5).otherwise(1.25)
volumeReportDataFrame = streamingLogData.groupBy("serverID").agg(
    F.when(F.first("serverID") == "s1", s1).otherwise(s2).alias("avgVolume")
)
"""
_TYPED_LOG = """
FIRST = [("s1", 1), ("s1", 3), ("s2", 3), ("s1", 5), ("s2", 5)]
SECOND = [("s1", 7), ("s2", 7), ("s1", 9), ("s2", 9)]

def save_batch(batch, batch_id):
    rows = spark.sql(" UNION ALL ".join(
        f"SELECT '{server}' a, {time} b" for server, time in (SECOND if batch_id else FIRST)
    )).coalesce(1)
    rows.orderBy("b", "a").write.mode("overwrite").csv(f"{s3_lab9_output_uri}sev0/batch={batch_id}")

sev0SaveQuery = (
    sev0.writeStream.queryName("sev0_log").foreachBatch(save_batch)
    .option("checkpointLocation", f"{s3_lab9_output_uri}checkpoint").start()
)
"""


def hostile(folder):
    mark = f"{folder}/mark"
    return insert(
        notebook({"volume-report": _TYPED_REPORT, "sev0-query": _TYPED_LOG}),
        "volume-report",
        f"import os\nos.system('touch {mark}')",
        f"open('{mark}', 'w').write('x')",
        f"__import__('os').system('touch {mark}')",
        f"().__class__.__base__.__subclasses__()[0]('touch {mark}')",
        f"exec(\"open('{mark}', 'w')\")",
        "print(spark.read.text('file:///etc/passwd').collect())",
        "spark.sql('SELECT * FROM text.`file:///etc/passwd`').show()",
        f"streamingLogData.writeStream.format('csv').option('path', 'file://{mark}').start()",
        "spark.createDataFrame([('s1', 1.2), ('s2', 1.25)], 'serverID STRING, avgVolume DOUBLE')",
        "wait_until_read.__self__._workspace.bucket.root",
        f"!touch {mark}",
        f"%%bash\ntouch {mark}",
    )


@pytest.fixture(scope="module")
def class_of_notebooks(runs, tmp_path_factory):
    folder = tmp_path_factory.mktemp("class")
    expected = folder_of_notebooks(folder)
    return folder, expected, {graded.file: graded for graded in grade_all(arrivals_in([folder]).found, runs)}


@pytest.mark.slow
def test_every_notebook_of_a_class_gets_the_points_that_it_deserves(class_of_notebooks):
    _, expected, found = class_of_notebooks
    assert {file: points(graded) for file, graded in found.items()} == expected


@pytest.mark.slow
def test_the_reasons_are_those_of_the_golden_file(class_of_notebooks):
    _, _, found = class_of_notebooks
    parts = []
    for file, graded in found.items():
        lines = [f"{result.group} {result.points}: {result.reason}" for result in graded.results]
        if file == _BY_CHANCE:
            del lines[2:]
        lines.extend(f"note: {note}" for note in graded.notes)
        parts.append("\n    ".join([f"{file} {graded.points} of {graded.out_of}", *lines]))
    text = "\n".join(parts) + "\n"
    if os.environ.get("WRITE_GOLDEN"):
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8")


@pytest.mark.slow
def test_an_unordered_log_is_one_whatever_its_order(class_of_notebooks):
    _, _, found = class_of_notebooks
    assert "rows in another order" in reasons(found[_BY_CHANCE])[2]


@pytest.mark.slow
def test_a_hostile_notebook_reaches_nothing_and_earns_nothing(class_of_notebooks):
    folder, _, found = class_of_notebooks
    assert not (folder / "mark").exists()
    graded = found["lab8-hostile.ipynb"]
    assert "root:" not in str(graded)
    assert all(
        reason.startswith("Not computed from the log files: the code gives the same for others")
        for reason in reasons(graded)
    )


@pytest.mark.slow
def test_of_a_hanging_notebook_each_cell_is_ended_and_the_rest_is_run(class_of_notebooks):
    """The notebook gets all points (see above); none of its cells has used up the notebook's time."""
    _, _, found = class_of_notebooks
    notes = " ".join(found["lab8-hanging.ipynb"].notes)
    assert "more code cells failed" in notes
    assert "was not done after" not in f"{notes} {' '.join(reasons(found['lab8-hanging.ipynb']))}"


@pytest.mark.slow
def test_results_that_were_only_typed_in_earn_nothing_and_the_reason_says_so(class_of_notebooks):
    _, _, found = class_of_notebooks
    assert all(
        reason.startswith("The result stands there as text, and the code gives none")
        for reason in reasons(found["lab8-typed.ipynb"])
    )
    assert all(reason.startswith("No result") for reason in reasons(found["lab8-empty.ipynb"]))


@pytest.mark.slow
def test_identical_notebooks_are_noted_in_both_unless_all_of_it_is_the_lab_s(class_of_notebooks):
    _, _, found = class_of_notebooks
    same = "The code of every step is the same as in"
    assert f"{same} lab8-twin-2.ipynb." in found["lab8-twin-1.ipynb"].notes
    assert f"{same} lab8-twin-1.ipynb." in found["lab8-twin-2.ipynb"].notes
    like_the_lab = ("lab8-perfect.ipynb", "lab8-typed.ipynb", "lab8-empty.ipynb")
    assert not [note for file in like_the_lab for note in found[file].notes if same in note]


def test_equal_files_are_noted_even_so(runs, tmp_path):
    paths = [save(tmp_path, notebook(claims={}, solved=False), name) for name in ("Ada", "Eva")]
    one, _ = grade_all(arrivals_in(paths).found, runs)
    assert "The file is the same as lab8-Eva.ipynb." in one.notes
