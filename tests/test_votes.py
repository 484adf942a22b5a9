"""The votes of a class in a store: one at a time, one ballot a person, shared by two labs, without names."""
# ruff: noqa: F811 - a fixture is requested by its name

import asyncio
import threading
import time

import pytest
from classes import learner_id
from clocks import Clock
from test_store import can_lose_its_file, own_postgresql, postgresql, url  # noqa: F401 - fixtures

from lab.course import voters as voters_module
from lab.course import votes as votes_module
from lab.course.entrance import WINDOW_SECONDS, WRONG_CODES, Entrance
from lab.course.own_id import own_id
from lab.course.past_votes import rows_of
from lab.course.vote import Ballot, NotNowError, Question, Vote
from lab.course.voters import MAX_CASTS, MAX_JOINED, Voters
from lab.course.votes import FRESH_SECONDS, OverError, Votes
from lab.errors import LabError
from lab.learner.identity import Identity
from lab.learner.progress import Progress
from lab.settings import Settings
from lab.store import Store
from lab.store.tables import hashed
from lab.ui import vote as ui_vote
from lab.ui.cookie import valid_learner_id
from lab.ui.parts import parts

CODE, HERE, ELSEWHERE = "streams-27", "203.0.113.9", "198.51.100.7"
ADA, GRACE = learner_id(0xA), learner_id(0xB)


class Now(Clock):
    """A clock that starts at the current time, since the store takes the time of its database."""

    def __init__(self):
        self.now = time.time()


def question(id_="q"):
    return Question(id_, "What will Spark do?", ("sort", "wait", "refuse"), 2, "sorted-stream")


@pytest.fixture
def clock():
    return Now()


@pytest.fixture
def store(url):
    store = Store(url)
    yield store
    store.close()


@pytest.fixture
def votes(store, clock):
    return Votes(lambda: store, lambda: CODE, clock)


@pytest.fixture
def other(url, clock):
    """Another lab with the same database."""
    store = Store(url)
    yield Votes(lambda: store, lambda: CODE, clock)
    store.close()


def test_no_browser_can_have_the_id_of_a_course():
    assert valid_learner_id(own_id("votes", "")) is None
    assert valid_learner_id(own_id("votes", "0" * 32)) is None
    assert own_id("votes", "Streams-27 ") == own_id("votes", "streams-27")


def test_a_vote_from_its_question_to_its_end(votes):
    assert votes.look() is None
    vote = votes.open(question())
    votes.cast(ADA, "q", 1, 0)
    votes.cast(GRACE, "q", 1, 1)
    votes.cast(GRACE, "q", 1, 2)
    assert votes.tally(vote).rounds == ((1, 0, 1),)
    assert votes.voters(vote) == {hashed(ADA), hashed(GRACE)}
    vote = votes.change(vote, Vote.close)
    with pytest.raises(OverError, match="This vote is closed"):
        votes.cast(ADA, "q", 1, 1)
    vote = votes.change(votes.change(vote, Vote.reveal), Vote.vote_again)
    with pytest.raises(OverError):
        votes.cast(ADA, "q", 1, 1)
    assert votes.cast(ADA, "q", 2, 2) == Ballot((0, 2))
    assert votes.ballot(ADA, question()) == Ballot((0, 2))
    assert votes.voters(votes.look()) == frozenset()
    tally = votes.tally(vote)
    assert votes.voters(vote) == {hashed(ADA)}
    votes.end(vote)
    assert votes.look() is None
    [past] = votes.past()
    assert (past.question, past.tally) == (question(), tally)
    assert [row.votes for row in rows_of([past])] == [1, 0, 1, 0, 0, 1]
    votes.forget_past()
    assert votes.past() == ()


