"""A course's own log files: which sets fit, the messages for those that do not, and how the lab uses them."""

import course_files
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab import dataset
from lab.__main__ import main
from lab.bucket.log_data import log_data, read_log_data
from lab.commands import doctor
from lab.commands.finding import guarded
from lab.course_files import MAX_RECORDS, MAX_SERVERS, MAX_SEV0, MAX_TIME_UNIT, course_of
from lab.errors import LabError
from lab.learner.identity import Identity
from lab.lesson.numbers import counts_in_words, files_in_words, shown, silences_in_words, volumes
from lab.lesson.predictions import PREDICTIONS
from lab.lesson.results import GROUPS, compare
from lab.lesson.undetected import in_words, undetected_mistakes
from lab.lesson.wording import asked_server, worded
from lab.oracle import sev0_log, volume_report
from lab.records import MAX_BYTES
from lab.startup import hindrances
from lab.variants import like, seed_of, variant

COURSE = read_log_data(str(course_files.FOLDER))
SMALL = {
    "north.csv": b"web,2,3\nweb,0,4\n",
    "south.csv": b"db,2,3\ndb,2,5\n",
    "late-10.csv": b"web,2,8\n",
    "late-9.csv": b"db,1,9\nmail,0,9\n",
}


def folder_of(path, contents):
    for name, data in contents.items():
        (path / name).write_bytes(data)
    return str(path)


def refused(contents):
    with pytest.raises(LabError) as error:
        course_of(contents, "/srv/logs")
    return str(error.value)


# --- the set of the fixture


def test_the_files_of_the_fixture_are_made_by_its_script():
    assert {path.name: path.read_bytes() for path in course_files.FOLDER.iterdir()} == course_files.contents()


def test_the_set_is_that_of_a_real_course():
    assert [len(COURSE.log_file(name).records) for name in COURSE.files] == [2_000, 5_000, 100, 1_000]
    assert COURSE.pairs == dataset.PAIRS
    first, both = ([file for batch in COURSE.batches(pairs) for file in batch] for pairs in (1, 2))
    assert {server: round(volume, 1) for server, volume in volume_report(first).items()} == {"s1": 379.4, "s2": 920}
    assert {server: round(volume, 1) for server, volume in volume_report(both).items()} == {"s1": 199.7, "s2": 519.9}
    assert sev0_log(COURSE.batches()) == [("s1", 5), ("s1", 5), ("s1", 5), ("s2", 8)]


def test_three_identical_rows_are_three_rows():
    log = next(group for group in GROUPS if group.id == "log-first")
    assert compare(log, "s1 5\ns1 5\ns1 5", COURSE.batches(1)).outcome == "passed"
    for answer in ("s1 5", "s1 5\ns1 5", "s1 5\n" * 4):
        assert compare(log, answer, COURSE.batches(1)).outcome == "wrong"
    assert compare(log, "s1 5", COURSE.batches(1)).message == "You have 1 of 3 rows; 's1 5' is missing."


def test_what_the_set_cannot_tell_is_named():
    first, _ = undetected_mistakes(COURSE)
    assert first.formulas == (
        "Without parentheses",
        "Only SEV2 records, then the span",
        "One span for all servers",
        "Divided by the last time unit",
        "Divided by the different timestamps",
    )
    assert "Equal rows once" not in first.logs
    assert "Not sorted" in first.logs
    told = in_words(undetected_mistakes(dataset.SHIPPED))
    assert "After the first pair, these give the right volumes, too: Divided by the different timestamps." in told
    assert "After both pairs, these give the right SEV0 log, too: Equal rows once." in told


def test_a_formula_that_gives_another_number_is_no_undetected_one():
    for pairs, each in enumerate(undetected_mistakes(COURSE), start=1):
        files = [file for batch in COURSE.batches(pairs) for file in batch]
        assert "Without + 1" not in each.formulas
        assert volume_report(files)["s1"] != pytest.approx(volumes(COURSE, pairs)["s1"].count / 4)


# --- which fit


