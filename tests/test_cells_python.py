"""Plain Python that learners use: it runs as in Python, within the lab's limits."""

# ruff: noqa: E501  # a program is easier to read in one line

import contextlib
import json

import pytest
from cells_corpus import is_performed_as_python_does, refused, run
from hypothesis import given
from hypothesis import strategies as st

from lab.cells import CellError
from lab.cells.bounds import MAX_STEPS, Run
from lab.cells.formats import filled, put_in
from lab.cells.globs import folder_of, is_safe_pattern
from lab.cells.values import CellOutput, Limits
from lab.cells.vocabulary.addresses import Address

PROGRAMS = {
    "percent": "print('%s has %d and %.2f (%5.1f%%) %-6s|%06d|%x %r' % ('s1', 3, 2.5, 99.5, 'ab', 42, 255, 'q'), '%s' % [1], '%d' % 3.9)",
    "percent with names": "print('%(a)s-%(b)03d' % {'a': 'x', 'b': 7}, 'no place' % {'a': 1}, '%%' % ())",
    "percent with too few": "try:\n    '%s %s' % 1\nexcept TypeError as e:\n    print(e)\ntry:\n    '%s' % (1, 2)\nexcept TypeError as e:\n    print(e)",
    "percent of a tuple": "print('%s' % ((1, 2),), '%5s|%-5s|%.3s' % ('a', 'b', 'abcdef'))",
    "format": "print('{} and {:.2f} and {:>6}|{:04d}|{:,}'.format('a', 2.567, 'b', 7, 12345), '{1}{0}'.format(1, 2), '{x!r:>6}'.format(x='q'))",
    "format with nested specs": "print('{:{w}.{d}f}|{:*^{w}}'.format(3.14159, 'mid', w=9, d=2), '{{}}'.format(), '{:-^20}'.format(' x '))",
    "format errors": "for t in ['{} {0}', '{0} {}', '{3}', '{x}', '{', '{!z}']:\n    try:\n        print(t.format(1, 2))\n    except (ValueError, IndexError, KeyError) as e:\n        print(type(e).__name__ if False else 'error')",
    "format()": "print(format(3.14159, '.2f'), format('a', '>4'), format(255, '#x'), format(7), f'{1234567:_}', f'{5:b}')",
    "try and except": "try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    print('caught', e)\nelse:\n    print('no')\nfinally:\n    print('end')",
    "try and else": "try:\n    x = 1\nexcept ValueError:\n    print('no')\nelse:\n    print('else', x)\nfinally:\n    print('end')",
    "except of several": "for f in [lambda: {}['a'], lambda: [][1], lambda: int('x'), lambda: 1 + 'a', lambda: nothing, lambda: (1).nothing]:\n    try:\n        f()\n    except (KeyError, IndexError) as e:\n        print('lookup', e)\n    except (ValueError, TypeError):\n        print('value')\n    except NameError:\n        print('name')\n    except Exception:\n        print('other')",
    "an error outside": "try:\n    try:\n        {}['x']\n    except ValueError:\n        print('no')\n    finally:\n        print('inner')\nexcept KeyError as e:\n    print('outer', e)",
    "raise": "def f(n):\n    if n < 0:\n        raise ValueError('negative: %d' % n)\n    return n\ntry:\n    f(-1)\nexcept ValueError as error:\n    print(error, str(error), repr(error), f'{error}')",
    "raise again": "try:\n    try:\n        raise KeyError('k')\n    except KeyError:\n        print('once')\n        raise\nexcept Exception as e:\n    print('twice', e)",
    "raise from, and what was caught": "try:\n    try:\n        1 / 0\n    except ZeroDivisionError as e:\n        raise RuntimeError('no') from e\nexcept RuntimeError as e:\n    print(e)\ntry:\n    try:\n        raise ValueError\n    except ValueError as e:\n        raise e\nexcept ValueError as e:\n    print('again', repr(e))",
    "raise alone": "try:\n    raise\nexcept RuntimeError as e:\n    print(e)",
    "an error in except": "try:\n    try:\n        1 / 0\n    except ZeroDivisionError:\n        {}['x']\n    finally:\n        print('end')\nexcept KeyError as e:\n    print(e)",
    "the name of an error is gone": "try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    pass\ntry:\n    e\nexcept NameError:\n    print('gone')",
    "finally and what leaves": "def f():\n    try:\n        return 'a'\n    finally:\n        print('end')\nprint(f())\nfor x in range(3):\n    try:\n        if x == 1:\n            continue\n        print(x)\n    finally:\n        print('after', x)\nelse:\n    print('else')\ndef g():\n    try:\n        1 / 0\n    except ZeroDivisionError:\n        return 'caught'\n    finally:\n        print('g')\nprint(g())",
    "assert is caught": "try:\n    assert 1 == 2, 'not so'\nexcept AssertionError as e:\n    print(e)",
    "errors of a kind": "try:\n    1 / 0\nexcept ArithmeticError as e:\n    print(isinstance(e, ZeroDivisionError), isinstance(e, (KeyError, ArithmeticError)), isinstance(e, ValueError))\ntry:\n    [][0]\nexcept LookupError:\n    print('lookup')\ntry:\n    1 / 0\nexcept:\n    print('any')",
    "while": "n = 0\nwhile n < 5:\n    n += 1\n    if n == 2:\n        continue\n    print(n)\nelse:\n    print('else')\nwhile True:\n    n -= 1\n    if n < 2:\n        break\nelse:\n    print('never')\nprint(n)",
    "del": "a = [1, 2, 3]\ndel a[0]\nd = {'x': 1, 'y': 2}\ndel d['x'], a[-1]\nprint(a, d)\ndel a\ntry:\n    a\nexcept NameError:\n    print('gone')\nb = [1, 2, 3]\ndel b[1:]\nprint(b)",
    "del in a function": "x = 1\ndef f():\n    y = 2\n    del y\n    try:\n        return y\n    except UnboundLocalError:\n        return 'unbound'\nprint(f(), x)",
    "walrus": "if (n := len('abc')) > 2:\n    print(n)\nprint([y := 1, y + 1], y)\nprint([last := x for x in range(3)], last, [z for x in [1, 2] if (z := x * 2) > 2], z)",
    "walrus in a function": "last = 'outside'\ndef f():\n    values = [last := x for x in range(3)]\n    return last, values\nprint(f(), last)\ndef g():\n    while (n := 3) > 5:\n        pass\n    return n\nprint(g())",
    "global": "count = 0\ndef more():\n    global count\n    count += 1\n    return count\nmore()\nprint(more(), count)\ndef make():\n    global made\n    made = 'here'\nmake()\nprint(made)",
    "nonlocal": "def counter():\n    n = 0\n    def up():\n        nonlocal n\n        n += 1\n        return n\n    return up\nup = counter()\nup()\nprint(up(), counter()())",
    "nonlocal over two": "def a():\n    x = 1\n    def b():\n        nonlocal x\n        def c():\n            nonlocal x\n            x += 1\n        c()\n        return x\n    return b(), x\nprint(a())",
    "global in a nested function": "x = 'cells'\ndef a():\n    x = 'a'\n    def b():\n        global x\n        x = 'b'\n    b()\n    return x\nprint(a(), x)",
    "stars in definitions": "def f(a, *args, b=1, **kw):\n    return a, args, b, kw\nprint(f(1), f(1, 2, 3, b=4, c=5), f(*[1, 2], **{'z': 3}))\ng = lambda *a, **k: (a, k)\nprint(g(1, x=2), g())",
    "stars in assignments": "first, *rest = [1, 2, 3]\n*start, last = 'abc'\na, *b, c = (1, 2)\nprint(first, rest, start, last, a, b, c)\nfor h, *t in [(1, 2, 3), 'xy']:\n    print(h, t)\n[(x, *y)] = [[1, 2]]\nprint(x, y)",
    "too few for a star": "try:\n    a, b, *c = [1]\nexcept ValueError as e:\n    print(e)",
    "dicts in dicts": "a = {'x': 1, 'y': 2}\nprint({**a}, {**a, 'y': 3}, {'y': 0, **a, 'z': 9}, {**{}, **a})",
    "isinstance": "print(isinstance(1, int), isinstance(True, int), isinstance('a', (int, str)), isinstance([], dict), isinstance(1.5, float))",
    "types are compared": "print(type(1) == int, type('a') == str, type(1) == type(2), type(1) != float, type([]) == dict, type(1) in (int, str))",
    "names of types": "try:\n    1 / 0\nexcept Exception as e:\n    print(type(e).__name__, type(e), type('a').__name__)",
    "methods of any text": "print(sorted(['b', 'A', 'c'], key=str.lower), list(map(str.upper, ['a', 'b'])), str.join('-', ['a', 'b']), str.strip(' a '))",
    "map and filter": "print(list(map(str, [1, 2])), list(map(lambda a, b: a + b, [1, 2], [3, 4])), list(filter(lambda x: x > 1, [1, 2, 3])), list(filter(None, [0, 1])), sum(map(len, ['a', 'bc'])))",
    "numbers": "print(divmod(7, 3), pow(2, 5), pow(2, 5, 7), ord('a'), chr(98), hex(255), bin(5), callable(len), callable(1))",
    "texts": "print('7'.zfill(3), 'a'.ljust(3) + '|', 'a'.rjust(3, '.'), 'a'.center(5, '*'), 'a=b=c'.rpartition('='), 'a=b'.partition('='), 'Straße'.casefold(), 'Ab'.swapcase(), 'a b'.istitle(), ' '.isspace(), 'a1'.isalnum(), 'AB'.isupper(), 'ab'.islower())",
    "sort": "a = [3, 1, 2]\na.sort()\nprint(a)\na.sort(reverse=True)\nprint(a)\nb = ['bb', 'A', 'ccc']\nb.sort(key=len)\nprint(b)\nb.sort(key=lambda s: s.lower())\nprint(b, a.sort())",
    "sets and dicts": "s = {1, 2}\ns.update([3], (4,))\nprint(sorted(s), {1, 2}.symmetric_difference({2, 3}), len(s))\ns.clear()\nprint(s)\nd = {'a': 1}\nprint(d.popitem(), d)\nprint({5}.pop())",
    "os.path": "import os\nprint(os.path.join('s3://b/x/', '*.csv'), os.path.join('a', 'b', 'c'), os.path.basename('a/b.csv'), os.path.dirname('a/b'), os.sep)\nfrom os.path import join\nimport os.path as p\nprint(join('a', 'b'), p.splitext('a.csv'))",
    "pathlib": "from pathlib import PurePosixPath as Path\np = Path('a') / 'b' / 'c.csv'\nprint(p, str(p), p.name, p.stem, p.suffix, p.parent, f'{p}', 'x' / p, Path('a', 'b'), p == Path('a/b/c.csv'), Path('a').joinpath('b'), repr(str(Path('a/'))))",
    "json": "import json\nd = {'a': [1, 2.5, None, True, 'x\"y'], 'b': {'c': (1, 2)}}\nprint(json.dumps(d), json.dumps(d, indent=2), json.dumps({'b': 1, 'a': 2}, sort_keys=True), json.dumps('ä', ensure_ascii=False))\nprint(json.loads('{\"a\": [1, {\"b\": null}], \"c\": \"[[[\"}'), json.loads('3'), json.loads(json.dumps(d)) == {'a': [1, 2.5, None, True, 'x\"y'], 'b': {'c': [1, 2]}})",
    "json errors": "import json\ntry:\n    json.loads('{')\nexcept ValueError as e:\n    print('value')\ntry:\n    json.dumps({1, 2})\nexcept TypeError as e:\n    print(e)",
    "math": "import math\nfrom math import pi, isclose\nprint(math.floor(2.7), math.ceil(2.1), math.sqrt(9), math.isnan(float('nan')), isclose(0.1 + 0.2, 0.3), round(pi, 3), math.inf > 1)",
    "datetime": "from datetime import datetime, timedelta, date\na = datetime(2024, 1, 2, 3, 4, 5)\nb = a + timedelta(hours=1, minutes=30)\nprint(a, b, b - a, (b - a).total_seconds(), a.strftime('%Y-%m-%d %H:%M'), a.isoformat(), a.year, b > a, f'{a:%H:%M}', '{:%d}'.format(a), a.date(), date(2024, 1, 2).isoformat(), (b - a) / 2)",
    "datetime by its module": "import datetime as dt\nprint(isinstance(dt.datetime.now(), dt.datetime), dt.datetime.fromtimestamp(0, dt.timezone.utc).isoformat(), dt.datetime.today() >= dt.datetime(2020, 1, 1), dt.timedelta(days=1).days)",
    "time": "import time\nfrom time import perf_counter\na = time.time()\nb = perf_counter()\nprint(time.time() - a < 60, perf_counter() >= b, time.monotonic() > 0, len(time.strftime('%H:%M:%S')))",
    "functools and collections": "from functools import reduce\nfrom collections import Counter\nprint(reduce(lambda a, b: a + b, [1, 2, 3]), reduce(lambda a, b: a * b, [1, 2], 10))\nc = Counter(['a', 'b', 'a'])\nprint(c['a'], c['z'], c.most_common(1), sorted(c.items()), dict(c))\nc['z'] += 2\nprint(c['z'])",
    "imports for annotations": "from typing import Any, Dict, List, Optional\nimport warnings\nwarnings.filterwarnings('ignore')\nwarnings.simplefilter('ignore')\ndef f(a: List[int], b: Optional[Dict[str, Any]] = None) -> Any:\n    return a\nprint(f([1]))",
}


