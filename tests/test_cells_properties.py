"""Any cell ends soon, with a CellError or with Python's own result."""

import contextlib
import math
import re

import pytest
from cells_corpus import run
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_cells import PROGRAMS

from lab.cells import CellError
from lab.lesson.steps import STEPS

pytestmark = pytest.mark.filterwarnings("ignore::SyntaxWarning")
soon = settings(deadline=2_000, suppress_health_check=[HealthCheck.too_slow])

WORDS = """
a b f x F col spark names 1 2.5 'x' "y" f'{a}' f'{a!r:>3}' None True ( ) [ ] { } , : ; . = == != < > <= + - * / % ** // & |
^ ~ @ -> := += and or not in is if else elif for while def lambda return break continue pass import from as class try with
del global yield async await print len range sorted sum max str list dict zip enumerate type __class__ __import__ .append
.join .format .upper .items .get .x ?? # \\ ''' pyspark.sql.functions pyspark.sql.types StructType
"""
TOKENS = WORDS.split()
SPACES = ["", " ", "\n", "\n    ", "\n        ", "\t", "\r\n", "\ufeff", "\u00a0", "ä", "\U0001d4b3"]
pieces = st.sampled_from([*TOKENS, *SPACES, "def f(a):", "lambda a:", "for a in [1, 2]:", "[" * 300, "if a:"])


def ends(source, names=None):
    # Any error except a CellError fails the test.
    with contextlib.suppress(CellError):
        run(source, names, cell_seconds=1, wait_seconds=0, all_waits_seconds=0)


@soon
@given(st.text())
def test_any_text(source):
    ends(source)


@soon
@given(st.lists(st.tuples(pieces, st.sampled_from([*SPACES, " "]))))
def test_any_soup_of_tokens(parts):
    ends("".join(token + space for token, space in parts), {"a": [1, {"b": "c"}], "x": 2, "names": {}})


@soon
@given(
    st.sampled_from([*PROGRAMS.values(), *(step.code for step in STEPS.values())]),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 12), pieces | st.text(max_size=3)), min_size=1, max_size=4),
)
def test_any_mutation_of_a_real_program(source, changes):
    for place, length, piece in changes:
        start = int(place * len(source))
        source = source[:start] + piece + source[start + length :]
    ends(source)


numbers = st.integers(-20, 20).map(str) | st.sampled_from(["0.5", "2.0", "1e3", "True", "None", "(7)"])
texts = st.sampled_from(["''", "'ab'", "'b'", '"a,b"', "'Ä'"])
atoms = numbers | texts | st.sampled_from(["[]", "()", "{}", "x", "y", "z", "{1}"])
binary = st.sampled_from(["+", "-", "*", "/", "//", "%", "==", "!=", "<", "<=", ">", ">=", "in", "not in", "and", "or"])
called = st.sampled_from(
    ["len", "str", "list", "tuple", "sum", "max", "min", "sorted", "bool", "abs", "int", "any", "repr"]
)


def larger(inner):
    return st.one_of(
        st.tuples(inner, binary, inner).map("({0[0]} {0[1]} {0[2]})".format),
        st.tuples(inner, inner, inner).map("({0[0]} if {0[1]} else {0[2]})".format),
        st.tuples(inner, inner, inner).map("({0[0]} < {0[1]} <= {0[2]})".format),
        inner.map("(not {})".format),
        inner.map("(-{})".format),
        st.lists(inner, max_size=3).map(lambda parts: f"[{', '.join(parts)}]"),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: f"({', '.join(parts)},)"),
        st.tuples(inner, inner).map("{{{0[0]}: {0[1]}}}".format),
        st.tuples(inner, inner).map("{0[0]}[{0[1]}]".format),
        st.tuples(inner, st.sampled_from([":", "1:", ":-1", "::2", "::-1"])).map("{0[0]}[{0[1]}]".format),
        st.tuples(called, inner).map("{0[0]}({0[1]})".format),
        st.tuples(inner, inner).map("[i for i in {0[0]} if {0[1]}]".format),
        st.tuples(inner, inner).map("(lambda v: {0[0]})({0[1]})".format),
        st.tuples(inner, st.sampled_from(["upper()", "strip()", "split(',')", "count('a')", "join(['q', 'r'])"])).map(
            "({0[0]}).{0[1]}".format
        ),
    )


def same(one, other):
    if isinstance(one, float) and math.isnan(one):
        return isinstance(other, float) and math.isnan(other)
    return type(one) is type(other) and repr(one) == repr(other)


def outcome(action):
    try:
        return action(), None
    except Exception as error:
        return None, error


@soon
@given(st.recursive(atoms, larger, max_leaves=12))
def test_expressions_have_python_s_value_or_python_s_error(source):
    values = {"x": 3, "y": "text", "z": [1, 2, 3]}
    expected, failure = outcome(lambda: eval(source, dict(values)))  # noqa: S307  # Python is what it is compared with
    names = dict(values)
    _, refusal = outcome(lambda: run(f"result = {source}", names))
    if refusal is None:
        assert failure is None, failure
        assert same(names["result"], expected)
        return
    assert isinstance(refusal, CellError)
    if refusal.cause is None:
        # What the lab omits or limits is no difference, as long as the message says so.
        assert re.search("do not use|has no|There is no|longer than|30 digits|is a method of", refusal.message), source
    else:
        assert type(refusal.cause) is type(failure), (refusal.message, failure)