def test_names_servers_and_windows_are_what_the_files_say(tmp_path):
    (tmp_path / "README.md").write_text("about")
    (tmp_path / ".hidden.csv").write_text("no record")
    own = read_log_data(folder_of(tmp_path, SMALL))
    assert own.pairs == (
        dataset.Pair("first", ("north.csv", "south.csv"), (3, 5)),
        dataset.Pair("second", ("late-9.csv", "late-10.csv"), (8, 9)),
    )
    assert own.files == ("north.csv", "south.csv", "late-9.csv", "late-10.csv")
    assert volume_report(file for batch in own.batches() for file in batch) == {"db": 2 / 7, "mail": 0, "web": 2 / 6}
    assert own.is_of_course
    assert not dataset.SHIPPED.is_of_course


def test_the_same_records_are_the_same_set_and_others_are_not():
    no_end = SMALL | {"late-10.csv": b"web,2,8"}
    assert course_of(no_end, "x") == course_of(SMALL, "y")
    assert course_of(SMALL | {"late-10.csv": b"web,2,10\n"}, "x").seed != course_of(SMALL, "x").seed


def test_they_are_read_once(tmp_path, monkeypatch):
    place = folder_of(tmp_path, SMALL)
    monkeypatch.setenv("LAB_LOG_DATA", place)
    before = log_data()
    (tmp_path / "north.csv").unlink()
    assert log_data() is before


servers = st.sampled_from(["s1", "s2", "web-1", "7"])


@st.composite
def sets(draw):
    """Draw four files that fit, by name, and the names of the first pair."""
    border = draw(st.integers(2, MAX_TIME_UNIT - 1))

    def lines(first, last, least):
        rows = draw(st.lists(st.tuples(servers, st.integers(0, 2), st.integers(first, last)), min_size=1, max_size=12))
        return [*rows, *least]

    names = draw(st.lists(st.from_regex(r"f[a-z0-9_-]{0,8}\.csv", fullmatch=True), min_size=4, max_size=4, unique=True))
    fatal = (draw(servers), 0, draw(st.integers(1, border)))
    files = [
        lines(1, border, [fatal]),
        lines(1, border, []),
        lines(border + 1, MAX_TIME_UNIT, []),
        lines(border + 1, MAX_TIME_UNIT, []),
    ]
    return dict(zip(names, files, strict=True)), set(names[:2])


@settings(max_examples=60, deadline=None)
@given(sets(), st.randoms(use_true_random=False))
def test_any_four_files_that_fit_are_read_and_the_report_is_that_of_a_plain_count(made, shuffled):
    files, first = made
    order = list(files)
    shuffled.shuffle(order)
    own = course_of({name: "".join(f"{a},{b},{c}\n" for a, b, c in files[name]).encode() for name in order}, "x")
    assert set(own.pairs[0].files) == first
    for pairs, names in ((1, own.files[:2]), (2, own.files)):
        rows = [row for name in names for row in files[name]]
        expected = {}
        for server in {row[0] for row in rows}:
            times = [time for each, _, time in rows if each == server]
            calls = sum(each == server and severity == 2 for each, severity, _ in rows)
            expected[server] = calls / (max(times) - min(times) + 1)
        assert volume_report(file for batch in own.batches(pairs) for file in batch) == expected
        log = [
            row
            for pair in own.pairs[:pairs]
            for row in sorted(
                ((server, time) for name in pair.files for server, severity, time in files[name] if severity == 0),
                key=lambda row: (row[1], row[0]),
            )
        ]
        assert sev0_log(own.batches(pairs)) == log
        for group in GROUPS:
            if group.pairs == pairs:
                report = expected.items() if group.id.startswith("volume") else log
                answer = "\n".join(f"{server} {value}" for server, value in report)
                assert compare(group, answer, own.batches(pairs)).outcome == "passed"
    # Whatever the windows are, each of these texts is short.
    for text in (files_in_words(own), silences_in_words(own), *(each.asked(own) for each in PREDICTIONS.values())):
        assert len(text) < 1_000
    assert asked_server(own) in own.servers[own.files[0]]
    for prediction in PREDICTIONS.values():
        right = prediction.right or str(prediction.number(own))
        assert prediction.is_right(right, own)
        assert "that is right" in prediction.told(right, own)