@pytest.mark.parametrize("source", PROGRAMS.values(), ids=PROGRAMS)
def test_it_is_performed_as_python_does(source, capsys):
    is_performed_as_python_does(source, capsys)


STEPS = f"more than {MAX_STEPS:,} steps"
REFUSALS = [
    ("try:\n    while True:\n        pass\nexcept Exception:\n    print('caught')", STEPS),
    ("while True:\n    try:\n        while True:\n            pass\n    except:\n        pass", STEPS),
    ("while True:\n    try:\n        1 / 0\n    except ZeroDivisionError:\n        pass", STEPS),
    ("while True:\n    try:\n        pass\n    finally:\n        continue", STEPS),
    ("while True:\n    try:\n        open('x')\n    finally:\n        break", "'open'. Files are read with"),
    ("def f():\n    try:\n        open('x')\n    finally:\n        return 1\nf()", "'open'"),
    ("try:\n    'a' * 10 ** 9\nexcept Exception:\n    pass", "longer than 10,000"),
    ("try:\n    10 ** 10 ** 10\nexcept Exception:\n    pass", "powers as large"),
    ("def f():\n    f()\ntry:\n    f()\nexcept Exception:\n    pass", "nested too deeply"),
    ("import time\ntry:\n    time.sleep(9999)\nexcept Exception:\n    pass", "waits for more than 30 minutes"),
    ("try:\n    ().__class__\nexcept AttributeError:\n    pass", "'__class__' of a tuple"),
    ("try:\n    eval('1')\nexcept NameError:\n    pass", "'eval'. Write the code"),
    ("raise ValueError('no rows')", "ValueError: no rows"),
    ("raise ValueError", "ValueError"),
    ("try:\n    1 / 0\nexcept 'x':\n    pass", "name one after except"),
    ("def f():\n    nonlocal x\n    x = 1\nf()", "nonlocal finds none"),
    ("del nothing", "name 'nothing' is not defined"),
    ("f = '%s'\nfor x in range(9):\n    f = f + f\nf % tuple(['a' * 99] * 512)", "longer than 10,000"),
    ("a = list(range(9000))\n'%.0s' * 1000 % ((a,) * 1000)", "holds more than"),
    ("a = list(range(9000))\n('%(a).0s' * 900) % {'a': a}", STEPS),
    ("a = ['x' * 99] * 99\n('{0!s:.0}' * 9 + '{0:.0}').format(a)", "the format"),
    ("a = list(range(9000))\n('{0!s:.0}' * 900).format(a)", STEPS),
    ("import json\na = [[1] * 99] * 99\njson.dumps(a)", "longer than 10,000"),
    ("import json\njson.loads('[' * 101 + ']' * 101)", "nested more than 100 deep"),
    ("{**a for a in []}", "This is not Python"),
    ("a = dict(zip(range(9999), range(9999)))\n{**a, **{str(x): x for x in range(99)}}", "longer than 10,000"),
    ("def f(*a):\n    return a\nf(*range(9999), *range(9))", "longer than 10,000"),
    ("'a'.ljust(10001)", "longer than 10,000"),
    ("from functools import reduce\nreduce(lambda a, b: a + a, range(9999), 'ab')", "longer than 10,000"),
    ("list(map(lambda x: [y for y in range(9)], range(9999)))", STEPS),
    (
        "from pathlib import Path\np = Path('a' * 999)\nfor x in range(9):\n    p = p / p.name / p.name",
        "longer than 10,000",
    ),
    ("import os\nos.path.join('a' * 9000, 'b' * 9000)", "longer than 10,000"),
    ("s = set()\ns.update(range(9999), [str(x) for x in range(9)])", "longer than 10,000"),
    ("str.upper(1)", "needs a text as its first argument"),
    ("str.join('-' * 99, ['x'] * 999)", "longer than 10,000"),
    ("str.__class__", "'__class__'"),
    ("str.encode('a')", "'encode'"),
    ("type(1).__class__", "'__class__' of a type"),
    ("[1, 2].sort(1)", "sort() takes no positional arguments"),
    ("import json\njson.dumps(1, indent=99)", "an indent of more than 8"),
    ("import pathlib\npathlib.Path('x').exists()", "'exists' of a Path"),
    ("from pathlib import Path\nPath(3)", "expected a text as a part of an address, not int"),
]


