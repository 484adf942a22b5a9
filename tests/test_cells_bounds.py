"""The limits of a cell: steps, sizes, depth, output, rows and seconds."""

import threading
import time
from types import SimpleNamespace

import pandas as pd
import pytest
from cells_corpus import opened, refused, run

from lab.cells.actions import wait_for
from lab.cells.advice import Refused
from lab.cells.bounds import MAX_STEPS
from lab.cells.values import MAX_OUTPUT, Limits
from lab.engine.tasks import Tasks

LONGER = "longer than 10,000"
STEPS = f"more than {MAX_STEPS:,} steps"
HOLDS = "holds more than 200,000 values"
NESTED = "nested more than 100 deep"
DEEP = "nested too deeply"
DOUBLE_STRUCT = "    t = StructType([StructField('a', t), StructField('b', t)])\n"


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("a = 'x'\n" + "a = a + a\n" * 20, LONGER),
        ("a = [1]\n" + "a = a + a\n" * 20, LONGER),
        ("a = [1]\nfor x in range(20):\n    a += a", LONGER),
        ("a = [1]\nfor x in range(20):\n    a.extend(a)", LONGER),
        ("a = []\nfor x in range(3):\n    for y in range(9999):\n        a.append(1)", STEPS),
        ("'a' * 10 ** 9", LONGER),
        ("10 ** 9 * 'a'", LONGER),
        ("[0] * 10 ** 9", LONGER),
        ("(0,) * 10 ** 9", LONGER),
        ("range(10 ** 12)", LONGER),
        ("range(10 ** 29)", LONGER),
        ("range(0, -10 ** 29, -1)", LONGER),
        ("list(range(100000))", LONGER),
        ("[x for x in range(200) for y in range(200)]", LONGER),
        ("','.join(['x' * 9000, 'y' * 9000])", LONGER),
        ("('x' * 100).join(['y'] * 1000)", LONGER),
        ("('a' * 5000).replace('a', 'bbbb')", LONGER),
        ("'aaaa'.replace('', 'x' * 9000)", LONGER),
        ("x = 'a' * 9000\nf'{x}{x}'", LONGER),
        ("str([1] * 9999)", LONGER),
        ("f'{[1] * 9999}'", LONGER),
        ("d = {}\nfor x in range(3):\n    for y in range(9999):\n        d[x, y] = 1", STEPS),
        ("10 ** 10 ** 10", "powers as large as this"),
        ("2 ** 10000", "powers as large as this"),
        ("10 ** 30 * 10", "30 digits"),
        ("a = 9\nfor x in range(20):\n    a = a * a", "30 digits"),
        ("9" * 40, "30 digits"),
        ("int('9' * 4000)", "30 digits"),
        ("int(1e300)", "30 digits"),
        ("sum([10 ** 29] * 9000)", "30 digits"),
        ("round(1.5, 10 ** 9)", "digits"),
        ("f'{1:>1000}'", "the format"),
        ("f'{1:{10 ** 9}}'", "the format"),
        ("a = [1] * 300\nfor x in a:\n    for y in a:\n        b = x", STEPS),
        ("a = [1] * 300\n[[y for y in a] for x in a]", STEPS),
        ("for x in range(10000):\n    sorted(range(1000))", STEPS),
        ("sorted(range(9999), key=lambda x: -x + 0 + 0)", STEPS),
        ("a = list(range(9999))\nfor x in range(9999):\n    x in a", STEPS),
        ("def f(a):\n    for x in [1, 1, 1]:\n        f(a)\nf(1)", DEEP),
        ("def f(a):\n    return f(a)\nf(1)", DEEP),
        ("f = lambda: f()\nf()", DEEP),
        ("def f(x):\n    return sorted([1, 2], key=f)\nf(1)", DEEP),
        ('"1"' + "+1" * 3000, DEEP),
        ("-" * 3000 + "1", DEEP),
        ("-" * 9900 + "1", DEEP),
        ("not " * 2000 + "1", DEEP),
        ("[" * 150 + "]" * 150, DEEP),
        ("a" + ".b" * 3000, DEEP),
        ("f" + "()" * 3000, DEEP),
        ("if 1:\n" + "".join(" " * n + "if 1:\n" for n in range(1, 90)) + " " * 90 + "1", DEEP),
        ("a = [1]\nfor x in range(3000):\n    a = [a]\nprint(a)", NESTED),
        ("a = []\na.append(a)\nprint(a)", NESTED),
        ("a = []\na.append(a)\nb = [a]\na == b", NESTED),
        ("d = {}\nd['d'] = d\nstr(d)", NESTED),
        ("a = [1, 1]\nfor x in range(60):\n    a = [a, a]\nprint(a)", HOLDS),
        ("a = (1, 1)\nfor x in range(60):\n    a = (a, a)\n{a}", HOLDS),
        ("a = (1, 1)\nfor x in range(60):\n    a = (a, a)\n{}[a]", HOLDS),
        ("a = [1, 1]\nfor x in range(60):\n    a = [a, a]\na", HOLDS),
        ("a = b = (1, 1)\nfor x in range(60):\n    a = (a, a)\n    b = (b, b)\na == b", HOLDS),
        ("a = b = (1, 1)\nfor x in range(60):\n    a = (a, a)\n    b = (b, b)\n[a].index(b)", HOLDS),
        ("from pyspark.sql.types import *\nt = IntegerType()\nfor x in range(60):\n" + DOUBLE_STRUCT, HOLDS),
        ("from pyspark.sql.types import *\nt = StructType()\nt.add('t', t)\nt.simpleString()", NESTED),
        ("a = [[0] * 9999 for x in range(9999)]", STEPS),
        ("a = 'x' * 9999\nb = [f'{a}' for x in range(9999)]", STEPS),
        ("a = [0] * 9999\nb = [a[:] for x in range(9999)]", STEPS),
        ("a = ['x'] * 9999\nb = [tuple(a) for x in range(9999)]", STEPS),
        ("a = [0] * 9999\nb = [" + "*a, " * 2000 + "]", LONGER),
        ("a = [0] * 9999\nprint(" + "*a, " * 2000 + ")", LONGER),
        ("a = [0] * 9999\n{" + "*a, " * 2000 + "}", LONGER),
        ("sum([[0] * 19] * 9999, [])", LONGER),
        ("import time\nfor x in range(100):\n    time.sleep(60)", "waits for more than 30 minutes"),
    ],
)
def test_a_cell_is_bounded(source, words):
    assert words in refused(source).message