def test_predictions_speak_of_the_files_and_of_a_server_that_both_pairs_name():
    own = course_of({**SMALL, "north.csv": b"app,2,3\nweb,2,3\nweb,0,4\n"}, "x")
    assert asked_server(own) == "web"
    first, second, update = (PREDICTIONS[known] for known in ("first-pair", "second-pair", "update-mode"))
    assert first.named(own) == "The volume of web after the first pair"
    assert "which volume will web have" in first.asked(own)
    assert "`north.csv`" in first.asked(own)
    assert [second.offered(choice, own) for choice in second.choices[:2]] == [
        "the volume of t8 to t9 alone",
        "one volume for t3 to t9",
    ]
    assert "the table of web" in update.asked(own)
    assert "for web was there before" in update.offered(update.choices[2], own)
    assert "you get 2 rows instead of 3" in PREDICTIONS["header"].told("an error", own)
    # For the lab's own files, the texts stay as they are written.
    shipped = dataset.SHIPPED
    assert all(
        (known.named(shipped), known.asked(shipped)) == (known.about, known.question) for known in PREDICTIONS.values()
    )


# --- which do not


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"late-9.csv": None}, ["/srv/logs holds 3 log files (late-10.csv, north.csv, south.csv), expected four"]),
        ({"more.csv": b"a,2,1\n"}, ["holds 5 log files", "Put exactly four files there"]),
        ({"late-9.csv": b"db,1,9\ndb,0,5\n"}, ["late-9.csv, line 2: '5'", "north.csv t3 to t4", "late-9.csv t5 to t9"]),
        (
            {"south.csv": b"db,2,3\ndb,7,5\n"},
            ["south.csv, line 2: '7' is not a severity", "Correct the file in /srv/logs"],
        ),
        (
            {"south.csv": b"serverID,severity,timestamp\ndb,2,5\n"},
            ["south.csv, line 1", "is a header", "delete this line"],
        ),
        ({"south.csv": b"\xff\xfe"}, ["south.csv", "Correct the file in /srv/logs"]),
        ({"south.csv": b""}, ["south.csv is empty", "Correct the file in /srv/logs"]),
        ({"south.csv": b"\n"}, ["south.csv is empty"]),
        ({"south.csv": b"db,2,3\ndb,2,1700000000\n"}, ["south.csv in /srv/logs, line 2: '1700000000' is too large"]),
        (
            {"north.csv": b"web,2,3\nweb,2,4\n"},
            ["north.csv and south.csv in /srv/logs have no SEV0 record", "severity 0"],
        ),
        ({"south.csv": b"db,2,3\n" * (MAX_RECORDS + 1)}, ["south.csv in /srv/logs has 10,001 records", "Shorten it"]),
        ({"south.csv": b"db,0,3\n" * (MAX_SEV0 + 1)}, ["have 503 SEV0 records", "at most 500 fit"]),
        (
            {"south.csv": b"".join(f"s{each},2,3\n".encode() for each in range(MAX_SERVERS + 1))},
            ["name 54 servers", "at most 50 fit"],
        ),
        (
            {"south.csv": None, "so uth.csv": b"db,2,3\n"},
            ["'so uth.csv' in /srv/logs is no name for a log file", "Rename"],
        ),
        ({"south.csv": None, "NORTH.csv": b"db,2,3\n"}, ["the same name on Windows", "Rename one"]),
        ({"south.csv": None, "con.csv": b"db,2,3\n"}, ["'con.csv' is the name of a device on Windows", "Rename it"]),
    ],
)
def test_what_does_not_fit_is_one_sentence_and_what_to_do(change, said):
    contents = {name: data for name, data in (SMALL | change).items() if data is not None}
    sentence = refused(contents)
    for part in said:
        assert part in sentence
    assert "\n" not in sentence
    assert len(sentence) < 500