def test_another_lab_with_the_same_database_sees_it_and_counts_with_it(votes, other, clock):
    vote = votes.open(question())
    assert other.now() == vote
    other.cast(GRACE, "q", 1, 1)
    assert votes.tally(vote).rounds == ((0, 1, 0),)
    told = []
    other.changes.subscribe(lambda: told.append(other.version))
    votes.change(vote, Vote.close)
    # The other lab's knowledge is at most some seconds old; a ballot is checked against the store.
    assert other.now() == vote
    with pytest.raises(OverError):
        other.cast(GRACE, "q", 1, 2)
    clock.wait(FRESH_SECONDS)
    assert other.now() == vote.close()
    assert len(told) == 1


def test_two_teachers_who_press_at_once_do_not_press_twice(votes, other):
    vote = votes.open(question())
    with pytest.raises(LabError, match="Another vote is on"):
        other.open(question("other"))
    other.change(vote, Vote.close)
    with pytest.raises(NotNowError, match="has gone on meanwhile"):
        votes.change(vote, Vote.close)
    with pytest.raises(NotNowError):
        votes.end(vote)
    assert votes.look() == vote.close()


def test_of_two_who_open_at_the_very_same_time_one_does(votes, other, monkeypatch):
    """Both labs have looked, and no vote was on."""
    for each in (votes, other):
        each.look()
        monkeypatch.setattr(each, "_read", lambda: None)
    votes.open(question())
    with pytest.raises(NotNowError):
        other.open(question("other"))


