"""A view is never older than the store: a change based on an old state replaces nothing newer, and is not lost."""

import pytest

from lab.course.classroom import Classroom
from lab.engine.engine import Engine
from lab.errors import LabError
from lab.judge.feedback import Feedback
from lab.learner.document_cache import MAX_TEXT_BYTES, OvertakenError
from lab.learner.identity import Identity
from lab.learner.kept import ANSWER, PREDICTION, RESULT, RETROSPECTIVE, SCRATCH
from lab.learner.progress import Progress
from lab.learner.retrospective import Retrospective
from lab.lesson.steps import EXERCISES
from lab.settings import STORE, Settings
from lab.store import Store

ME = "1" * 32
STEP, OTHER_STEP = EXERCISES[0], EXERCISES[1]


@pytest.fixture
def file(tmp_path):
    return tmp_path / "lab.sqlite"


@pytest.fixture
def servers(file):
    """The progress of one learner on two servers; both have drawn a page."""
    stores = [Store(f"sqlite:///{file}") for _ in range(2)]
    yield [Progress(store, ME) for store in stores]
    for store in stores:
        store.close()


def texts(progress, kind, key):
    return [version.text for version in progress.versions(kind, key)]


def test_an_hour_of_work_on_another_server_is_not_overwritten_by_the_next_word(servers):
    first, second = servers
    first.write(STEP, "begun")
    second.catch_up()
    for word in range(60):
        second.write(STEP, f"an hour of work {word}")
    before, told = first.version, []
    first.changes.subscribe(lambda: told.append(True))
    with pytest.raises(OvertakenError, match="changed elsewhere") as caught:
        first.write(STEP, "begun, and a word")
    assert first.answer(STEP).text == "an hour of work 59"
    assert texts(first, ANSWER, STEP.id) == ["begun, and a word"]
    assert first.notice == str(caught.value)
    assert first.version > before
    assert told
    # From then on, the answer can be written.
    first.dismiss()
    first.write(STEP, "an hour of work, and a word")
    assert first.notice == ""
    second.catch_up()
    assert second.answer(STEP).text == "an hour of work, and a word"


@pytest.mark.parametrize(
    ("write", "read", "place"),
    [
        (Progress.write_scratch, lambda known: known.scratch, (SCRATCH, "")),
        (
            lambda known, text: known.write_result("volume-first", text),
            lambda known: known.result("volume-first").text,
            (RESULT, "volume-first"),
        ),
        (
            lambda known, text: known.write_retrospective(Retrospective("Ada", challenges=text)),
            lambda known: known.retrospective.challenges,
            (RETROSPECTIVE, "challenges"),
        ),
        (
            lambda known, text: known.predict("first-pair", text),
            lambda known: known.prediction("first-pair"),
            (PREDICTION, "first-pair"),
        ),
    ],
)
def test_every_text_that_is_refused_can_be_brought_back(servers, write, read, place):
    first, second = servers
    write(first, "begun")
    second.catch_up()
    write(second, "newer")
    with pytest.raises(OvertakenError):
        write(first, "mine")
    assert read(first) == "newer"
    assert texts(first, *place) == ["mine"]


def test_what_nobody_has_typed_is_added_to_what_is_newer(servers):
    first, second = servers
    first.write(STEP, "begun")
    second.catch_up()
    second.write(STEP, "newer")
    second.open_hint(STEP)
    first.keep_answer(STEP, checked="begun", feedback=Feedback("passed", "Right."), passed="begun", how="solved")
    answer = first.answer(STEP)
    assert (answer.text, answer.hints, answer.checked, answer.how) == ("newer", 1, "begun", "solved")
    assert first.notice == ""
    first.history.attempted(STEP, Feedback("passed", "Right."))
    second.history.attempted(STEP, Feedback("wrong", "No."))
    assert [event.kind for event in second.history.of(STEP).events] == ["hint", "attempt", "attempt"]
    first.catch_up()
    assert first.history.of(STEP) == second.history.of(STEP)


def test_the_same_text_on_both_servers_is_no_conflict(servers):
    first, second = servers
    first.write(STEP, "a")
    second.write(STEP, "a")
    second.write(STEP, "b")


def test_who_forgets_everything_on_one_server_is_not_known_on_the_other(servers):
    first, second = servers
    first.write(STEP, "a")
    first.introduce(Identity("Ada"))
    second.catch_up()
    first.forget()
    first.write(STEP, "anew")
    with pytest.raises(OvertakenError):
        second.write(STEP, "typed later")
    assert second.answer(STEP).text == "anew"
    assert second.identity == Identity()


