"""The cell reader without Spark: Python as it runs it, what it refuses, and where errors are located."""

# ruff: noqa: E501  # a program is easier to read in one line

import pytest
from cells_corpus import is_performed_as_python_does, refused, run

from lab.cells import vocabulary
from lab.ui.editor import COMPLETIONS


def test_assignments_and_the_value_of_the_last_line():
    names, output = run("a = 1\nb = a + 2\nb")
    assert names == {"a": 1, "b": 3}
    assert output.text == "3"


def test_only_the_last_line_gives_a_value():
    assert run("1\n2\na = 3")[1].text == ""
    assert run("print(1)")[1].text == "1"
    assert run("for x in [1]:\n    x")[1].text == ""


PROGRAMS = {
    "print": 'print("running:", len([1, 2]))\nprint(f"batch={3}")',
    "print with sep and end": 'print(1, 2, sep="-", end="")\nprint(3, end="!\\n")\nprint()\nprint("a", end=" ")',
    "functions": "def f(a, b=2, *, c=3):\n    return a - b + c\nprint(f(1), f(1, 1), f(b=1, a=5, c=0))",
    "annotations": "def f(a: int, b: 'str' = 1) -> float:\n    '''Docstring.'''\n    return a / b\nx: int = 3\ny: int\nprint(f(x))",
    "lambdas": "g = lambda a, b=1: a * b\nprint(g(2), g(2, b=4), (lambda: 7)())",
    "a function sees later definitions": "def f():\n    return g() + x\ndef g():\n    return 1\nx = 4\nprint(f())",
    "closures": "def make(n):\n    def inner(x):\n        return x + n\n    n = n + 1\n    return inner\nprint(make(3)(1))",
    "recursion": "def f(n):\n    return 1 if n == 0 else n * f(n - 1)\nprint(f(4))",
    "early return": "def f(x):\n    for n in range(9):\n        if n == x:\n            return n\n    return 'none'\nprint(f(3), f(99))",
    "loops": "for n in range(9):\n    if n == 2:\n        continue\n    if n == 5:\n        break\n    print(n)\nelse:\n    print('never')",
    "loops with else": "for n in 'ab':\n    pass\nelse:\n    print(n)",
    "enumerate, zip, sorted": "for i, (a, b) in enumerate(zip([1, 2], 'xy'), 1):\n    print(i, a, b)\nprint(sorted([3, 1], reverse=True))",
    "sorted with a key": "print(sorted(['b', 'A'], key=lambda s: s.lower()), max([1, -5], key=abs), min('b', 'a'))",
    "reversed and sets": "print(list(reversed([1, 2])), {1} | {2}, set(), {1, 2} - {1}, len({1, 1}))",
    "dictionaries": "d = {'a': 1}\nd['b'] = 2\nd.update({'c': 3})\nfor k, v in d.items():\n    print(k, v)\nprint(d, d.get('x'), list(d))",
    "comprehensions": "print([x * 2 for x in range(5) if x % 2], {x: y for x, y in [(1, 2)]}, sum(x for x in [1, 2]), {c for c in 'aa'})",
    "nested comprehensions": "x = 'kept'\nprint([(x, y) for x in range(3) for y in range(x)], x)",
    "conditions": "a = 3\nif a > 5:\n    print('big')\nelif a > 2:\n    print('middle')\nelse:\n    print('small')",
    "chained comparison": "print(1 < 2 < 3, 1 < 2 > 5, 3 in [1, 2], 3 not in (1,), None is None, 1 is not None)",
    "and, or, not": "print(1 and 2, 0 or 'x', not 3, [] or None, 1 and 0 or 5)",
    "unpacking": "a, b = 1, 2\n(c, [d, e]) = 3, (4, 5)\na, b = b, a\nprint(a, b, c, d, e)\nx = y = 1\nprint(x, y)",
    "augmented": "a = 1\na += 2\na *= 3\nb = [1]\nc = b\nb += [2]\nprint(a, b, c)\nd = {'n': 1}\nd['n'] += 1\nprint(d)",
    "spread": "a = [1, 2]\nprint(*a, *(3,))\nprint([*a, 9], (*a,))\ndef f(x, y):\n    return x - y\nprint(f(**{'y': 1, 'x': 2}))",
    "slices": "a = [1, 2, 3, 4]\nprint(a[1:3], a[::-1], 'hello'[0], 'hello'[-3:], (1, 2)[1], range(9)[2:4])",
    "f-strings": "x = 3.14159\nn = 1234567\ns = 'ab'\nprint(f'{x:.2f} {n:,} {s:>5}| {s!r:<6}| {x:8.1f} {n:d} {0.5:.0%} {{}} {s!s} {s!a}')",
    "texts": "print('a,b'.split(','), '-'.join(['x', 'y']), ' A '.strip().lower(), 'aab'.replace('a', 'b'), 'ab'.upper())",
    "more texts": "print('abc'.startswith('ab'), 'abc'.endswith('x'), 'abc'.find('c'), 'a\\nb'.splitlines(), 'a' * 3, 'ab' in 'cab')",
    "numbers": "print(7 // 2, 7 % 3, -7 // 2, 2 ** 9, 2 ** -1, 1e3, abs(-3), round(2.567, 1), int('12'), float('1.5'), 5 ^ 1, ~2)",
    "lists": "a = [3]\na.append(1)\na.extend((2, 2))\na.insert(0, 9)\nprint(a, a.count(2), a.index(1), a.pop(), len(a), max(a), sum(a, 1))",
    "conversions": "print(str(1) + 'a', list('ab'), tuple([1]), dict([(1, 2)]), bool([]), any([0, 1]), all([]), repr('x'))",
    "empty and odd values": "print([], (), {}, (1,), None, True, [None], {'a': [1, ('b',)]}, 'it\\'s', [\"it's\"])",
    "assert": "assert 1 == 1\nassert [1], 'no'\nprint('ok')",
    "underscores": "for _ in range(2):\n    print('x')\n_a = 1\nprint(_a)",
    "comments and blank lines": "# a comment\n\n\na = 1  # another\n'''a text'''\nprint(a)",
    "semicolons and continued lines": "a = 1; b = 2\nc = a + \\\n    b\nprint((a +\n  b), c)",
    "what looks like a blank": "# ??\nprint('??', \"??\", '''\n??''', f'??')",
    "errors are values of no use": "def f():\n    pass\nprint(f())",
}


