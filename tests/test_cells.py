"""The cell reader: what it performs, what it refuses, and that it raises nothing but CellError."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.cells import CellError, CellOutput, run_cell
from lab.lesson.steps import STEPS


def run(source, names=None, may_use=lambda _: True):
    names = {} if names is None else names
    output = CellOutput()
    run_cell(source, names, output, may_use)
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


@pytest.mark.parametrize("source", ["a = = 1", "(" * 1000, "x" * 10_001, "\0", "if"])
def test_what_is_no_cell_is_refused(source):
    assert refused(source).message


@given(
    st.text()
    | st.lists(st.sampled_from(["a", "=", "(", ")", "1", "\n", " ", "def f():", "f", ".", "__class__", "+"])).map(
        "".join
    )
)
def test_any_text_runs_or_raises_a_cell_error(source):
    # Anything but a CellError fails the test.
    with contextlib.suppress(CellError):
        run(source)


# --- with Spark


def test_a_stream_may_only_be_opened_inside_the_bucket(learner, run_step):
    run_step("schema")
    workspace = learner.workspace
    outside = refused('spark.read.schema(logSchema).csv("file:///etc/passwd")', workspace.names, workspace.owns)
    assert "the address 'file:///etc/passwd', which is outside your bucket" in outside.message
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
        "spark.createDataFrame([1])",
        "streamingLogData.rdd",
        "streamingLogData.mapInPandas(print, 'a int')",
        "streamingLogData.writeStream.format('console').foreach(print)",
        "spark.conf",
    ],
)
def test_ways_out_of_spark_are_closed(learner, run_step, source):
    run_step("read-stream")
    assert "The lab's cells do not use" in refused(source, learner.workspace.names, learner.workspace.owns).message


def test_an_address_cannot_be_smuggled_in_as_an_option(learner, run_step):
    run_step("read-stream")
    source = 'streamingLogData.writeStream.option("checkpointLocation", "/tmp/elsewhere")'
    assert "outside your bucket" in refused(source, learner.workspace.names, learner.workspace.owns).message


def test_the_lesson_stays_within_the_vocabulary(learner):
    """Every cell of the lesson runs; only the one that Spark is expected to refuse fails, and by Spark."""
    for step in STEPS.values():
        assert learner.prepare(step) is None
        run = learner.run(step)
        assert bool(run.failure) == step.refused, run.failure
    assert learner.workspace.active == ()