def test_instead_of_long_waits_the_queries_are_waited_for():
    waits = []
    source = "import time\nfor x in range(5):\n    time.sleep(0.02)"
    _, output = run(source, all_waits_seconds=0.03, until_read=waits.append)
    # The first wait is slept; of the others, the second still has a little time left.
    assert len(waits) == 4
    assert sum(waits) < 4 * 0.03
    assert len(output.notes) == 1


def test_time_goes_by_for_a_cell_however_long_it_really_waits():
    source = "import time\nfor x in range(5):\n    time.sleep(20)"
    assert "processAllAvailable()" in refused(source, wait_seconds=0.001, asked_seconds=90).message
    assert "non-negative" in refused("import time\ntime.sleep(-1)").message
    assert "non-negative" in refused("import time\ntime.sleep(float('nan'))").message


def test_a_cell_has_so_many_seconds():
    source = "import time\nfor x in range(1000):\n    time.sleep(0.01)"
    assert "running for more than 0.05 seconds" in refused(source, cell_seconds=0.05).message


def test_what_is_printed_is_cut():
    _, output = run("for x in range(300):\n    print('x' * 1000)")
    assert len(output.text) < MAX_OUTPUT + 500
    assert output.lines[-1].startswith("(The lab shows only the first")
    _, output = run("[1] * 5000 + ['y' * 9000] * 99")
    assert len(output.text) < MAX_OUTPUT + 500


# --- with Spark


@pytest.fixture
def cell(learner, run_step):
    return opened(learner, run_step)


MANY = """
many = batch
for n in range(2):
    for m in range(6):
        many = many.union(many)
    many.coalesce(1).write.csv(f"{s3_lab9_output_uri}many{n}")
    many = spark.read.schema(logSchema).csv(f"{s3_lab9_output_uri}many{n}")
pairs = many.join(many.select(F.lit(1).alias("one")), F.lit(True))
"""


