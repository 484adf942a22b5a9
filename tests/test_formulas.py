import itertools
from collections import Counter

import pytest

from lab import dataset
from lab.formulas import FORMULAS
from lab.oracle import volume_report

DELIVERED = {"first": dataset.FIRST.files, "second": dataset.FILES}


def delivered(name):
    return [dataset.SHIPPED.log_file(file) for file in DELIVERED[name]]


def right(name):
    return volume_report(delivered(name))


@pytest.mark.parametrize("after", DELIVERED)
@pytest.mark.parametrize("formula", FORMULAS, ids=lambda formula: formula.id)
def test_every_wrong_formula_gives_another_pair_of_numbers(formula, after):
    wrong = formula.volumes(delivered(after))
    # The difference exceeds a check's tolerance, so that two decimals tell them apart.
    assert any(abs(wrong.get(server, 1e9) - volume) > 0.02 for server, volume in right(after).items())


@pytest.mark.parametrize("after", DELIVERED)
def test_no_two_wrong_formulas_can_be_mistaken_for_each_other(after):
    for one, other in itertools.combinations(FORMULAS, 2):
        left, other_volumes = one.volumes(delivered(after)), other.volumes(delivered(after))
        assert any(abs(left[server] - other_volumes[server]) > 0.02 for server in left), (one.id, other.id)


def test_the_rows_24_to_29_of_the_known_mistakes_are_all_here():
    assert {formula.id for formula in FORMULAS} >= {
        "no-plus-one",
        "no-parentheses",
        "sev2-first",
        "all-events",
        "sev0-events",
        "sev1-events",
        "one-span",
        "sum-severity",
    }


def test_each_file_has_one_server_its_window_all_severities_and_no_order():
    for pair in dataset.PAIRS:
        for name in pair.files:
            file = dataset.SHIPPED.log_file(name)
            assert {record.serverID for record in file.records} == {name[:2]}
            assert pair.window[0] <= file.window[0] <= file.window[1] <= pair.window[1]
            assert {record.severity for record in file.records} == {0, 1, 2}
            assert min(Counter(record.timestamp for record in file.records).values()) >= 2
            assert list(file.records) != sorted(file.records, key=lambda record: record.timestamp)


def test_the_table_in_the_readme_of_the_data_is_true():
    text = (dataset.FOLDER.parent / "README.md").read_text()
    for name in dataset.FILES:
        counts = Counter(record.severity for record in dataset.SHIPPED.log_file(name).records)
        row = f"| {counts.total()} | {counts[0]} | {counts[1]} | {counts[2]} |"
        assert row in text.split(f"`{name}`")[1].split("\n")[0]