@pytest.mark.parametrize(("source", "words"), REFUSALS, ids=[source[:60] for source, _ in REFUSALS])
def test_what_is_too_much_or_no_error_of_the_cell_s_is_refused(source, words):
    assert words in refused(source).message


def test_a_refusal_is_told_with_its_place_whatever_finally_does():
    names = {"seen": []}
    error = refused(
        "try:\n    open('x')\nexcept Exception:\n    seen.append('caught')\nfinally:\n    seen.append('tidied')", names
    )
    assert (error.line, error.column) == (2, 5)
    assert names["seen"] == ["tidied"]


def test_an_error_that_is_not_caught_keeps_its_place():
    assert refused("try:\n    a = 1\n    a / 0\nexcept KeyError:\n    pass\nfinally:\n    a = 2").line == 3
    assert refused("try:\n    1 / 0\nexcept ZeroDivisionError:\n    a = 1\n    raise").line == 2


def test_an_error_of_another_cell_s_function_is_caught():
    names, _ = run("def f(a):\n    return a / 0")
    assert run("try:\n    f(1)\nexcept ZeroDivisionError as e:\n    print(e)", names)[1].text == "division by zero"
    run("def g():\n    return nothing_there", names)
    assert run("try:\n    g()\nexcept NameError:\n    print('name')", names)[1].text == "name"


