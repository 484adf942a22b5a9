"""Log files made from a seed: always the same, in the lab's format, and with every known mistake visible."""

import itertools
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab import dataset, variants
from lab.formulas import FORMULAS, FURTHER
from lab.lesson.results import GROUPS, compare
from lab.oracle import sev0_log, volume_report
from lab.records import LogFile, Record, read_log_file
from lab.variants import (
    APART,
    canonical_name,
    dataset_for,
    seed_of,
    shows_formulas,
    shows_growth,
    shows_orders,
    variant,
)

SEEDS = [seed_of("a class", f"learner {number}") for number in range(30)]
seeds = st.builds(seed_of, st.text(max_size=20), st.text(max_size=20))
names = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


def read(own):
    return {name: own.log_file(name) for name in dataset.FILES}


# --- which files


GOLDEN = {
    ("cs-101", "Ada Lovelace"): (
        "f53b5560b69915e3",
        {
            "s115.csv": "s1,2,5 s1,2,4 s1,0,5 s1,2,5 s1,2,2 s1,2,4 s1,0,4 s1,2,2 s1,1,2 s1,0,5 s1,2,4 s1,2,5",
            "s215.csv": "s2,0,5 s2,0,5 s2,2,5 s2,2,5 s2,1,5 s2,0,4 s2,0,1 s2,0,5 s2,2,3",
            "s1610.csv": "s1,0,6 s1,0,9 s1,2,7 s1,2,9 s1,0,8 s1,2,8 s1,1,6 s1,0,7 s1,2,7 s1,2,9",
            "s2610.csv": "s2,1,10 s2,1,7 s2,0,6 s2,1,8 s2,2,7 s2,0,7 s2,2,6 s2,0,7 s2,0,9 s2,2,7 s2,2,7",
        },
    ),
    ("Übung 3", "Łukasz 김"): (
        "354a8c58405aaaee",
        {
            "s115.csv": "s1,2,4 s1,0,2 s1,0,3 s1,2,5 s1,2,3 s1,2,5 s1,0,4 s1,1,3 s1,2,3 s1,2,4 s1,2,2",
            "s215.csv": "s2,0,3 s2,1,1 s2,2,3 s2,0,1 s2,2,5 s2,1,2 s2,0,1 s2,0,1 s2,1,2 s2,1,5",
            "s1610.csv": "s1,2,6 s1,2,8 s1,1,7 s1,2,8 s1,0,9 s1,0,7 s1,2,9 s1,1,7 s1,2,9 s1,2,9",
            "s2610.csv": "s2,1,9 s2,2,6 s2,2,10 s2,0,10 s2,2,6 s2,2,6 s2,0,6 s2,2,10 s2,1,6 s2,2,7 s2,0,9 s2,2,10",
        },
    ),
}


@pytest.mark.parametrize(("class_code", "name"), GOLDEN)
def test_the_files_that_a_learner_has_been_given_stay_the_same(class_code, name):
    own = dataset_for(class_code, name)
    seed, contents = GOLDEN[class_code, name]
    assert own.seed == seed
    assert {file: own.content(file).decode().split() for file in dataset.FILES} == {
        file: text.split() for file, text in contents.items()
    }


def test_without_a_name_or_a_class_code_the_files_are_those_of_the_lab():
    for pair in (("", ""), ("a class", ""), ("", "Ada"), (" ", "Ada"), ("a class", "\t")):
        assert dataset_for(*pair) is dataset.SHIPPED


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ada Lovelace", "  ada   LOVELACE "),
        ("José", "Jose\u0301"),
        ("Straße", "STRASSE"),
        ("\uff21\uff44\uff41", "Ada"),
        ("Ada\u00a0Lovelace", "Ada Lovelace"),
        ("\u0390", "\u03aa\u0301"),
        ("김", "\u1100\u1175\u11b7"),
    ],
)
def test_the_same_person_typed_differently_has_the_same_files(one, other):
    assert seed_of("a class", one) == seed_of("A  Class ", other)


@given(names, st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]))
def test_a_name_is_compared_whatever_its_characters_are_made_of(name, form):
    assert canonical_name(unicodedata.normalize(form, name)) == canonical_name(name)
    assert canonical_name(canonical_name(name)) == canonical_name(name)
    assert canonical_name(f" {name}  ") == canonical_name(name)
    assert canonical_name(name.casefold()) == canonical_name(name)