def test_a_person_counts_once_however_many_tabs_vote_at_once(votes, other):
    vote = votes.open(question())
    ready = threading.Barrier(8)

    def cast(number):
        ready.wait()
        (votes, other)[number % 2].cast(ADA, "q", 1, number % 3)

    threads = [threading.Thread(target=cast, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert votes.tally(vote).voted(1) == 1


def test_another_class_of_the_same_database_has_votes_of_its_own(votes, store, clock):
    another = Votes(lambda: store, lambda: "another", clock)
    votes.open(question())
    assert another.look() is None
    with pytest.raises(OverError):
        another.cast(ADA, "q", 1, 0)


def test_who_has_everything_forgotten_has_no_vote_any_more(votes, store):
    vote = votes.open(question())
    votes.cast(ADA, "q", 1, 0)
    assert votes.tally(vote).voted(1) == 1
    store.forget(ADA)
    assert votes.tally(vote).voted(1) == 0


def test_what_is_no_choice_is_refused(votes):
    votes.open(question())
    for choice in (-1, 3):
        with pytest.raises(LabError, match="none of the choices"):
            votes.cast(ADA, "q", 1, choice)


def test_a_vote_of_nobody_is_not_kept(votes):
    votes.end(votes.open(question()))
    assert votes.past() == ()


def test_past_votes_are_bounded_and_none_goes_without_a_word(votes, monkeypatch):
    monkeypatch.setattr(votes_module, "MAX_PAST", 1)
    for number in range(2):
        vote = votes.open(question(f"q{number}"))
        votes.cast(ADA, vote.question.id, 1, 0)
        if number == 0:
            votes.end(vote)
    with pytest.raises(LabError, match="no room for another one"):
        votes.end(vote)
    assert votes.look() == vote
    with pytest.raises(LabError, match="End it first"):
        votes.forget_past()


def test_a_look_reads_only_the_ballots_that_are_new(votes, store, monkeypatch):
    vote = votes.open(question())
    for number in range(20):
        votes.cast(learner_id(number), "q", 1, 0)
    votes.tally(vote)
    read = []
    survey = type(store.survey)
    values = survey.values
    monkeypatch.setattr(survey, "values", lambda self, ids: read.extend(ids) or values(self, ids))
    votes.cast(learner_id(3), "q", 1, 1)
    assert votes.tally(vote).rounds == ((19, 1, 0),)
    assert len(read) == 1


def test_a_store_that_cannot_be_asked_leaves_what_was_known(votes, store, clock, monkeypatch):
    vote = votes.open(question())

    def fail(*_):
        raise LabError("What you write cannot be kept (gone).", "See to that database.")

    with monkeypatch.context() as patch:
        patch.setattr(type(store.survey), "of", fail)
        clock.wait(FRESH_SECONDS)
        assert votes.now() == vote
        assert votes.error
        with pytest.raises(LabError, match="gone"):
            votes.cast(ADA, "q", 1, 0)
    assert votes.look() == vote
    assert votes.error is None


def test_a_vote_is_there_after_the_lab_was_started_anew(votes, url, clock):
    vote = votes.open(question())
    votes.cast(ADA, "q", 1, 0)
    again = Votes(lambda: Store(url), lambda: CODE, clock)
    assert again.now() == vote
    assert again.ballot(ADA, question()) == Ballot((0, None))


# --- joining by the short address


def entrance(clock, code=CODE, per_address=None):
    return Entrance(lambda: Settings(class_code=code, per_address=per_address), clock)


@pytest.fixture
def voters(store, clock):
    known = entrance(clock)
    return Voters(lambda: store, lambda: known, clock)


def test_who_has_the_code_may_vote_and_who_has_not_may_not(voters):
    assert not voters.knows(ADA)
    with pytest.raises(LabError, match="That is not the code of this class"):
        voters.join(ADA, "another", HERE)
    assert not voters.knows(ADA)
    voters.join(ADA, " STREAMS-27", HERE)
    assert voters.knows(ADA)
    assert voters.joined() == {hashed(ADA)}


def test_a_learner_of_the_class_has_joined_already_and_one_of_another_has_not(voters, store):
    Progress(store, ADA).introduce(Identity("Ada", CODE))
    Progress(store, GRACE).introduce(Identity("Grace", "another"))
    assert voters.knows(ADA)
    assert not voters.knows(GRACE)


def test_codes_are_not_guessed_neither_here_nor_where_learners_come_in(store, clock):
    known = entrance(clock)
    voters = Voters(lambda: store, lambda: known, clock)
    for number in range(WRONG_CODES):
        with pytest.raises(LabError, match="not the code"):
            voters.join(learner_id(number), f"guess {number}", HERE)
    with pytest.raises(LabError, match="Too many wrong class codes"):
        voters.join(ADA, CODE, HERE)
    with pytest.raises(LabError, match="Too many wrong class codes"):
        known.admit(Identity("Ada", CODE), HERE, 30)
    voters.join(ADA, CODE, ELSEWHERE)


def test_one_network_brings_half_of_all_at_most_and_all_together_are_bounded(store, clock, monkeypatch):
    monkeypatch.setattr(voters_module, "MAX_JOINED", 6)
    known = entrance(clock)
    voters = Voters(lambda: store, lambda: known, clock)
    for number in range(3):
        voters.join(learner_id(number), CODE, HERE)
    with pytest.raises(LabError, match="3 people have joined from your network"):
        voters.join(learner_id(3), CODE, HERE)
    for number in range(3, 6):
        voters.join(learner_id(number), CODE, ELSEWHERE)
    clock.wait(WINDOW_SECONDS)
    with pytest.raises(LabError, match="6 people have joined by this address"):
        voters.join(ADA, CODE, HERE)
    assert MAX_JOINED == 300


def test_who_votes_without_end_is_told_to_wait(voters, clock):
    for _ in range(MAX_CASTS):
        voters.require_patience(ADA)
    with pytest.raises(LabError, match="very often"):
        voters.require_patience(ADA)
    voters.require_patience(GRACE)
    clock.wait(WINDOW_SECONDS)
    voters.require_patience(ADA)


# --- notifications


def test_the_store_is_asked_for_all_pages_together_and_not_while_none_follows(monkeypatch):
    looked = threading.Event()
    monkeypatch.setattr(ui_vote, "LOOK_SECONDS", 0)
    monkeypatch.setattr(parts().votes, "look", looked.set)

    async def follow():
        polling = asyncio.create_task(ui_vote.poll_votes())
        for _ in range(50):
            await asyncio.sleep(0)
        assert not looked.is_set()
        ends = [parts().votes.changes.subscribe(lambda: None) for _ in range(30)]
        assert await asyncio.to_thread(looked.wait, 60)
        for end in ends:
            end()
        assert not parts().votes.changes.has_subscribers
        polling.cancel()

    asyncio.run(follow())