def test_a_large_file_is_refused_before_it_is_read(tmp_path, monkeypatch):
    place = folder_of(tmp_path, SMALL)
    with (tmp_path / "south.csv").open("wb") as file:
        file.truncate(200_000_000)
    (said,) = hindrances({"LAB_LOG_DATA": place})
    assert f"south.csv in {place} has 200,000,000 bytes, more than the {MAX_BYTES:,}" in said
    assert said.startswith("LAB_LOG_DATA cannot be used. ")


@pytest.mark.parametrize("place", ["/nowhere/logs", "~nobody-of-this-name/x", __file__, "s3://X", "http://host/logs"])
def test_a_place_that_is_none_is_a_sentence_when_the_lab_starts(place):
    (said,) = hindrances({"LAB_LOG_DATA": place})
    assert place.rpartition("/")[2] in said
    assert said.endswith("For example: LAB_LOG_DATA=/srv/lab/log-data")


def test_a_folder_in_the_place_of_a_file_is_refused(tmp_path):
    place = folder_of(tmp_path, {name: data for name, data in SMALL.items() if name != "south.csv"})
    (tmp_path / "south.csv").mkdir()
    with pytest.raises(LabError, match=r"south\.csv in .* is no file"):
        read_log_data(place)


@pytest.fixture
def in_s3(embedded, aws):
    """Return a function that puts files below a prefix of a person's own bucket, and returns its address."""

    def put(prefix, contents):
        bucket = embedded.address.bucket
        for name, data in contents.items():
            embedded.connection.ask(
                lambda s3, name=name, data=data: s3.put_object(Bucket=bucket, Key=f"{prefix}/{name}", Body=data)
            )
        aws({**embedded.server.keys, "AWS_ENDPOINT_URL": embedded.server.endpoint(), "AWS_DEFAULT_REGION": "us-east-1"})
        return f"s3://{bucket}/{prefix}"

    return put


def test_they_are_read_from_s3_too(in_s3):
    place = in_s3("course", {**SMALL, "README.md": b"about", "old/north.csv": b"no record"})
    assert read_log_data(place) == course_of(SMALL, "x")
    assert read_log_data(f"{place}/") == course_of(SMALL, "x")


def test_what_does_not_fit_in_s3_is_a_sentence_with_the_address(in_s3):
    place = in_s3("large", SMALL | {"south.csv": b"x" * (MAX_BYTES + 1)})
    (said,) = hindrances({"LAB_LOG_DATA": place})
    assert f"south.csv in {place} has 1,000,001 bytes" in said
    place = in_s3("few", {name: data for name, data in SMALL.items() if name != "south.csv"})
    (said,) = hindrances({"LAB_LOG_DATA": place})
    assert f"{place} holds 3 log files" in said
    (said,) = hindrances({"LAB_LOG_DATA": "s3://no-such-bucket-here/x"})
    assert "no-such-bucket-here" in said


# --- who has them


def test_with_a_course_s_files_nobody_has_others_also_with_a_class_code(monkeypatch):
    monkeypatch.setenv("LAB_LOG_DATA", str(course_files.FOLDER))
    for identity in (Identity(), Identity("Ada", "cs-101"), Identity("Bob", "cs-101")):
        assert identity.dataset is COURSE
    monkeypatch.delenv("LAB_LOG_DATA")
    assert Identity("Ada", "cs-101").dataset.seed == seed_of("cs-101", "Ada")
    assert Identity().dataset is dataset.SHIPPED


def test_hidden_files_have_the_names_of_the_course_s_and_its_servers():
    own, hidden = course_of(SMALL, "x"), variant("0" * 16)
    made = like(hidden, own)
    assert made.files == own.files
    assert [pair.window for pair in made.pairs] == [(1, 5), (6, 10)]
    assert set(volumes(made, 2)) == {"db", "mail"}
    assert volumes(made, 2)["db"].count == volumes(hidden, 2)["s1"].count
    assert like(hidden, dataset.SHIPPED) is hidden
    assert like(hidden, variant("1" * 16)) is hidden


# --- what is said of them


