"""Comparing both reports with the expected ones."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from lab.judge.comparison import expected_log, expected_report, log_off, volumes, volumes_off
from lab.oracle import TOLERANCE, near, sev0_log, volume_report

SERVERS = st.sampled_from(["s1", "s2", "s3", "s4"])
VOLUMES = st.dictionaries(SERVERS, st.floats(0, 10))
ROWS = st.lists(st.tuples(SERVERS, st.integers(1, 3)), max_size=12)


@given(VOLUMES, VOLUMES)
def test_volumes_are_right_exactly_if_every_server_has_its_own(got, expected):
    off = volumes_off(got, expected)
    right = got.keys() == expected.keys() and all(near(got[name], expected[name]) for name in expected)
    assert (off is None) == right
    if off:
        assert set(off.missing) == expected.keys() - got.keys()
        assert set(off.unknown) == got.keys() - expected.keys()
        assert set(off.wrong) == {name for name in got.keys() & expected.keys() if not near(got[name], expected[name])}


def test_two_decimals_are_near_enough_and_what_is_no_number_is_near_to_nothing():
    assert near(0.33, 1 / 3)
    assert near(0.335, 0.33)
    assert not near(0.3, 1 / 3)
    assert not near(None, 0.0)
    assert not near(float("nan"), 0.0)
    assert not near(1 + 2 * TOLERANCE, 1)


@given(ROWS, ROWS)
def test_what_a_log_lacks_and_has_too_much_makes_it_the_expected_one(got, expected):
    off = log_off(got, expected)
    assert (off is None) == (got == expected)
    if off:
        assert Counter(got) - Counter(off.surplus) + Counter(off.missing) == Counter(expected)
        assert off.is_order == (sorted(got) == sorted(expected))
        if off.position is not None:
            assert got[: off.position] == expected[: off.position]
            assert got[off.position] != expected[off.position]
        else:
            assert got[: len(expected)] == expected[: len(got)]


@given(ROWS.flatmap(lambda rows: st.tuples(st.just(rows), st.permutations(rows))))
def test_a_log_in_another_order_lacks_nothing(logs):
    rows, turned = logs
    off = log_off(turned, rows)
    assert off is None or off.is_order


def test_the_tables_are_those_of_the_oracle(files):
    assert volumes(expected_report(files)) == volume_report(files)
    assert list(expected_log([files[:2], files[2:]]).rows) == sev0_log([files[:2], files[2:]])