def test_different_people_and_classes_have_different_files():
    people = [
        ("a", "b c"),
        ("a b", "c"),
        ("ab", "c"),
        ("a", "bc"),
        ("a", "b"),
        ("b", "a"),
        ("a", "José"),
        ("a", "Jose"),
    ]
    everything = [*(dataset_for(*pair) for pair in people), *map(variant, SEEDS), dataset.SHIPPED]
    for name in dataset.FILES:
        contents = [own.content(name) for own in everything]
        assert len(set(contents)) == len(contents)


@settings(max_examples=20)
@given(seeds)
def test_a_seed_leads_to_one_set_of_files(seed):
    before = variant(seed)
    variant.cache_clear()
    assert variant(seed) == before
    assert before.seed == seed


# --- what they look like


@settings(max_examples=40)
@given(seeds)
def test_each_file_has_the_form_of_the_shipped_one(seed):
    own = variant(seed)
    assert set(own.contents) == set(dataset.FILES)
    for pair, server in itertools.product(dataset.PAIRS, (0, 1)):
        name = pair.files[server]
        file = read_log_file(name, own.content(name))
        assert file.problems == ()
        assert file.content == own.content(name)
        assert 9 <= len(file.records) <= 12
        assert {record.serverID for record in file.records} == {name[:2]}
        assert {record.severity for record in file.records} == {0, 1, 2}
        assert pair.window[0] <= file.window[0] <= file.window[1] <= pair.window[1]


# --- what they show


def by_hand(files):
    """Return by server the right volumes and those of each wrong formula, computed without `lab.oracle`."""
    servers = {}
    for record in (record for file in files for record in file.records):
        servers.setdefault(record.serverID, []).append(record)

    def each(function):
        return {server: function(rows) for server, rows in servers.items()}

    def span(rows):
        return max(row.timestamp for row in rows) - min(row.timestamp for row in rows) + 1

    def count(rows, severity=2):
        return sum(row.severity == severity for row in rows)

    def only_sev2(rows):
        return [row for row in rows if row.severity == 2]

    whole = span([row for rows in servers.values() for row in rows])
    return {
        "right": each(lambda rows: count(rows) / span(rows)),
        "no-plus-one": each(lambda rows: count(rows) / (span(rows) - 1)),
        "no-parentheses": each(
            lambda rows: count(rows) / max(row.timestamp for row in rows) - min(row.timestamp for row in rows) + 1
        ),
        "half-parentheses": each(lambda rows: count(rows) / (span(rows) - 1) + 1),
        "sev2-first": each(lambda rows: count(rows) / span(only_sev2(rows))),
        "all-events": each(lambda rows: len(rows) / span(rows)),
        "sev0-events": each(lambda rows: count(rows, 0) / span(rows)),
        "sev1-events": each(lambda rows: count(rows, 1) / span(rows)),
        "one-span": each(lambda rows: count(rows) / whole),
        "sum-severity": each(lambda rows: sum(row.severity for row in rows) / span(rows)),
        "sum-sev2": each(lambda rows: 2 * count(rows) / span(rows)),
        "distinct-records": each(lambda rows: len(set(only_sev2(rows))) / span(rows)),
        "not-divided": each(count),
    }


@pytest.mark.parametrize("seed", SEEDS)
def test_after_each_delivery_a_volume_says_which_formula_it_comes_from(seed):
    files = read(variant(seed))
    for delivered in (dataset.FIRST.files, dataset.FILES):
        all_volumes = by_hand([files[name] for name in delivered])
        assert all_volumes.keys() == {"right", *(formula.id for formula in FORMULAS)}
        for (one, left), (other, right) in itertools.combinations(all_volumes.items(), 2):
            assert any(abs(left[server] - right[server]) > APART for server in left), (one, other)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_known_wrong_formula_is_named_by_the_check_of_the_results(seed):
    own = variant(seed)
    for group, pairs in zip(GROUPS[:2], (1, 2), strict=True):
        batches = own.batches(pairs)
        files = [file for batch in batches for file in batch]
        for formula in (*FORMULAS, *FURTHER):
            said = compare(group, lines(formula.volumes(files).items()), batches)
            assert said.outcome == "wrong"
            if formula in FORMULAS:
                assert said.mistake == formula.id
        right = lines(volume_report(files).items())
        assert compare(group, right, batches).outcome == "passed"


