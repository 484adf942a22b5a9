"""The cell reader: what it performs, what it refuses, and that it raises nothing but CellError."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.cells import CellError, CellOutput, Limits, run_cell
from lab.lesson.steps import STEPS


def run(source, names=None, may_use=lambda _: True):
    names = {} if names is None else names
    output = CellOutput()
    run_cell(source, names, output, Limits(may_use))
    return names, output


def refused(source, names=None, may_use=lambda _: True):
    with pytest.raises(CellError) as caught:
        run(source, names, may_use)
    return caught.value


def test_assignments_and_the_value_of_the_last_line():
    names, output = run("a = 1\nb = a + 2\nb")
    assert names == {"a": 1, "b": 3}
    assert output.text == "3"


def test_only_the_last_line_gives_a_value():
    assert run("1\n2\na = 3")[1].text == ""


def test_printing():
    assert run('print("running:", len([1, 2]))\nprint(f"batch={3}")')[1].text == "running: 2\nbatch=3"


def test_functions_lambdas_and_loops():
    source = "def f(a, b):\n    return a - b\ng = lambda a: f(a, 1)\nfor n in [5, 7]:\n    last = g(n)\nlast"
    assert run(source)[1].text == "6"


def test_a_function_keeps_its_names_to_itself():
    names, _ = run("def f(a):\n    inner = a\nf(1)")
    assert "inner" not in names


@pytest.mark.parametrize(
    "source",
    [
        "from pyspark.sql import functions as F\nF.col",
        "import pyspark.sql.functions as F\nF.col",
        "from pyspark.sql.functions import col\ncol",
        "from pyspark.sql.functions import *\ncol",
        "from pyspark.sql.types import StringType as Text\nText",
    ],
)
def test_the_ways_to_import(source):
    assert run(source)[1].text


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("import os", "'import'"),
        ("import os as o", "an import from 'os'"),
        ("from os import system", "an import from 'os'"),
        ("from pyspark.sql.functions import reflect", "'reflect' of pyspark.sql.functions"),
        ("from pyspark.sql import functions as F\nF.udf", "'udf' of pyspark.sql.functions"),
        ("from .x import y", "'importfrom'"),
        ("().__class__", "'__class__' of a tuple"),
        ("'{}'.format(1)", "'format' of a str"),
        ("[].append(1)", "'append' of a list"),
        ("_x = 1", "the name '_x'"),
        ("print.__self__", "'__self__'"),
        ("f'{1!r}'", "a format in an f-string"),
        ("f'{1:>9999999999}'", "a format in an f-string"),
        ("2 ** 9", "'Pow'"),
        ("'a' * 9", "'Mult'"),
        ("[x for x in [1]]", "'listcomp'"),
        ("while 1:\n    pass", "'while'"),
        ("class A:\n    pass", "'classdef'"),
        ("@print\ndef f():\n    return 1", "'functiondef'"),
        ("def f(*a):\n    return a", "anything but plain arguments"),
        ("print(*[1])", "'*' in a call"),
        ("for x in 'ab':\n    print(x)", "a loop over anything but a list"),
        ("a, b = 1, 2", "'assign'"),
        ("del a", "'delete'"),
        ("a[0]", "'subscript'"),
        ("exec('1')", "'exec' is not defined"),
        ("open('/etc/passwd')", "'open' is not defined"),
    ],
)
def test_what_is_outside_the_vocabulary_is_named(source, words):
    error = refused(source)
    assert words in error.message
    assert error.line >= 1
    assert error.column >= 1


def test_an_error_has_its_place_in_the_cell():
    error = refused("a = 1\nb = a + nothing")
    assert (error.line, error.column) == (2, 9)
    assert "'nothing' is not defined yet" in error.message


def test_what_a_call_raises_is_the_cause():
    error = refused("1 / 0")
    assert isinstance(error.cause, ZeroDivisionError)


def test_a_function_that_calls_itself_ends():
    assert refused("def f(a):\n    return f(a)\nf(1)").cause is not None


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("a = 1\nreturn a", "'return' only inside a function"),
        ('"1"' + "+1" * 3000, "nested too deeply"),
        ("def f(a):\n    for x in [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]:\n        f(a)\nf(1)", ""),
        ("a = 'x'\n" + "a = a + a\n" * 20, "longer than 10,000"),
        ("a = [1]\n" + "a = a + a\n" * 20, "longer than 10,000"),
        (
            "a = [1, 2, 3, 4, 5, 6, 7, 8, 9]\na = a + a + a\na = a + a + a\na = a + a + a + a\n"
            "for x in a:\n    for y in a:\n        b = x",
            "more than 20,000 steps",
        ),
    ],
)
def test_a_cell_is_bounded(source, words):
    assert words in refused(source).message


@pytest.mark.parametrize("source", ["a = = 1", "(" * 1000, "x" * 10_001, "\0", "if"])
def test_what_is_no_cell_is_refused(source):
    assert refused(source).message


WORDS = ["a", "=", "(", ")", "1", "\n", "+", "f", ".", "__class__", "[", "]", ",", "return", " ", "\n    "]
pieces = st.sampled_from([*WORDS, "def f(a):", "lambda a:", "for a in", "[" * 300])


@pytest.mark.filterwarnings("ignore::SyntaxWarning")
@given(st.text() | st.lists(pieces).map("".join))
def test_any_text_runs_or_raises_a_cell_error(source):
    # Anything but a CellError fails the test.
    with contextlib.suppress(CellError):
        run(source)


# --- with Spark


def test_a_stream_may_only_be_opened_inside_the_bucket(learner, run_step):
    run_step("schema")
    workspace = learner.workspace
    outside = refused('spark.read.schema(logSchema).csv("file:///etc/passwd")', workspace.names, workspace.owns)
    assert "the address 'file:///etc/passwd', which is outside your bucket." in outside.message
    for place in ("LogData/../../x", "LogData/*", "LogData/{a,/etc}", "LogDataOther/"):
        assert not workspace.owns(workspace.bucket.uri("LogData/").replace("LogData/", place))
    assert workspace.owns(workspace.bucket.uri("LogData/") + "s115.csv")


@pytest.mark.parametrize(
    "source",
    [
        "spark.sparkContext",
        "spark._jvm",
        "spark.udf",
        "spark.stop()",
        "spark.conf",
        "spark.createDataFrame([1])",
        'spark.read.schema("line STRING").csv(path="file:///etc/hostname")',
        'spark.read.schema("line STRING").csv(["file:///etc/hostname"])',
        'spark.read.schema("line STRING").csv(s3_log_data_uri, "a INT")',
        'spark.read.option("PATH", "file:///etc/hostname")',
        'spark.read.option(key="path", value="file:///etc/hostname")',
        'spark.readStream.option("cleanSource", "delete")',
        'spark.readStream.option("sourceArchiveDir", "/tmp")',
        'spark.sql("SELECT * FROM text.`file:///etc/hostname`")',
        """spark.sql("SELECT java_method('java.lang.System', 'exit', 1)")""",
        'spark.sql("SET spark.sql.restrictedMode.enabled = false")',
        'spark.sql("DROP TABLE x")',
        'spark.sql("SELECT 1; SELECT 2")',
        "spark.sql(\"SELECT TRANSFORM(1) USING 'cat'\")",
        'spark.sql("SELECT * FROM range(1000000000)")',
        'spark.sql("this is not sql")',
        'spark.sql("SELECT 1", spark)',
        "streamingLogData.rdd",
        "streamingLogData.mapInPandas(print, 'a int')",
        """streamingLogData.where("reflect('java.lang.System', 'exit') = 1")""",
        'streamingLogData.filter("1 = (SELECT count(*) FROM text.`/etc/hostname`)")',
        'streamingLogData.where("severity =")',
        'streamingLogData.writeStream.format("console")',
        "streamingLogData.writeStream.foreach(print)",
        'streamingLogData.writeStream.start("/tmp/elsewhere")',
        'streamingLogData.writeStream.start(path="/tmp/elsewhere")',
        'streamingLogData.writeStream.option("checkpointLocation", "/tmp/elsewhere")',
        'streamingLogData.writeStream.option(value="/tmp/elsewhere", key="CHECKPOINTLOCATION")',
    ],
)
def test_ways_out_are_closed(learner, run_step, source):
    run_step("read-stream")
    error = refused(source, learner.workspace.names, learner.workspace.owns)
    assert error.message.startswith("The lab's cells do not use")


@pytest.mark.parametrize(
    "source",
    [
        'streamingLogData.where("severity = 0 AND timestamp > 3")',
        "streamingLogData.filter(condition=\"severity IN (0, 1) OR NOT serverID LIKE 's%'\")",
        'streamingLogData.where(F.col("severity") == 0)',
        'spark.sql("SELECT serverID, round(avgVolume, 2) FROM volume_report ORDER BY serverID").show()',
        'spark.sql("SELECT count(*), max(avgVolume) FROM volume_report WHERE avgVolume > 1").show(5)',
        'spark.read.schema("a STRING").option("header", "true").csv(path=s3_log_data_uri).show()',
    ],
)
def test_the_ways_to_say_the_same_are_open(learner, run_step, source):
    run_step("volume-query")
    run(source, learner.workspace.names, learner.workspace.owns)


def test_the_lesson_stays_within_the_vocabulary(learner):
    """Every cell of the lesson runs; only the one that Spark is expected to refuse fails, and by Spark."""
    for step in STEPS.values():
        assert learner.prepare(step) is None
        run = learner.run(step)
        assert bool(run.failure) == step.refused, run.failure
    assert learner.workspace.active == ()