@pytest.mark.parametrize("source", PROGRAMS.values(), ids=PROGRAMS)
def test_python_is_performed_as_python_does(source, capsys):
    is_performed_as_python_does(source, capsys)


def test_later_cells_see_earlier_ones_and_functions_see_later_ones():
    names, _ = run("def f():\n    return x")
    run("x = 1", names)
    assert run("f()", names)[1].text == "1"
    run("x = 2", names)
    assert run("f()", names)[1].text == "2"


def test_a_function_keeps_its_names_to_itself():
    names, _ = run("def f(a):\n    inner = a\nf(1)\n[y for y in [1]]")
    assert set(names) == {"f"}


def test_sleeping():
    assert run("import time\ntime.sleep(0.01)\nfrom time import sleep as rest\nrest(0)")[1].text == ""


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("print", "<built-in function print>"),
        ("def f():\n    pass\nf", "<function f>"),
        ("'abc'.upper", "<method upper of a str: add () to call it>"),
        ("[1].append", "<method append of a list: add () to call it>"),
        ("type(1)", "<class 'int'>"),
        ("type('x')", "<class 'str'>"),
        ("range(3)", "range(0, 3)"),
        ("'x'", "'x'"),
        ("None", ""),
        ("{'a': 1}.keys()", "['a']"),
    ],
)
def test_what_a_notebook_would_show(source, shown):
    assert run(source)[1].text == shown


def test_unsafe_looking_values_have_no_address():
    assert (
        " at 0x"
        not in run("def f():\n    pass\nprint(f, print, lambda: 1, [len], (x for x in []), reversed([]))")[1].text
    )