def test_an_error_of_the_lab_s_own_helpers_is_not_caught():
    class OtherError(Exception):
        pass

    def helper():
        raise OtherError("no room")

    error = refused("try:\n    helper()\nexcept Exception:\n    pass", {"helper": helper})
    assert isinstance(error.cause, OtherError)


def test_a_caught_error_holds_nothing_but_its_words():
    names, _ = run("kept = []\ntry:\n    1 / 0\nexcept ZeroDivisionError as e:\n    kept.append(e)")
    (caught,) = names["kept"]
    assert vars(caught).keys() == {"_text", "kind", "message", "weight"}
    assert "e" not in names


def test_names_of_the_cells_are_given_by_functions_of_other_cells():
    names, _ = run("count = 0\ndef more():\n    global count\n    count += 1")
    run("more()\nmore()", names)
    assert names["count"] == 2


def test_an_address_keeps_its_scheme():
    assert (
        run("from pathlib import Path\nprint(Path('s3://b/x/') / '*.csv', Path('s3://b') / 'x' / '')")[1].text
        == "s3://b/x/*.csv s3://b/x"
    )


values = st.one_of(
    st.integers(-(10**20), 10**20), st.floats(allow_nan=False), st.text(max_size=20), st.none(), st.booleans()
)


def of_python(action):
    with contextlib.suppress(TypeError, ValueError, IndexError, KeyError, OverflowError):
        return action()
    return None


