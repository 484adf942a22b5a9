"""Who a learner is, which log files they have, and what the pages say about these."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab import dataset
from lab.bucket import LOG_DATA, LOG_DATA_LIVE, OUTPUT
from lab.bucket.folder import FolderBucket
from lab.bucket.setup import Missing, SetUp, missing, set_up
from lab.course.classroom import Classroom
from lab.course.entrance import StrangerError
from lab.engine.engine import Engine
from lab.errors import LabError
from lab.judge.feedback import Feedback
from lab.learner.identity import CLASS_CODE_LENGTH, NAME_LENGTH, Identity
from lab.learner.kept import IDENTITY, Result
from lab.learner.progress import Progress
from lab.lesson.numbers import Volume, shortest_span, silences, silences_in_words, volumes
from lab.lesson.predictions import PREDICTIONS
from lab.lesson.steps import STEPS
from lab.oracle import volume_report
from lab.settings import CLASS_CODE, read_settings
from lab.store import Store
from lab.variants import seed_of, variant

ME = "1" * 32
ADA = Identity("Ada", "cs-101")
seeds = st.builds(seed_of, st.just("a class"), st.text(max_size=9))


@pytest.fixture
def store(tmp_path):
    store = Store(f"sqlite:///{tmp_path}/lab.sqlite")
    yield store
    store.close()


# --- a name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Ada",
        "Łukasz O'Neill-Ñ",
        "김민준",
        "עדה",
        "\u0622\u062f\u0627\u200c\u0645\u06cc",
        "👩\u200d💻",
        "👩\u200d❤\ufe0f\u200d👨",
        "葛\U000e0100城",
        "O\u0301scar\u00a0Ñ",
        "<b>*x*</b>",
        "x" * NAME_LENGTH,
    ],
)
def test_any_name_is_taken_as_it_is(name):
    assert Identity(name, name[:CLASS_CODE_LENGTH]).name == name


@pytest.mark.parametrize(
    ("name", "class_code", "said"),
    [
        ("x" * 81, "", "The name has 81 characters, more than the 80 that it may have. Shorten it"),
        ("", "x" * 41, "The class code has 41 characters, more than the 40"),
        ("Ada\nLovelace", "", r"The name has a character that nobody sees, U\+000A, in place 4. Write it on one line"),
        ("Ada\u2028", "", r"U\+2028, in place 4"),
        ("\x00", "", r"U\+0000"),
        ("\ud800", "", r"U\+D800"),
        ("Ada \u202egpj", "", r"U\+202E, in place 5"),
        ("Ada \u200fx", "", r"U\+200F, in place 5"),
        ("Ada\u061c", "", r"U\+061C"),
        ("Ada\ufeff", "", r"U\+FEFF"),
        ("A\u00adda", "", r"U\+00AD"),
        ("A\u200dda", "", r"U\+200D, in place 2"),
        ("\u200c김민준", "", r"U\+200C, in place 1"),
        ("김민준\u200d", "", r"U\+200D, in place 4"),
        ("김 \u200d준", "", r"U\+200D"),
        ("Ada\U000e0041", "", r"U\+E0041"),
        ("\u3164", "", r"U\+3164"),
        ("Ada\u2800", "", r"U\+2800"),
        ("Ada\u2003Lovelace", "", r"U\+2003"),
        ("Ada\ue000", "", r"U\+E000"),
        ("Ada\ufe0f", "", r"U\+FE0F"),
        ("김 \ufe0f", "", r"U\+FE0F"),
        ("", "a\tb", r"The class code has a character that nobody sees, U\+0009"),
    ],
)
def test_what_is_no_line_of_text_is_refused_with_its_place(name, class_code, said):
    with pytest.raises(LabError, match=said):
        Identity(name, class_code)


def test_log_files_of_ones_own_need_a_name_and_a_class_code():
    assert Identity("Ada").dataset is Identity(class_code="cs-101").dataset is Identity().dataset is dataset.SHIPPED
    assert ADA.dataset.seed == seed_of("cs-101", "Ada") == Identity(" ada ", "CS-101").dataset.seed


@given(st.text(max_size=NAME_LENGTH), st.text(max_size=CLASS_CODE_LENGTH))
def test_whatever_is_an_identity_has_log_files(name, class_code):
    try:
        identity = Identity(name, class_code)
    except LabError:
        return
    assert set(identity.dataset.contents) == set(dataset.FILES)


# --- kept


def test_who_one_is_comes_back_and_is_forgotten_with_the_rest(store):
    progress = Progress(store, ME)
    assert progress.identity == Identity()
    version = progress.version
    progress.introduce(ADA)
    assert progress.version == version + 1
    progress.introduce(ADA)
    assert progress.version == version + 1
    again = Progress(store, ME)
    assert again.identity == ADA
    again.forget()
    assert again.identity == Progress(store, ME).identity == Identity()


@pytest.mark.parametrize(
    "value", [None, "Ada", {}, {"name": 1, "class_code": "a"}, {"name": "a\nb", "class_code": ""}, {"name": "Ada"}]
)
def test_what_is_no_identity_in_the_store_is_nobody(store, value):
    store.save(ME, (IDENTITY, ""), value)
    assert Progress(store, ME).identity == Identity()


def test_with_other_log_files_a_result_stays_and_is_no_longer_checked(store):
    progress = Progress(store, ME)
    checked = Result("s1 1.2", checked=True, feedback=Feedback("wrong", "Not quite."))
    progress.keep_result("volume-first", checked)
    progress.introduce(Identity("Ada"))
    assert progress.result("volume-first") == checked
    progress.introduce(ADA)
    assert progress.result("volume-first") == Progress(store, ME).result("volume-first") == Result("s1 1.2")


def test_an_identity_that_cannot_be_kept_changes_nothing(store, monkeypatch):
    progress = Progress(store, ME)

    def fail(*_):
        raise LabError("It cannot be kept.", "")

    monkeypatch.setattr(store, "save", fail)
    with pytest.raises(LabError):
        progress.introduce(ADA)
    assert progress.identity == Identity()


# --- the classroom


@pytest.fixture
def classroom_of(monkeypatch, tmp_path):
    """Return a function that makes classrooms with one store; their engine is never started."""
    monkeypatch.setenv("LAB_STORE", f"sqlite:///{tmp_path}/lab.sqlite")
    rooms = []

    def classroom(class_code=""):
        rooms.append(Classroom(Engine(), settings=lambda: read_settings({CLASS_CODE: class_code})))
        return rooms[-1]

    yield classroom
    for room in rooms:
        room.close()


def seed_in(learner):
    """Return the seed of the files in LogData, which must all have the same one."""
    bucket = learner.workspace.bucket
    [seed] = {
        own.seed
        for own in (dataset.SHIPPED, learner.workspace.dataset)
        if all(bucket.read(LOG_DATA + name) == own.content(name) for name in dataset.FILES)
    }
    return seed


def test_who_comes_back_finds_their_own_log_files(classroom_of):
    classroom_of().enter(ME).introduce(ADA)
    learner = classroom_of().enter(ME)
    assert learner.progress.identity == ADA
    assert learner.workspace.dataset.seed == seed_in(learner) == ADA.dataset.seed


def test_a_class_code_of_the_teacher_is_that_of_everybody_with_a_name(classroom_of):
    first = classroom_of().enter(ME)
    first.introduce(Identity("Ada", "another"))
    first.progress.keep_result("volume-first", Result("s1 1", checked=True, feedback=Feedback("passed", "Right.")))
    room = classroom_of(" cs-101 ")
    assert room.entrance.class_code == "cs-101"
    with pytest.raises(StrangerError) as stranger:
        room.enter(ME)
    assert stranger.value.known == Identity("Ada", "another")
    room.admit(ME, Identity("Ada", "CS-101"))
    learner = room.enter(ME)
    assert learner.progress.identity == ADA
    assert learner.workspace.dataset.seed == seed_in(learner) == ADA.dataset.seed
    assert learner.progress.result("volume-first") == Result("s1 1")
    with pytest.raises(StrangerError):
        room.enter("2" * 32)
    # Nothing is stored for somebody who has only opened a page.
    assert not Store().load("2" * 32)


def test_a_class_code_that_is_none_is_a_sentence_that_names_the_variable(classroom_of):
    room = classroom_of("x" * 41)
    with pytest.raises(LabError, match=r"LAB_CLASS_CODE cannot be used\. The class code has 41 characters"):
        room.enter(ME)


# --- the change, without Spark


@pytest.fixture
def quiet(classroom_of):
    """A learner without a running Spark."""
    return classroom_of().enter(ME)


def test_other_log_files_replace_everything_in_the_bucket_and_nothing_that_was_written(quiet):
    bucket, progress, schema = quiet.workspace.bucket, quiet.progress, STEPS["schema"]
    progress.keep_answer(schema, text="mine", checked="right", passed="right", how="solved")
    progress.write_result("log-first", "s1 1")
    progress.predict("first-pair", "1.5")
    for key in (LOG_DATA + "own.csv", LOG_DATA + "s115.csv", LOG_DATA_LIVE + "s215.csv", OUTPUT + "part.csv"):
        bucket.write(key, b"s1,2,1\n")
    quiet.introduce(ADA)
    assert [entry.name for entry in bucket.list(LOG_DATA)] == sorted(dataset.FILES)
    assert seed_in(quiet) == ADA.dataset.seed
    assert list(bucket.list(LOG_DATA_LIVE)) == list(bucket.list(OUTPUT)) == []
    answer = progress.answer(schema)
    assert (answer.text, answer.passed, answer.how) == ("mine", "right", "solved")
    assert (progress.result("log-first").text, progress.prediction("first-pair")) == ("s1 1", "1.5")


def test_another_name_with_the_same_log_files_restarts_nothing(quiet):
    bucket = quiet.workspace.bucket
    bucket.write(LOG_DATA_LIVE + "s115.csv", b"s1,2,1\n")
    quiet.introduce(Identity("Grace"))
    quiet.introduce(Identity("", "cs-101"))
    assert len(bucket.list(LOG_DATA_LIVE)) == 1
    quiet.introduce(ADA)
    bucket.write(LOG_DATA_LIVE + "s115.csv", b"s1,2,1\n")
    quiet.introduce(Identity(" ADA", "CS-101"))
    assert len(bucket.list(LOG_DATA_LIVE)) == 1
    assert quiet.progress.identity.name == " ADA"


def test_starting_over_keeps_the_log_files_and_forgetting_brings_back_those_of_the_lab(quiet):
    quiet.introduce(ADA)
    quiet.start_over()
    assert seed_in(quiet) == ADA.dataset.seed
    quiet.start_over(forget=True)
    assert quiet.workspace.dataset is dataset.SHIPPED
    assert seed_in(quiet) == "shipped"
    assert quiet.progress.identity == Identity()


def test_in_a_bucket_that_is_not_set_up_nothing_is_made(quiet, monkeypatch):
    monkeypatch.setattr(quiet.workspace.bucket, "missing_folders", lambda: (LOG_DATA,))
    quiet.workspace.bucket.delete(LOG_DATA)
    quiet.introduce(ADA)
    assert list(quiet.workspace.bucket.list(LOG_DATA)) == []
    assert quiet.workspace.dataset.seed == ADA.dataset.seed
    quiet.set_up_bucket()
    assert seed_in(quiet) == ADA.dataset.seed


def test_a_bucket_that_cannot_be_asked_changes_nothing(quiet, monkeypatch):
    def away(*_):
        raise LabError("It is away.", "")

    monkeypatch.setattr(quiet.workspace.bucket, "list", away)
    with pytest.raises(LabError):
        quiet.introduce(ADA)
    assert quiet.progress.identity == Identity()
    assert quiet.workspace.dataset is dataset.SHIPPED


def test_a_bucket_that_refuses_in_the_midst_of_it_is_found_with_other_log_files(quiet, monkeypatch):
    def away(*_):
        raise LabError("It is away.", "")

    with monkeypatch.context() as patch:
        patch.setattr(quiet.workspace.bucket, "delete", away)
        with pytest.raises(LabError):
            quiet.introduce(ADA)
    assert quiet.progress.identity == ADA
    assert quiet.bucket_set_up.missing(quiet.workspace.dataset) == Missing(other_data=True)
    quiet.start_over()
    assert not quiet.bucket_set_up.missing(quiet.workspace.dataset)
    assert seed_in(quiet) == ADA.dataset.seed


def test_a_single_log_file_of_ones_own_is_no_other_data(tmp_path):
    bucket = FolderBucket(tmp_path)
    set_up(bucket, ADA.dataset)
    assert not missing(bucket, ADA.dataset)
    assert missing(bucket, dataset.SHIPPED) == Missing(other_data=True)
    for name in dataset.FILES[1:]:
        bucket.write(LOG_DATA + name, b"s1,2,1\n")
    assert not missing(bucket, ADA.dataset)
    bucket.remove(LOG_DATA + dataset.FILES[0])
    assert missing(bucket, ADA.dataset) == Missing(log_files=(dataset.FILES[0],))


def test_a_bucket_that_was_found_well_is_asked_again_for_other_log_files(tmp_path):
    bucket = FolderBucket(tmp_path)
    set_up(bucket)
    known = SetUp(bucket)
    assert not known.missing(dataset.SHIPPED)
    assert known.missing(ADA.dataset).other_data
    assert not known.missing(dataset.SHIPPED)


# --- the numbers on the pages


def test_the_numbers_of_the_shipped_files():
    assert volumes(dataset.SHIPPED, 1) == {"s1": Volume("s1", 6, 1, 5), "s2": Volume("s2", 5, 2, 5)}
    assert volumes(dataset.SHIPPED, 2)["s1"] == Volume("s1", 13, 1, 10)
    assert shortest_span(dataset.SHIPPED) == Volume("s2", 5, 2, 5)
    assert silences(dataset.SHIPPED) == {"s2": (1, 10)}
    assert silences_in_words(dataset.SHIPPED) == "s2 was silent at t1 and at t10"
    first, second = (PREDICTIONS[f"{pair}-pair"] for pair in ("first", "second"))
    assert first.then(dataset.SHIPPED) == "s1 has 6 SEV2 records in 5 time units (t1 to t5): 6 ÷ 5 = 1.2."
    assert "13 SEV2 records in 10 time units (t1 to t10), 13 ÷ 10 = 1.3. The new row" in second.then(dataset.SHIPPED)


def test_the_numbers_of_other_files():
    texts = ["s1,2,2\ns1,2,3\ns1,0,2\n", "s2,2,5\ns2,1,3\n", "s1,2,8\n", "s2,0,6\n"]
    own = dataset.Dataset("x", {name: text.encode() for name, text in zip(dataset.FILES, texts, strict=True)})
    assert volumes(own, 2) == {"s1": Volume("s1", 3, 2, 8), "s2": Volume("s2", 1, 3, 6)}
    assert shortest_span(own) == Volume("s1", 2, 2, 3)
    assert silences_in_words(own) == (
        "s1 was silent at t1, at t4, at t5, at t6, at t7, at t9 and at t10, and "
        "s2 was silent at t1, at t2, at t4, at t7, at t8, at t9 and at t10"
    )
    assert PREDICTIONS["first-pair"].then(own) == "s1 has 2 SEV2 records in 2 time units (t2 to t3): 2 ÷ 2 = 1."
    assert "3 SEV2 records in 7 time units (t2 to t8), 3 ÷ 7 ≈ 0.43." in PREDICTIONS["second-pair"].then(own)


@given(seeds)
def test_the_numbers_are_those_of_the_oracle_and_every_page_has_something_to_say(seed):
    own = variant(seed)
    for pairs in (1, 2):
        files = [file for batch in own.batches(pairs) for file in batch]
        expected = volume_report(files)
        assert {name: volume.count / volume.units for name, volume in volumes(own, pairs).items()} == expected
    silent = silences(own)
    assert silent
    for server, times in silent.items():
        records = [record for files in own.batches() for file in files for record in file.records]
        written = {record.timestamp for record in records if record.serverID == server}
        assert written.isdisjoint(times)
        assert written | set(times) == set(range(1, 11))
    assert shortest_span(own).units <= 5