@pytest.mark.parametrize(
    "source",
    [
        "from pyspark.sql import functions as F\nF.col",
        "import pyspark.sql.functions as F\nF.col",
        "import pyspark.sql.functions\npyspark.sql.functions.col",
        "import pyspark\npyspark.sql.functions.col",
        "from pyspark.sql.functions import col\ncol",
        "from pyspark.sql.functions import *\ncol",
        "from pyspark.sql import functions as F, types as T\nT.StringType",
        "from pyspark.sql.types import StringType as Text\nText",
        "from pyspark.sql.types import *\nStructType",
        "import pyspark.sql.types as T\nT.StructType",
        "from pyspark.sql import SparkSession, DataFrame, Column\nSparkSession",
    ],
)
def test_the_ways_to_import(source):
    assert run(source)[1].text


def test_a_star_import_shadows_as_in_python():
    names, _ = run("from pyspark.sql.functions import *\nfrom pyspark.sql.types import *")
    assert {"max", "min", "sum", "abs", "round"} <= set(names)
    assert not {"print", "len", "range", "str", "udf", "reflect", "repeat", "sequence", "call_function"} & set(names)


REFUSALS = [
    ("import sys", "an import from 'sys'. Nothing outside Spark"),
    ("import sys as s", "an import from 'sys'"),
    ("from os import system", "'system' of os. Nothing outside Spark"),
    ("import os\nos.getcwd()", "'getcwd' of os. Nothing outside Spark"),
    ("import os\nos.environ", "'environ' of os. Nothing outside Spark"),
    ("import os\nos.path.exists('x')", "'exists' of os.path. Nothing outside Spark"),
    ("import os.nothing", "an import from 'os.nothing'"),
    ("import botocore", "copy_s3_file_to_live_folder(...) delivers"),
    ("import s3fs", "copy_s3_file_to_live_folder(...) delivers"),
    ("import pandas as pd", "Use toPandas()"),
    ("import subprocess", "an import from 'subprocess'"),
    ("from pyspark.sql.window import Window", "an import from 'pyspark.sql.window'"),
    ("from pyspark.sql import Window", "'Window' of pyspark.sql. Use groupBy"),
    ("import pyspark.sql.funktions", "Did you mean 'pyspark.sql.functions'?"),
    ("from pyspark.sql.functions import reflect", "'reflect' of pyspark.sql.functions. Nothing outside"),
    ("from pyspark.sql.functions import countif", "Did you mean 'count_if'?"),
    ("from pyspark.sql.types import IntType", "Did you mean 'IntegerType'?"),
    ("from pyspark.sql import functions as F\nF.udf", "'udf' of pyspark.sql.functions. Use the functions"),
    ("from pyspark.sql import functions as F\nF.maxx", "Did you mean 'max'?"),
    ("from pyspark.sql import *", "'*' from pyspark.sql. Name what you need."),
    ("from .x import y", "an import from '.'"),
    ("from pyspark.sql import SparkSession\nSparkSession()", "A session is there already, under the name spark."),
    ("from pyspark.sql import SparkSession\nSparkSession()", "A session is there already, under the name spark."),
    ("().__class__", "'__class__' of a tuple"),
    ("'{0.real}'.format(1)", "{0.real} in format(). Give format() the value itself"),
    ("'{a[0]}'.format(a=[1])", "{a[0]} in format()"),
    ("'{:>9999}'.format(1)", "the format '>9999'"),
    ("'{}'.format_map({})", "'format_map' of a str"),
    ("__x = 1", "the name '__x'"),
    ("print.__self__", "'__self__' of a function"),
    ("f'{1:>9999999999}'", "the format '>9999999999'"),
    ("f'{[]:>9}'", "the format '>9'"),
    ("'%9999d' % 3", "the format '%9999d'. Use one such as '%.2f'"),
    ("'%*d' % (9, 3)", "the format '%*d'"),
    ("class A:\n    pass", "'class'. Functions"),
    ("try:\n    pass\nexcept* ValueError:\n    pass", "'try'. Write except, without a star"),
    ("with open('x') as f:\n    pass", "'with'. Files are read with"),
    ("@print\ndef f():\n    return 1", "'@'. Call the function"),
    ("def f():\n    yield 1\nf()", "'yield'. Return a list"),
    ("async def f():\n    pass", "'async'"),
    ("raise 'x'", "'raise' without an error. Raise an error with a text"),
    ("match 1:\n    case 1:\n        pass", "'match'. Use if"),
    ("a = 1\ndel a.b", "'del' of an attribute. Give the name another value"),
    ("del (1, 2)[0]", "'del' of a place in 'tuple'"),
    ("*a = [1, 2]", "a '*' stands among several names"),
    ("*a, *b = [1, 2]", "more than one '*' in an assignment"),
    ("a = 1\na.b = 2", "an assignment to an attribute"),
    ("print(**3)", "'**' with anything but a dict"),
    ("b'x'", "b'x'"),
    ("3j", "3j"),
    ("...", "Ellipsis"),
    ("1 << 2", "the operator <<"),
    ("1 @ 2", "the operator @"),
    ("exec('1')", "'exec'. Write the code into the cell itself"),
    ("eval('1')", "'eval'. Write the code into the cell itself"),
    ("open('/etc/passwd')", "'open'. Files are read with"),
    ("input('?')", "'input'. Write the value"),
    ("__import__('os')", "'__import__'. Use an import statement"),
    ("getattr(1, 'real')", "'getattr'. Write the attribute"),
    ("globals()", "'globals'"),
    ("hasattr(1, 'real')", "'hasattr'. Use print(type(x))"),
    ("SystemExit", "'SystemExit'"),
    ("iter([1])", "'iter'. Use a for loop"),
    ("print(1, file=2)", "the argument 'file' of print()"),
    ("a = 1\nreturn a", "'return' outside a function. They use 'return' only inside a function"),
    ("break", "'break' outside a loop"),
    ("def f():\n    continue\nfor x in [1]:\n    f()", "'continue' outside a loop"),
    ("[1].__len__()", "'__len__' of a list"),
    ("'abc'.uper()", "A str has no 'uper'. Did you mean 'upper'?"),
    ("None.stop()", "There is no 'stop' here: what stands before the dot is None."),
    ("print(1).show()", "There is no 'show' here"),
    ("'a'.upper.lower()", "'upper' is a method of a str: call it, with (), before .lower."),
    ("logSchema = 1\nlogschema", "'logschema' is not defined yet. Did you mean 'logSchema'?"),
    ("prnt(1)", "'prnt' is not defined yet. Did you mean 'print'?"),
    ("F.col('x')", "'F' is not defined yet. Import it: from pyspark.sql import functions as F."),
    ("col('x')", "'col' is not defined yet. Import it: from pyspark.sql.functions import col."),
    ("IntegerType()", "Import it: from pyspark.sql.types import IntegerType."),
    ("streamingLogData", "'streamingLogData' is not defined yet. Run the cell that defines it first."),
]


