"""Values that Python's C code traverses recursively: none ends the process, and none stays for long."""

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cells_corpus import refused, run

from lab.cells.bounds import MAX_COLLISIONS, weight
from lab.cells.held import MAX_HELD
from lab.cells.shown import table_as_text
from lab.engine.failures import text_of

# How a value begins, and how it becomes deeper.
DEEPER = {
    "tuple": ("a = (1,)", "a = (a,)"),
    "tuple of two": ("a = (1, 2)", "a = (a, 1)"),
    "list": ("a = [1]", "a = [a]"),
    "dict": ("a = {}", "a = {'a': a}"),
    "set": ("a = frozenset([1])", "a = frozenset([a])"),
    "sets in tuples": ("a = (1,)", "a = (frozenset([a]),)"),
    "from the top": ("a = b = []", "c = []\n    b.append(c)\n    b = c"),
    "dicts from the top": ("a = b = {}", "c = {}\n    b['a'] = c\n    b = c"),
    "slices": ("a = [1]", "a = [a[:]]"),
    "array type": ("from pyspark.sql.types import *\na = IntegerType()", "a = ArrayType(a)"),
    "map type": ("from pyspark.sql.types import *\na = IntegerType()", "a = MapType(StringType(), a)"),
    "struct": ("from pyspark.sql.types import *\na = IntegerType()", "a = StructType([StructField('a', a)])"),
    "struct by add": ("from pyspark.sql.types import *\na = IntegerType()", "a = StructType().add('a', a)"),
    "struct from the top": (
        "from pyspark.sql.types import *\na = b = StructType()",
        "c = StructType()\n    b.add('a', c)\n    b = c",
    ),
    "row": ("from pyspark.sql import Row\na = 1", "a = Row(a=a)"),
    "rows": ("from pyspark.sql import Row\na = 1", "a = Row(a)"),
    "functions": ("a = 1", "a = (lambda b: lambda: b)(a)"),
    "defaults": ("a = 1", "def a(b=a):\n        return b"),
    "itself": ("a = []", "a.append(a)"),
    "itself in a dict": ("a = {}", "a['a'] = a"),
    "two of another": ("a = []\nb = [a]", "a.append(b)"),
    "grown in place": ("a = [[]]", "a[0] = [a[0]]"),
    "items": ("a = {0: 1}.items()", "a = {0: a}.items()"),
    "values that double": ("a = {0: 1}.values()", "a = {0: a, 1: a}.values()"),
    "methods": ("a = [1]", "a = [a].copy"),
}
USES = [
    "{a}",
    "{a: 1}",
    "{1: 2}[a]",
    "d = {}\nd[a] = 1",
    "set([a])",
    "frozenset([a])",
    "dict([(a, 1)])",
    "a == a",
    "a < a",
    "a in [a]",
    "[a].index(a)",
    "[a].count(a)",
    "sorted([a, a])",
    "max([a, a])",
    "print(a)",
    "str(a)",
    "repr(a)",
    "f'{a}'",
    "a",
    "assert 0, a",
    "hash",
    "len(a)",
    "list(a)",
    "tuple(a)",
    "dict(a)",
    "b = a",
    "a.json()",
    "a.simpleString()",
    "a.fieldNames()",
    "def f(x):\n    return {x}\nf(a)",
    "[x for x in [a]]",
    "{x for x in [a]}",
    "{x: 1 for x in [a]}",
    "a += a",
    "a = a * 2",
    "from pyspark.sql import functions as F\nF.lit(a)",
    "from pyspark.sql.types import *\nStructType([a])",
    "from pyspark.sql.types import *\nStructField('a', a)",
    "a()",
]

CHILD = """
import faulthandler, gc, sys
sys.path[:0] = {paths!r}
faulthandler.enable()
from test_cells_depth import DEEPER, USES
from lab.cells import CellError, CellOutput, Limits, run_cell

def cell(source, names):
    try:
        run_cell(source, names, CellOutput(), Limits(lambda _: True))
    except CellError as error:
        return error.message
    return ""

for kind, (start, step) in DEEPER.items():
    names = {{}}
    for number, use in enumerate(USES):
        print(kind, "|", use, flush=True)
        # As deep as a cell can make it, and deeper than allowed; each is a cell's last moment with it.
        loop = f"for x in range({{9000 if number < 4 else 150}}):\\n    {{step}}\\n"
        cell(start + "\\n" + loop + use, names)
    cell(start, names)
    for _ in range(3):
        cell(f"for x in range(9000):\\n    {{step}}", names)
    assert cell("1", names) == "", kind
    del names
    gc.collect()
print("all")
"""


def in_a_child(source, seconds):
    here = Path(__file__).parent
    source = source.format(paths=[str(here), str(here.parent)])
    return subprocess.run(  # the Python of this process
        [sys.executable, "-c", source], capture_output=True, text=True, timeout=seconds, check=False
    )