GROWING = [
    "c = col('severity')\nfor n in range(40):\n    c = c + c",
    "c = col('severity')\nfor n in range(40):\n    c = F.when(c > 1, c).otherwise(c)",
    "c = col('severity')\nfor n in range(40):\n    c = F.array(c, c)",
    "c = col('serverID')\nfor n in range(40):\n    c = F.concat(c, c)",
    "d = batch\nfor n in range(40):\n    d = d.union(d)",
    "d = batch\nfor n in range(40):\n    d = d.join(d, 'serverID')",
    "d = batch\nfor n in range(60):\n    d = d.withColumn('serverID', F.concat('serverID', 'serverID'))",
    "d = batch\nfor n in range(60):\n    d = d.selectExpr('concat(serverID, serverID) AS serverID')",
    "batch.createOrReplaceTempView('v')\nfor n in range(40):\n"
    "    spark.sql('SELECT * FROM v UNION ALL SELECT * FROM v').createOrReplaceTempView('v')",
    "batch.createOrReplaceTempView('v')\nfor n in range(40):\n"
    "    spark.table('v').union(spark.table('V')).createOrReplaceTempView('v')",
]


def test_plans_do_not_grow_for_ever(cell):
    for source in GROWING:
        assert "too large for the lab" in cell.refused(source).message, source


@pytest.mark.slow
def test_what_takes_too_long_is_cancelled_in_spark(cell):
    cell(MANY)
    tasks = Tasks(cell.names["spark"].sparkContext)
    # Of the last one, Spark's first row alone becomes a thousand million.
    for action in (
        "pairs.count()",
        "pairs.select(F.sum('one')).show()",
        "pairs.agg(F.sum('one')).toPandas()",
        "pairs.join(many.select(F.lit(2).alias('two')), F.lit(True)).count()",
    ):
        error = cell.refused(action, action_seconds=0.5)
        assert "This took more than 0.5 seconds, so the lab has cancelled it." in error.message
        deadline = time.monotonic() + 60
        while any(task.cancelled for task in tasks.running()):
            assert time.monotonic() < deadline, "Spark still works on it"
    assert cell("batch.count() > 0").text == "True"


@pytest.mark.slow
def test_a_batch_function_that_takes_too_long_is_cancelled(cell):
    cell('copy_s3_file_to_live_folder("s115.csv")')
    cell(MANY + "def save(df, n):\n    pairs.count()\n")
    # The start itself has the same limit, and cancels the jobs it has begun.
    cell("query = streamingLogData.writeStream.foreachBatch(save).start()", action_seconds=2)
    error = cell.refused("query.processAllAvailable()")
    assert "so the lab has cancelled it" in error.message
    assert cell.names["spark"].sparkContext.statusTracker().getActiveJobsIds() == []


def test_a_batch_function_that_does_not_come_to_its_next_step_is_ended(cell, monkeypatch):
    monkeypatch.setattr("lab.engine.work.GRACE_SECONDS", 0.5)
    cell.names["spin"] = lambda: sum(1 for _ in iter(int, 1))
    cell('copy_s3_file_to_live_folder("s115.csv")\ndef save(df, n):\n    spin()')
    cell("query = streamingLogData.writeStream.foreachBatch(save).start()", cell_seconds=0.5)
    error = cell.refused("query.processAllAvailable()")
    assert "This takes Python too long, so the lab has ended it." in error.message


def test_a_cell_does_not_wait_for_ever_for_a_query(cell):
    cell('copy_s3_file_to_live_folder("s115.csv")')
    cell("import time\ndef save(df, n):\n    time.sleep(0.8)")
    cell("query = streamingLogData.writeStream.foreachBatch(save).start()")
    error = cell.refused("query.processAllAvailable()", action_seconds=0.1)
    assert "took more than 0.1 seconds, so the cell no longer waits. The query goes on." in error.message
    cell("query.processAllAvailable()\nquery.stop()")


def test_what_is_told_is_the_time_of_the_cell_when_that_ends_first():
    over = threading.Event()
    part = SimpleNamespace(limits=Limits(lambda _: True, cell_seconds=120), began=time.monotonic() - 119.99)
    with pytest.raises(Refused, match=r"^This cell took more than 120 seconds, so the cell no longer waits\."):
        wait_for(part, over.wait, "`wait()`")
    over.set()


@pytest.mark.slow
def test_only_so_many_queries_run_at_a_time(cell):
    source = "for n in range(11):\n    streamingLogData.writeStream.queryName(f'q{n}').format('memory').start()"
    assert "more than 10 queries at a time. Stop one first" in cell.refused(source).message
    assert len(cell.names["spark"].streams.active) == 10
    cell("for q in spark.streams.active:\n    q.stop()")


