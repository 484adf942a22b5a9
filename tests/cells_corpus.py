"""Helpers for the tests of the cell reader: running a cell, and expecting its refusal."""

import pytest

from lab.cells import CellError, CellOutput, Limits, run_cell


def run(source, names=None, may_use=lambda _: True, **limits):
    names = {} if names is None else names
    output = CellOutput()
    run_cell(source, names, output, Limits(may_use, **limits))
    return names, output


def is_performed_as_python_does(source, capsys):
    """Run a program in the cell reader and in Python; require that both print the same."""
    _, output = run(source)
    exec(compile(source, "cell", "exec"), {})  # noqa: S102  # Python itself is what it is compared with
    expected = capsys.readouterr().out
    assert output.text.rstrip() == expected.rstrip()


def refused(source, names=None, may_use=lambda _: True, **limits):
    with pytest.raises(CellError) as caught:
        run(source, names, may_use, **limits)
    assert caught.value.line >= 1
    assert caught.value.column >= 1
    return caught.value


SETUP = """
from pyspark.sql import functions as F, types as T
from pyspark.sql.functions import col, expr, when, count_if
from pyspark.sql.types import *
logSchema = StructType([
    StructField("serverID", StringType(), True),
    StructField("severity", IntegerType(), True),
    StructField("timestamp", IntegerType(), True),
])
streamingLogData = spark.readStream.schema(logSchema).csv(s3_log_data_live_uri)
batch = spark.read.schema(logSchema).csv(s3_log_data_uri + "s115.csv")
"""


def opened(learner, run_step):
    """Return a function that runs cells in a learner's workspace, as the lab does, after SETUP."""
    run_step("schema")
    workspace = learner.workspace

    def cell(source, **limits):
        return run(source, workspace.names, workspace.owns, before_stop=workspace.before_stop, **limits)[1]

    cell.refused = lambda source, **limits: refused(source, workspace.names, workspace.owns, **limits)
    cell.names = workspace.names
    cell(SETUP)
    return cell