@pytest.mark.slow
def test_no_deep_value_ends_python():
    done = in_a_child(CHILD, 400)
    assert done.returncode == 0, f"{done.stdout.splitlines()[-1:]}\n{done.stderr[-3000:]}"
    assert done.stdout.endswith("all\n")


DELETED = """
import faulthandler, gc, sys
sys.path[:0] = {paths!r}
faulthandler.enable()
from pyspark.sql import Row
from pyspark.sql.types import ArrayType, IntegerType, StructField, StructType
from lab.cells.held import let_go
from lab.cells.advice import Refused
for name, deeper in {{
    "tuple": lambda a: (a,), "list": lambda a: [a], "dict": lambda a: {{1: a}}, "pair": lambda a: (frozenset([1]), a),
    "row": lambda a: Row(a=a), "array": ArrayType, "struct": lambda a: StructType([StructField("a", a)]),
}}.items():
    print(name, flush=True)
    value = IntegerType()
    for _ in range(200_000 if name not in {{"array", "struct"}} else 30_000):
        value = deeper(value)
    names = {{"a": value, "b": 1}}
    del value
    try:
        let_go(names)
    except Refused as error:
        assert "nested more than 100 deep" in str(error)
    assert names == {{"b": 1}}
    del names
    gc.collect()
print("all")
"""


def test_a_deep_value_can_be_let_go_of():
    done = in_a_child(DELETED, 300)
    assert done.returncode == 0, f"{done.stdout.splitlines()[-1:]}\n{done.stderr[-3000:]}"
    assert done.stdout.endswith("all\n")


@pytest.mark.parametrize(
    "source",
    [
        "v = w = {0: 1}.items()\nfor i in range(60):\n    v = {0: v, 1: v}.items()\n    w = {0: w, 1: w}.items()\nv == w",
        "v = 'x'\nfor i in range(60):\n    v = {0: v, 1: v}.values()\nset([v] + list(range(300)))",
        "v = 'x'\nfor i in range(60):\n    v = {0: v, 1: v}.values()\nv in [v]",
        "a = ['x' * 9999] * 1500\nb = ['y' * 9999] * 1500\n[a.copy, b.copy] == 1",
        "a = ['x' * 9999] * 1500\nb = ['y' * 9999] * 1500\n[{0: a}.values(), {0: b}.items()] == 1",
    ],
)
def test_what_views_and_methods_hold_counts(source):
    assert "holds more than 200,000 values" in refused(source).message


def test_a_value_of_a_type_that_nobody_has_thought_of_is_only_looked_at():
    names = {"a": np.array(["s1"], dtype=object), "b": b"x" * 10}
    for source in ("a * 10**6", "a + a", "a == a", "[a] == [a]", "{'a': a} == 1", "print(a)", "a"):
        assert "does not know how much a value of the type ndarray holds" in refused(source, {**names}).message
    assert "longer than 10,000" in refused("b * 10**9", names).message


def test_a_pandas_table_does_not_multiply():
    names = {"table": pd.DataFrame({"a": [1, 2], "b": [3, 4]}), "twice": pd.DataFrame([[1, 2]], columns=["a", "a"])}
    assert run("t = table[['b', 'a']]\nt.columns == ['b', 'a']", names)[1].text == "True"
    for source in ("table[['a'] * 9000]", "table[['a', 'b', 'a']]", "twice['a']", "twice[['a']]"):
        assert "a column twice" in refused(source, names).message
    assert list(run("twice", names)[1].table.columns) == ["a", "a (2)"]
    names["thrice"] = pd.DataFrame([[1, 2, 3, 4]], columns=["a", "a", "a (2)", "a"])
    assert list(run("display(thrice)", names)[1].table.columns) == ["a", "a (2)", "a (2) (2)", "a (3)"]
    names["many"] = pd.DataFrame([[1] * 9_000], columns=["a"] * 9_000)
    assert run("many", names)[1].table.columns[-1] == "a (9000)"


def test_what_is_deep_does_not_stay():
    names = {"kept": [1]}
    message = refused("a = (1,)\nfor x in range(200):\n    a = (a,)", names).message
    assert "nested more than 100 deep" in message
    assert "let go of 'a'" in message
    assert names == {"kept": [1], "x": 199}
    run("a = (1,)\nfor x in range(90):\n    a = (a,)\n{a}", names)


def test_what_holds_itself_does_not_stay():
    names = {}
    assert "let go of 'a'" in refused("a = []\na.append(a)", names).message
    assert "a" not in names
    # The first error is the one that is reported.
    assert "is not defined yet" in refused("a = []\na.append(a)\nnothing", names).message
    assert "a" not in names