def test_the_texts_of_the_lesson_speak_of_the_files_that_are_there():
    own = course_of(SMALL, "x")
    assert worded("`s115.csv` and `s1610.csv`: s1, t1 to t5, t6 to t10, t1 to t10, s1-x", own) == (
        "`north.csv` and `late-9.csv`: web, t3 to t5, t8 to t9, t3 to t9, s1-x"
    )
    assert (
        files_in_words(own) == "Each file holds records from one window of time units: `north.csv` is t3 to t5, of web."
    )
    assert files_in_words(dataset.SHIPPED) == (
        "Each file holds the records of one server from one window of five time units: `s115.csv` is server s1, t1 to t5."
    )
    assert silences_in_words(COURSE) == ""
    assert counts_in_words(COURSE.log_file("s115.csv")) == "1,897 SEV2, 100 SEV1, 3 SEV0."
    first = PREDICTIONS["first-pair"]
    assert first.asked(own).startswith("Predict first: which volume will web have after this pair?")
    assert first.then(own) == "web has 1 SEV2 records in 2 time units (t3 to t4): 1 ÷ 2 = 0.5."
    assert first.then(COURSE).endswith("1897 ÷ 5 = 379.4.")
    for text in ("s115.csv", "s1 and t1 to t5"):
        assert worded(text, dataset.SHIPPED) == worded(text, variant("0" * 16)) == text


def test_a_name_is_put_in_the_place_of_another_once():
    swapped = {
        new: SMALL[old] for old, new in zip(SMALL, ("s215.csv", "s115x.csv", "s1610.csv", "s2.csv"), strict=True)
    }
    own = course_of(swapped, "x")
    assert worded("s115.csv s215.csv s1610.csv s2610.csv", own) == " ".join(own.files)


@given(st.floats(0, 1e7))
def test_a_number_is_shown_as_exactly_as_a_result_is_compared(value):
    assert float(shown(value)) == pytest.approx(value, abs=0.005, rel=0)
    assert "e+" not in shown(value)


# --- by command


def test_the_answer_key_is_that_of_the_folder_or_of_the_variable(capsys, monkeypatch):
    assert main(["results", "--log-data", str(course_files.FOLDER)]) == 0
    by_option = capsys.readouterr()
    assert "Part 1, volume report, after s115.csv, s215.csv\ns1 379.4\ns2 920\n" in by_option.out
    assert "s1 199.7\ns2 519.9\n" in by_option.out
    assert "after s115.csv, s215.csv\ns1 5\ns1 5\ns1 5\n\n" in by_option.out
    assert "After the first pair, these give the right volumes, too: Without parentheses; " in by_option.err
    monkeypatch.setenv("LAB_LOG_DATA", str(course_files.FOLDER))
    assert main(["results"]) == 0
    assert capsys.readouterr() == by_option


@pytest.mark.parametrize(
    "command", [["results"], ["check", "schema", __file__], ["grade", __file__]], ids=lambda each: each[0]
)
def test_no_command_judges_with_files_that_do_not_fit(command, tmp_path, capsys):
    place = folder_of(tmp_path, SMALL | {"south.csv": b"db,7,5\n"})
    assert main([*command, "--log-data", place]) != 0
    assert "south.csv, line 1: '7'" in capsys.readouterr().err


def test_the_doctor_names_them_or_says_what_does_not_fit(tmp_path, monkeypatch):
    monkeypatch.setenv("LAB_LOG_DATA", str(course_files.FOLDER))
    assert "of the course, for everybody: s115.csv" in doctor._log_files().found
    monkeypatch.setenv("LAB_LOG_DATA", folder_of(tmp_path, SMALL | {"late-9.csv": b"db,1,4\n"}))
    finding = guarded("Log files", doctor._log_files)
    assert finding.state == "missing"
    assert "late-9.csv, line 1: '4'" in str(finding)


def test_no_command_starts_with_a_variable_that_does_not_fit(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("LAB_LOG_DATA", folder_of(tmp_path, SMALL | {"late-9.csv": b"db,1,4\n"}))
    assert main(["results"]) != 0
    assert "late-9.csv, line 1: '4'" in capsys.readouterr().err