@pytest.mark.parametrize("seed", SEEDS)
def test_a_log_in_any_other_order_is_not_the_log(seed):
    own = variant(seed)
    for pair in dataset.PAIRS:
        rows = [(r.serverID, r.timestamp) for name in pair.files for r in own.log_file(name).records if r.severity == 0]
        right = sorted(rows, key=lambda row: (row[1], row[0]))
        assert right == sev0_log([[own.log_file(name) for name in pair.files]])
        by_time_then_server_backwards = sorted(sorted(rows, reverse=True), key=lambda row: row[1])
        assert right not in (rows, sorted(rows), right[::-1], by_time_then_server_backwards)
        assert {server for server, _ in rows} == {"s1", "s2"}


@pytest.mark.parametrize("seed", [*SEEDS, "shipped"])
def test_the_examples_of_the_fields_are_nobodys_results(seed):
    own = dataset.SHIPPED if seed == "shipped" else variant(seed)
    for group in GROUPS:
        batches = own.batches(group.pairs)
        assert compare(group, group.example, batches).outcome == "wrong"
        if group.step_id == "volume-query":
            right = by_hand([file for batch in batches for file in batch])["right"]
            assert abs(right["s1"] - 0.15) > APART


# In the second set, both reports were once the same.
@pytest.mark.parametrize("own", [*map(variant, SEEDS), dataset_for("class 2", "Learner 5.1.1"), dataset.SHIPPED])
def test_each_delivery_changes_the_volume_of_every_server(own):
    first, second = ([own.log_file(name) for name in names] for names in (dataset.FIRST.files, dataset.FILES))
    before, after = by_hand(first)["right"], by_hand(second)["right"]
    assert all(abs(after[server] - before[server]) > APART for server in ("s1", "s2"))


def changed(change):
    """Return the files of a seed, with changed records in each."""
    return {name: LogFile(name, tuple(change(name, file.records))) for name, file in read(variant(SEEDS[0])).items()}


def test_files_in_which_a_mistake_does_not_show_are_refused():
    as_they_are = changed(lambda _, records: records)
    assert shows_growth(as_they_are)
    assert shows_formulas(as_they_are)
    assert shows_orders(as_they_are)
    # If all time units have equally many SEV2 records, a learner who hands in the first report twice goes unnoticed.
    every_unit = {
        name: LogFile(name, tuple(Record(name[:2], 2, time) for time in range(pair.window[0], pair.window[1] + 1)))
        for pair in dataset.PAIRS
        for name in pair.files
    }
    assert not shows_growth(every_unit)
    # A learner who counts equal records once goes unnoticed.
    assert not shows_formulas(changed(lambda _, records: dict.fromkeys(records)))
    # So does one who takes one span for all servers, or the span of the SEV2 records.
    whole = {name: pair.window for pair in dataset.PAIRS for name in pair.files}
    assert not shows_formulas(
        changed(lambda name, records: [*records, *(Record(name[:2], 2, time) for time in whole[name])])
    )
    # So does one who does not sort, or sorts by server only.
    for apart in ({"s1": 0, "s2": 5}, {"s1": 5, "s2": 0}):
        times = {server: [1 + first, 2 + first] for server, first in apart.items()}
        assert not shows_orders(changed(lambda name, _, times=times: [Record(name[:2], 0, t) for t in times[name[:2]]]))
    assert not shows_orders(changed(lambda name, records: [r for r in records if r.severity or name[:2] == "s1"]))


def test_candidates_that_show_not_everything_are_passed_over(monkeypatch):
    seed = "passed over"
    first, second = itertools.islice(variants._candidates(seed), 2)
    monkeypatch.setattr(variants, "shows_growth", lambda _: True)
    monkeypatch.setattr(variants, "shows_orders", lambda files: files == second)
    monkeypatch.setattr(variants, "shows_formulas", lambda files: files != first)
    variant.cache_clear()
    assert {name: variant(seed).log_file(name) for name in dataset.FILES} == second
    variant.cache_clear()


def lines(rows):
    return "\n".join(f"{server} {volume:.2f}" for server, volume in rows)