def test_each_batch_counts_its_own_steps(cell):
    cell("def save(df, n):\n    for x in range(200):\n        for y in range(60):\n            pass")
    cell("query = streamingLogData.writeStream.foreachBatch(save).start()")
    for name in ("s115.csv", "s215.csv", "s1610.csv", "s2610.csv"):
        cell(f'copy_s3_file_to_live_folder("{name}")\nquery.processAllAvailable()')
    assert cell("query.isActive, query.exception(), query.lastProgress.batchId").text == "(True, None, 3)"


@pytest.mark.slow
def test_only_so_many_rows_are_brought(cell):
    cell(MANY)
    for action in ("many.collect()", "many.toPandas()"):
        assert "more than 10,000 rows. Use show() to look at some, or limit()" in cell.refused(action).message
    assert cell("len(many.limit(10000).collect())").text == "10000"


TWO_HEAVY = "a = [0]\nb = [0]\nfor i in range(40):\n    a = [a, a]\n    b = [b, b]\n"


@pytest.mark.parametrize(
    ("source", "words"),
    [
        # Values that a key function returns, counts, and the errors of an `except` are compared as well.
        (TWO_HEAVY + "sorted([0, 1], key=lambda x: (a, b)[x])", HOLDS),
        (TWO_HEAVY + "max([0, 1], key=lambda x: (a, b)[x])", HOLDS),
        (
            TWO_HEAVY + "from collections import Counter\nc = Counter()\nc[0] = a\nc[1] = b\nc.most_common()",
            HOLDS,
        ),
        # A key function changes what an earlier call returned.
        (
            TWO_HEAVY + "x = [[0], [0], 0]\ndef key(v):\n    if v == 0:\n        x[0][0] = a\n        x[1][0] = b\n"
            "        return [1]\n    return v\nsorted(x, key=key)\nx == x",
            HOLDS,
        ),
        ("t = (ValueError,)\nfor i in range(40):\n    t = (t, t)\ntry:\n    1 / 0\nexcept t:\n    pass", HOLDS),
        # Copies cost steps, whatever the syntax.
        ("x = [0] * 10000\ny = [[*x] for _ in range(5000)]", STEPS),
        ("x = [0] * 10000\ny = [(*x,) for _ in range(5000)]", STEPS),
        ("x = [0] * 10000\nfor _ in range(5000):\n    *y, z = x", STEPS),
        ("x = [0] * 10000\nfor _ in range(5000):\n    y = []\n    y += x", STEPS),
        ("from collections import Counter\nc = [Counter([i]) for i in range(5000)]\nsum(c, Counter())", STEPS),
    ],
)
def test_no_comparing_or_copying_goes_past_the_bounds(source, words):
    assert words in str(refused(source))


@pytest.mark.slow
@pytest.mark.parametrize("source", ["t.index", "t.values", 't.astype("str")', "t.to_dict()", 't[["a", "b"]]'])
def test_what_is_made_of_a_pandas_table_costs_steps(source):
    table = pd.DataFrame({"a": [str(i) for i in range(4000)], "b": list(range(4000))})
    assert STEPS in str(refused(f"x = [{source} for _ in range(3000)]", {"t": table}))
    assert run("for i in range(2000):\n    t['b'].iloc[i]", {"t": table})


def test_ends_and_separators_count_as_output():
    output = run("e = 'x' * 10000\nfor _ in range(1000):\n    print(end=e)")[1]
    assert len(output.text) < MAX_OUTPUT + 200
    assert len(run("print(*[0] * 10000, sep='x' * 10000)")[1].text) < MAX_OUTPUT + 200


def test_pairs_of_every_kind_are_checked_before_they_become_a_dict():
    names, _ = run("s = {(i * (2**61 - 1), i) for i in range(3000)}\nd = {i: p for i, p in enumerate(s)}")
    for pairs in ("s", "d.values()", "list(s)", "[{k: 0, 'x': 1} for k, v in s]"):
        assert "too much alike" in str(refused(f"x = dict({pairs})", dict(names)))


def test_comparing_leaves_what_is_compared():
    names, _ = run(
        """
x = [[2], [1]]
y = sorted(x)
y[0].append(3)
same = x[1] is y[0], x == [[2], [1, 3]], [2] in x, x.index([1, 3]), x.count([2]), {"a": x} == {"a": x}
x.remove([2])
d = {1: [2]}
views = (1, [2]) in d.items(), [2] in d.values(), d.items() == d.items(), (1, [2]) < (1, [3])
"""
    )
    assert names["same"] == (True, True, True, 1, 1, True)
    assert names["x"] == [[1, 3]]
    assert names["views"] == (True, True, True, True)