def test_names_hold_only_so_much():
    names = {"small": [1]}
    run("def make():\n    return [[x] * 50 for x in range(900)]", names)
    for number in range(8):
        run(f"a{number} = make()", names)
    assert "more than the lab keeps" in refused("a8 = make()", names).message
    assert len([name for name in names if name.startswith("a")]) == 8
    assert names["small"] == [1]
    assert sum(weight(value) for value in names.values()) <= MAX_HELD


def test_what_functions_hold_counts():
    names = {}
    run("def keep(x):\n    def f():\n        return x, f\n    return f\nfs = []", names)
    for _ in range(4):
        run("fs.append(keep([[1] * 50 for x in range(900)]))", names)
    assert "holds more than" in refused("fs.append(keep([[1] * 50 for x in range(900)]))", names).message
    run("def f(a=[1]):\n    return f", names)
    run("g = f()\n[g, f]", names)


# --- hashes

PRIME = "p = 2 ** 61 - 1\n"
MANY = PRIME + "many = [p * x for x in range(9999)]\n"
ALIKE = [
    "{*many}",
    "set(many)",
    "frozenset(many)",
    "{x for x in many}",
    "{x: 1 for x in many}",
    "dict([(x, 1) for x in many])",
    "dict(zip(many, many))",
    "set().union(many)",
    "set([1]).difference(many)",
    "{1: 2}.update([(x, 1) for x in many])",
    "set([(x, 1) for x in many])",
    "set([(1, (x,)) for x in many[:3000]])",
    "set([frozenset([x]) for x in many[:3000]])",
    "s = set()\nfor x in many:\n    s.add(x)",
    "d = {}\nfor x in many:\n    d[x] = 1",
    "d = {}\nfor x in many:\n    d.setdefault(x, 1)",
    "d = {}\nfor x in many:\n    d.update([(x, 1)])",
    "a = set(many[:200])\nfor x in range(40):\n    a = a | set(many[x * 150:x * 150 + 150])",
    "a = {}\nfor x in range(40):\n    a = a | {y: 1 for y in many[x * 199:x * 199 + 199]}",
    "a = {}\nfor x in range(40):\n    a |= {y: 1 for y in many[x * 199:x * 199 + 199]}",
    "a = {}\nfor x in range(40):\n    a.update([(y, 1) for y in many[x * 199:x * 199 + 199]])",
    "a = {}\nfor x in range(40):\n    a.update({y: 1 for y in many[x * 199:x * 199 + 199]})",
    "{1: 1}.keys() | many",
    "{1: 1}.keys() - many",
    "{1: 1}.keys() ^ many",
    "{1: 1}.items() & [(y, 1) for y in many]",
    "a = set(many[:200])\nfor x in range(40):\n    a = a.union(many[x * 150:x * 150 + 150])",
]


@pytest.mark.parametrize("use", ALIKE)
def test_numbers_of_one_hash_stall_nobody(use):
    names = {}
    run(MANY, names)
    began = time.process_time()
    assert "look too much alike" in refused(use, names).message
    assert time.process_time() - began < 3


@pytest.mark.parametrize(
    "use",
    [
        "len(set(range(9999)))",
        "len({x * 0.5 for x in range(9999)})",
        "len({(x, -x): 1 for x in range(3000)})",
        "len({str(x) for x in range(5000)})",
        "len(set([1, 2] * 4000))",
        "len(set([x * 2.0 ** x for x in range(300)]))",
        "d = {}\nfor x in range(3000):\n    d[x, 1] = 1",
        "len({x: 1 for x in range(3000)} | {x: 2 for x in range(5000)})",
        "len(set(range(3000)) - set(range(2000)))",
    ],
)
def test_other_numbers_are_kept(use):
    run(use)


def test_few_numbers_of_one_hash_are_harmless():
    run(MANY + f"len(set(many[:{MAX_COLLISIONS}]))")


def test_a_wide_cell_makes_no_table_wide():
    names = {"table": pd.DataFrame({"a": ["x" * 4_000_000, *["y"] * 4_999]})}
    # If each row were as wide, these would be 20 GB.
    for source in ("table", "print(table)", "f'{table}'", "str(table)", "table['a']", "print(table['a'])"):
        _, output = run(source, names)
        assert len(output.text) < 60_000
    assert "longer than 10,000" in refused("table.to_string()", names).message
    assert "x" in run("print(table.head(3).to_string(index=False))", names)[1].text
    assert len(table_as_text(names["table"])) < 200_000


def test_of_a_long_error_the_middle_is_left_out():
    error = refused("float('x' * 9000 + 'y')")
    assert error.message.endswith("y'")
    assert text_of(ValueError("a" * 40_000)) == "a" * 40_000
    long = text_of(ValueError("a" * 10**7 + "b"))
    assert len(long) < 60_000
    assert long.endswith("b")