@pytest.mark.parametrize(("source", "words"), REFUSALS, ids=[source for source, _ in REFUSALS])
def test_what_is_outside_the_vocabulary_is_named_with_what_to_use(source, words):
    assert words in refused(source).message


@pytest.mark.parametrize(
    ("source", "cause", "words"),
    [
        ("1 / 0", ZeroDivisionError, "ZeroDivisionError: division by zero"),
        ("sum('severity')", TypeError, "unsupported operand type(s) for +: 'int' and 'str'"),
        ("round('x')", TypeError, "TypeError"),
        ("abs('timestamp')", TypeError, "bad operand type for abs()"),
        ("max(3)", TypeError, "'int' object is not iterable"),
        ("'a' + 1", TypeError, "TypeError"),
        ("{}['x']", KeyError, "KeyError: 'x'"),
        ("[][0]", IndexError, "IndexError"),
        ("a, b = [1]", ValueError, "not enough values to unpack (expected 2)"),
        ("a, b = 1, 2, 3", ValueError, "too many values to unpack (expected 2)"),
        ("int('x')", ValueError, "invalid literal"),
        ("3()", TypeError, "'int' object is not callable"),
        ("def f(a):\n    return a\nf()", TypeError, "missing a required argument: 'a'"),
        ("def f(a):\n    return a\nf(1, 2)", TypeError, "too many positional arguments"),
        ("x = 1\ndef f():\n    y = x\n    x = 2\nf()", UnboundLocalError, "referenced before assignment"),
        ("assert 1 == 2, 'not so'", AssertionError, "not so"),
        ("for x in 3:\n    pass", TypeError, "'int' object is not iterable"),
        ("[1][print]", TypeError, "list indices"),
        ("print[1]", TypeError, "not subscriptable"),
        ("f'{\"a\":d}'", ValueError, "Unknown format code"),
        ("print(1, sep=2)", TypeError, "sep must be None or a string"),
        ("{[]: 1}", TypeError, "unhashable"),
    ],
)
def test_python_s_own_errors_are_the_cause(source, cause, words):
    error = refused(source)
    assert isinstance(error.cause, cause)
    assert words in error.message