def of_lab(action):
    # The lab may refuse; if it returns a value, it must be Python's.
    with contextlib.suppress(TypeError, ValueError, IndexError, KeyError, OverflowError):
        return action()
    return None


def new_run():
    return Run(CellOutput(), Limits(lambda _: True))


pieces = st.sampled_from(
    ["a", "%s", "%d", "%5s", "%-4d", "%.2f", "%r", "%x", "%%", "%", "%+d", "% d", "%05.1f", "%e", "%c", "%q", "ä"]
)


@given(st.lists(pieces, max_size=5), st.lists(values, max_size=4))
def test_percent_gives_what_python_gives(parts, given):
    text, operands = "".join(parts), tuple(given)
    expected = of_python(lambda: text % operands)
    assert of_lab(lambda: filled(new_run(), text, operands)) == expected


fields = st.sampled_from(
    [
        "a",
        "{}",
        "{0}",
        "{1}",
        "{x}",
        "{:>6}",
        "{:.2f}",
        "{:d}",
        "{!r}",
        "{!s:>8}",
        "{{",
        "}}",
        "{:{w}}",
        "{:04d}",
        "{",
        "}",
    ]
)


@given(st.lists(fields, max_size=5), st.lists(values, max_size=3), values)
def test_format_gives_what_python_gives(parts, given, x):
    text = "".join(parts)
    expected = of_python(lambda: text.format(*given, x=x, w=5))
    if None in given or x is None:
        # For None with a width, Python raises an error, and the lab refuses.
        return
    assert of_lab(lambda: put_in(new_run(), text, tuple(given), {"x": x, "w": 5})) == expected