def test_looking_costs_nothing_when_nothing_was_written(servers):
    first, _ = servers
    first.write(STEP, "a")
    version = first.version
    first.catch_up()
    assert first.version == version


def test_time_on_two_servers_adds_up(file):
    now = [1_000_000.0]
    stores = [Store(f"sqlite:///{file}") for _ in range(2)]
    first, second = (Progress(store, ME, lambda: now[0]) for store in stores)
    for progress in (first, second, first, second):
        progress.time.sign()
        now[0] += 300
        progress.time.sign()
        now[0] += 3600
    assert Progress(stores[0], ME).time.seconds == 1200
    for store in stores:
        store.close()


# --- the file that goes away


def test_a_file_that_is_deleted_costs_who_is_here_nothing_and_they_are_told(file):
    store = Store(f"sqlite:///{file}")
    progress, idle = Progress(store, ME), Progress(store, "2" * 32)
    progress.write(STEP, "an hour of work")
    progress.introduce(Identity("Ada"))
    idle.write(STEP, "of another")
    file.unlink()
    progress.write(OTHER_STEP, "more")
    assert "was deleted or replaced at" in progress.notice
    assert "stands in a new one" in progress.notice
    idle.catch_up()
    store.close()
    again = Store(f"sqlite:///{file}")
    known = Progress(again, ME)
    assert (known.answer(STEP).text, known.answer(OTHER_STEP).text) == ("an hour of work", "more")
    assert known.identity.name == "Ada"
    assert Progress(again, "2" * 32).answer(STEP).text == "of another"
    again.close()


def test_who_comes_after_the_file_was_deleted_is_told_what_is_lost(file):
    store = Store(f"sqlite:///{file}")
    Progress(store, ME).write(STEP, "an hour of work")
    file.unlink()
    assert "only in a copy of that file" in Progress(store, ME).notice
    store.close()


# --- bounds


@pytest.mark.parametrize(
    "write",
    [
        lambda progress, text: progress.write(STEP, text),
        lambda progress, text: progress.replace(STEP, text),
        lambda progress, text: progress.write_scratch(text),
        lambda progress, text: progress.write_result("volume-first", text),
        lambda progress, text: progress.predict("first-pair", text),
    ],
)
def test_a_text_of_megabytes_is_refused_and_what_stood_there_stays(servers, write):
    progress, _ = servers
    write(progress, "before")
    before = (
        progress.answer(STEP),
        progress.scratch,
        progress.result("volume-first"),
        progress.prediction("first-pair"),
    )
    with pytest.raises(
        LabError, match=r"3,000,000 bytes long, and a field may have 80,000; it is not kept\. Shorten it"
    ):
        write(progress, "é" * 1_500_000)
    after = (
        progress.answer(STEP),
        progress.scratch,
        progress.result("volume-first"),
        progress.prediction("first-pair"),
    )
    assert before == after
    write(progress, "é" * (MAX_TEXT_BYTES // 2))


# --- the classroom


@pytest.fixture
def rooms(file, monkeypatch):
    """Two servers with one store; their Spark is never started."""
    monkeypatch.setenv(STORE, f"sqlite:///{file}")
    rooms = [Classroom(Engine(), settings=Settings) for _ in range(2)]
    yield rooms
    for room in rooms:
        room.close()


def test_who_comes_back_to_a_server_sees_what_they_wrote_on_another(rooms):
    first, second = rooms
    first.enter(ME).progress.write(STEP, "begun")
    second.enter(ME).progress.write(STEP, "an hour of work")
    second.enter(ME).introduce(Identity("Ada", "cs-101"))
    learner = first.enter(ME)
    assert learner.progress.answer(STEP).text == "an hour of work"
    assert learner.workspace.dataset.seed == Identity("Ada", "cs-101").dataset.seed


def test_who_does_nothing_is_told_of_what_is_newer_too(rooms):
    first, second = rooms
    learner = first.enter(ME)
    second.enter(ME).progress.write(STEP, "newer")
    version = learner.version
    first.catch_up()
    assert learner.progress.answer(STEP).text == "newer"
    assert learner.version > version


def test_a_store_that_is_away_keeps_nobody_from_their_page(rooms, monkeypatch):
    learner = rooms[0].enter(ME)

    def away(*_):
        raise LabError("It is away.", "")

    monkeypatch.setattr(Store, "versions_of", away)
    assert rooms[0].enter(ME) is learner