@pytest.mark.parametrize(
    ("source", "line", "column"),
    [
        ("a = 1\nb = a + nothing", 2, 9),
        ("a = 'äöü€𝄞' + nothing", 1, 15),
        ("'äöü'.foo()", 1, 7),
        ("größe = 1\ngröße.foo", 2, 7),
        ("a = (\n    'x'\n    .upper()\n    .foo()\n)", 4, 6),
        ("def f(a):\n    b = a\n    return b / 0\n\nf(1)", 3, 12),
        ("def f(a):\n    return [x / 0 for x in a]\nprint('ä', f([1]))", 2, 13),
        ("g = lambda a: a.foo\nsorted([1],\n  key=g)", 1, 17),
        ("if 1:\n    for x in [1]:\n        import sys", 3, 16),
        ("a = = 1", 1, 5),
        ("a = 1\r\nb = c", 2, 5),
        ("a = '''\nx\n''' + b", 3, 7),
        ("x = 1\n\n\nprint(f'ä{nothing}')", 4, 11),
        ("if True:\n\twith a:\n\t\tpass", 2, 2),
    ],
)
def test_an_error_has_its_place_in_the_cell(source, line, column):
    error = refused(source)
    assert (error.line, error.column) == (line, column)


def test_an_error_in_a_function_of_another_cell_stands_where_it_is_called():
    names, _ = run("\n\ndef halve(a):\n    return a / 0")
    error = refused("x = 1\nprint(halve(x))", names)
    assert (error.line, error.column) == (2, 7)
    assert error.message == "In halve, line 4 of its own cell: ZeroDivisionError: division by zero"
    assert isinstance(error.cause, ZeroDivisionError)


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("logSchema = ??", 1),
        ("# ??\na = '??'\nb = ??", 3),
        ("x = 'it''s'\n\nspark.sql??", 3),
        ("from pyspark.sql.functions import ?? import functions your needed", 1),
        ("a = '''\n??\n'''\n# it's\nstreamingLogData..??", 5),
        ("x = 'open\n??", 2),
    ],
)
def test_blanks_are_named_before_anything_runs(source, line):
    error = refused(source)
    assert error.message == "Replace ?? with your code."
    assert error.line == line


@pytest.mark.parametrize(
    "source", ["a = = 1", "(" * 1000, "x" * 10_001, "\0", "if", "a\tb", "'", "'''", "\ufeff\ud800"]
)
def test_what_is_no_cell_is_refused(source):
    assert refused(source).message


def test_the_app_s_own_helpers_get_plain_values():
    class Workspace:
        def copy(self, *files):
            self.files = files

    workspace = Workspace()
    names = {"copy": workspace.copy}
    run("copy('a.csv', *['b.csv'])", names)
    assert workspace.files == ("a.csv", "b.csv")
    assert "list as an argument of copy()" in refused("copy(['a.csv'])", names).message
    assert "function" in refused("copy(print)", names).message.lower()
    assert "'__self__'" in refused("copy.__self__", names).message
    assert "'__func__'" in refused("copy.__func__", names).message


def test_whatever_the_editor_offers_is_in_the_vocabulary():
    offered = frozenset().union(*(kind.offered for kind in vocabulary._KINDS))
    imported = frozenset().union(*(module.names for module in vocabulary.MODULES.values()))
    ours = {"lab", "column", "option", "Python"}
    unknown = {word for word, kind in COMPLETIONS if kind not in ours} - offered - imported - {"spark"}
    assert unknown == set()
