from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab import dataset
from lab.__main__ import main
from lab.commands.results import result_groups
from lab.oracle import sev0_log, volume_report
from lab.records import LogFile, Record
from lab.variants import dataset_for

records = st.builds(Record, st.sampled_from(["s1", "s2", "s3"]), st.integers(0, 2), st.integers(1, 20))
log_files = st.builds(lambda found: LogFile("x.csv", tuple(found)), st.lists(records))


def volumes(*files):
    return volume_report(files)


def rows(*batches):
    return sev0_log(batches)


def test_the_four_results_are_those_of_the_golden_file():
    golden = Path(__file__).with_name("golden") / "result_groups.txt"
    pairs = [[dataset.SHIPPED.log_file(name) for name in pair.files] for pair in dataset.PAIRS]
    assert result_groups(pairs) == golden.read_text()


def test_the_command_line_prints_them(capsys):
    assert main(["results"]) == 0
    assert "Part 1, volume report, after s115.csv, s215.csv\ns1 1.2\ns2 1.25\n" in capsys.readouterr().out


def test_the_command_line_names_a_bad_file(tmp_path, capsys):
    for name in dataset.FILES:
        (tmp_path / name).write_bytes(dataset.SHIPPED.content(name))
    (tmp_path / "s215.csv").write_bytes(b"s2,7,1\n")
    assert main(["results", "--log-data", str(tmp_path)]) == 1
    assert "s215.csv, line 1: '7'" in capsys.readouterr().err


def test_the_command_line_names_a_missing_file(tmp_path, capsys):
    for name in dataset.FILES[1:]:
        (tmp_path / name).write_bytes(dataset.SHIPPED.content(name))
    assert main(["results", "--log-data", str(tmp_path)]) == 1
    assert f"{tmp_path} holds 3 log files" in (said := capsys.readouterr().err)
    assert "It lacks s115.csv." in said
    assert main(["results", "--log-data", str(tmp_path / "nowhere")]) == 1
    assert "nowhere: No such file or directory. Name a folder with the four log files." in capsys.readouterr().err


def test_the_command_line_prints_the_key_of_a_learner(capsys):
    assert main(["results", "--class-code", "CS-101 ", "--name", "ada"]) == 0
    printed = capsys.readouterr()
    own = dataset_for("cs-101", "Ada")
    assert printed.out == result_groups(own.batches())
    assert printed.out != result_groups(dataset.SHIPPED.batches())
    assert printed.err == f"Seed {own.seed}.\n"


@pytest.mark.parametrize(
    "options", [["--name", "Ada"], ["--class-code", "a"], ["--name", "Ada", "--class-code", "a", "--log-data", "."]]
)
def test_the_command_line_wants_a_learner_or_a_folder(capsys, options):
    assert main(["results", *options]) == 2
    assert "Name both --class-code and --name, or else a folder with --log-data." in capsys.readouterr().err


def test_the_command_line_refuses_a_name_that_is_none(capsys):
    assert main(["results", "--class-code", "a", "--name", "\udcff"]) == 1
    assert "The name has a character that nobody sees, U+DCFF, in place 1." in capsys.readouterr().err


@given(st.lists(log_files))
def test_the_volume_is_sev2_records_by_the_span_of_all_records(files):
    by_server = {}
    for record in (record for file in files for record in file.records):
        by_server.setdefault(record.serverID, []).append(record)
    expected = {
        server: sum(r.severity == 2 for r in found)
        / (max(r.timestamp for r in found) - min(r.timestamp for r in found) + 1)
        for server, found in by_server.items()
    }
    assert volumes(*files) == expected


@given(st.lists(st.lists(log_files)))
def test_the_log_is_ordered_within_a_batch_and_batches_follow_one_another(batches):
    expected = []
    for batch in batches:
        severe = [r for file in batch for r in file.records if r.severity == 0]
        expected += sorted(((r.serverID, r.timestamp) for r in severe), key=lambda row: (row[1], row[0]))
    assert rows(*batches) == expected


def test_a_server_without_sev2_reports_zero():
    assert volumes(LogFile("x", (Record("quiet", 1, 3), Record("quiet", 0, 9)))) == {"quiet": 0}


def test_one_time_unit_is_a_span_of_one():
    assert volumes(LogFile("x", (Record("s", 2, 7), Record("s", 2, 7)))) == {"s": 2}


@pytest.mark.parametrize("batches", [[], [[]], [[LogFile("x", ())]]])
def test_nothing_delivered_gives_empty_reports(batches):
    assert rows(*batches) == []
    assert volumes(*(file for batch in batches for file in batch)) == {}