@given(st.text(alphabet='[]{}",\\a1:', max_size=60))
def test_any_json_is_read_as_python_reads_it_or_fails_as_it_does(text):
    expected = of_python(lambda: json.loads(text))
    got = None
    with contextlib.suppress(CellError):
        names, _ = run(f"import json\na = json.loads({text!r})")
        got = names["a"]
    assert got == expected


@given(
    st.lists(
        st.sampled_from(["a", "*", "?", "[ab]", "{a,b}", "..", "/", ".", "{", "}", "[", "]", ",", "\\", "~", "$", ":"]),
        max_size=8,
    )
)
def test_no_pattern_leaves_its_folder(parts):
    address = "file:///lab/LogData/" + "".join(parts)
    folder = folder_of(address)
    if folder != address and is_safe_pattern(address):
        assert address.startswith(folder + "/")
        rest = address.removeprefix(folder)
        assert ".." not in rest
        assert "\\" not in rest
        assert rest.removesuffix("/").count("/") <= 2
        # A slash within braces would split them before the parts are checked.
        assert all(part.count("{") == part.count("}") for part in rest.split("/"))


@given(st.text(alphabet="a/.:", max_size=20), st.text(alphabet="a/.", max_size=10))
def test_an_address_that_is_joined_begins_with_its_folder_unless_the_part_is_absolute(folder, part):
    joined = str(Address(folder).joined(part))
    if folder and not part.startswith("/"):
        assert joined.startswith(folder.rstrip("/"))
