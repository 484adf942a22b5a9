"""Patterns and formats: an accepted one is quick, however long the text is."""

import re
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lab.cells.advice import Refused
from lab.cells.patterns import MAX_PATTERN, check_format, check_pattern

SLOW = [
    "x?" * 45 + "y",
    "x*y",
    "x+y",
    "x*x*",
    "^x*x*y",
    "x{1,9}y",
    "(x|x)*y",
    "(x|x){3}",
    "(x?)?",
    "^(x+)+$",
    "(?:x)y",
    "(?=x)",
    "(?m)^x*y",
    "^x*y|x",
    "x|^x*y",
    "(x)\\1",
    "\\k<a>",
    "\\Qx",
    "x*?y",
    "x*+y",
    "x??",
    "(x|x)" * 7,
    "(|)" * 33,
    "x" * (MAX_PATTERN + 1),
    "[x*]y*",
]
QUICK = [
    "",
    "s1",
    "^s1$",
    "s[12]",
    "^s[0-9]+$",
    "s\\d+",
    "s.*",
    "^s.*1",
    "s1|s2|s3",
    "^(s1|s2)$",
    "x?y",
    "s\\d{1,2}",
    "\\.",
    "^.*1$",
]
LONG = "x" * 20_000

pytestmark = pytest.mark.filterwarnings("ignore:Possible nested set:FutureWarning")


@pytest.mark.parametrize("pattern", SLOW)
def test_what_may_try_all_ways_is_refused(pattern):
    with pytest.raises(Refused):
        check_pattern(pattern, regular=True)


@pytest.mark.parametrize("pattern", QUICK)
def test_what_the_lab_needs_is_accepted(pattern):
    check_pattern(pattern, regular=True)


pieces = st.sampled_from(
    [*"xy.?*+(){}[]|^$\\", "\\d", "x?", "x*", "x+", "(x|x)", "(x", "x)", "{1,9}", "x{2}", "^", "[xy]", "(?:"]
)


@settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(st.lists(pieces, max_size=30).map("".join))
def test_whatever_is_accepted_is_quick(pattern):
    try:
        check_pattern(pattern, regular=True)
        compiled = re.compile(pattern)
    except (Refused, re.error):
        return
    # Python's matching backtracks as Java's does.
    began = time.process_time()
    for text in (LONG, LONG + "y", "xy" * 9_000, "x" * 9_000 + "1" * 9_000):
        compiled.search(text)
    assert time.process_time() - began < 1


@pytest.mark.parametrize("pattern", ["s%", "%s", "%s%", "s%1", "s_", "_%", "s%1%"])
def test_like_has_one_part_that_may_be_anything(pattern):
    check_pattern(pattern, regular=False)


@pytest.mark.parametrize("pattern", ["%s%1", "%%s", "%x%x%x%y", "s%1%2%", "_" * 200])
def test_like_has_no_more(pattern):
    with pytest.raises(Refused):
        check_pattern(pattern, regular=False)


@pytest.mark.parametrize("form", ["[" * 4_900, "[" * 5, "y" * 51, None, 3])
def test_a_format_is_short(form):
    with pytest.raises(Refused):
        check_format(form)
    check_format("yyyy-MM-dd'T'HH:mm[:ss[.SSS]]")
