"""A vote as values: what is allowed and visible in each state, and how votes are counted, kept and tabulated."""

import csv
import io
import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.course.past_votes import PastVote, as_csv, outcomes_of, read_past, rows_of, write_past
from lab.course.vote import (
    MAX_CHOICE,
    MAX_CHOICES,
    MAX_TEXT,
    Ballot,
    NotNowError,
    Question,
    Vote,
    own_question,
    read_ballot,
    read_question,
    read_vote,
    tally,
    write_question,
    write_vote,
)
from lab.errors import LabError

ASKED = Question("q", "What will Spark do?", ("sort", "wait", "refuse"), 2, "sorted-stream")
CLOSED = Vote(ASKED).close()
REVEALED = CLOSED.reveal()
SECOND = REVEALED.vote_again()

places = st.none() | st.integers(0, len(ASKED.choices) - 1)
ballots = st.lists(st.builds(lambda first, second: Ballot((first, second)), places, places), max_size=40)


def kept(value):
    """Return a value as it comes out of the store."""
    return json.loads(json.dumps(value))


# --- a question


@pytest.mark.parametrize(
    ("text", "lines", "said"),
    [
        (" ", "a\nb", "The question is still missing."),
        ("x" * (MAX_TEXT + 1), "a\nb", "has 301 characters"),
        ("Why?", "a", "this one has 1"),
        ("Why?", "\n".join("abcdefg"), f"2 to {MAX_CHOICES}"),
        ("Why?", f"a\n{'b' * (MAX_CHOICE + 1)}", "A choice has 121 characters"),
        ("Why?", "a\nA", "Two choices are the same."),
    ],
)
def test_what_makes_no_question_is_a_sentence(text, lines, said):
    with pytest.raises(LabError, match=said):
        own_question("q", text, lines)


def test_blank_lines_and_blanks_are_no_choices():
    asked = own_question("q", "  Why \n so? ", "\n one  way \n\n another\n")
    assert (asked.text, asked.choices, asked.right) == ("Why so?", ("one way", "another"), None)


@given(st.text(), st.text())
def test_whatever_is_typed_is_a_question_that_is_kept_or_a_sentence(text, lines):
    try:
        asked = own_question("q", text, lines)
    except LabError:
        return
    assert read_question(kept(write_question(asked))) == asked


# --- states of a vote


def test_nothing_is_shown_before_it_is_revealed_and_what_is_right_not_before_it_is_told():
    hidden = (Vote(ASKED), CLOSED, CLOSED.reopen(), SECOND, SECOND.close())
    assert [vote.shown_rounds for vote in hidden] == [0] * 5
    assert REVEALED.shown_rounds == 1
    # Revealing the right answer would spoil a second vote.
    assert REVEALED.shown_right is None
    assert REVEALED.tell().shown_right == 2
    both = SECOND.close().reveal()
    assert (both.shown_rounds, both.shown_right) == (2, 2)


def test_the_second_vote_may_come_before_the_first_one_is_shown():
    assert CLOSED.vote_again().round == 2


@pytest.mark.parametrize(
    ("vote", "move"),
    [
        (Vote(ASKED), Vote.reveal),
        (Vote(ASKED), Vote.reopen),
        (Vote(ASKED), Vote.vote_again),
        (Vote(ASKED), Vote.tell),
        (CLOSED, Vote.close),
        (CLOSED, Vote.tell),
        (REVEALED, Vote.close),
        (REVEALED, Vote.reopen),
        (REVEALED.tell(), Vote.vote_again),
        (REVEALED.tell(), Vote.tell),
        (SECOND.close(), Vote.vote_again),
        (Vote(Question("q", "Why?", ("a", "b"))).close().reveal(), Vote.tell),
    ],
)
def test_a_move_that_is_not_its_turn_is_refused(vote, move):
    with pytest.raises(NotNowError):
        move(vote)


@pytest.mark.parametrize("vote", [Vote(ASKED, 1.5), CLOSED, REVEALED, REVEALED.tell(), SECOND])
def test_a_vote_is_kept_as_it_is(vote):
    assert read_vote(kept(write_vote(vote))) == vote


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)


@given(json_values, st.sampled_from([*write_vote(SECOND)]), st.sampled_from([*write_question(ASKED)]))
def test_what_another_version_of_the_lab_has_written_is_read_or_left_out(value, part, of_question):
    changed = write_vote(SECOND) | {part: value}
    asked = write_question(ASKED) | {of_question: value}
    for each in (value, kept(changed), kept(write_vote(SECOND) | {"question": asked})):
        found = read_vote(each)
        assert found is None or (found.round in {1, 2} and found.state in {"open", "closed", "revealed"})
    past = write_past(PastVote(ASKED, 0.0, tally(ASKED, 2, [Ballot((0, 1))])))
    for name in past:
        found = read_past(kept(past | {name: value}))
        assert found is None or rows_of([found])


@pytest.mark.parametrize("at", [-1, 1e300, float("nan"), float("inf"), 10**13])
def test_what_is_no_time_was_never_opened(at):
    assert read_vote(write_vote(SECOND) | {"opened_at": at}) is None
    assert read_past(write_past(PastVote(ASKED, 0.0, tally(ASKED, 1, []))) | {"opened_at": at}) is None


@given(json_values)
def test_a_ballot_has_only_choices_that_there_are(value):
    assert all(each is None or 0 <= each < 3 for each in read_ballot(value, ASKED).choices)


# --- the count


def test_a_vote_may_be_changed_and_counts_once():
    ballot = Ballot().choose(1, 0).choose(1, 2).choose(2, 1)
    assert ballot == Ballot((2, 1))
    assert tally(ASKED, 2, [ballot]).rounds == ((0, 0, 1), (0, 1, 0))


@given(ballots)
def test_each_ballot_counts_once_in_each_round_and_nobody_is_lost(given_ballots):
    found = tally(ASKED, 2, given_ballots)
    for number in (1, 2):
        voted = [ballot.of_round(number) for ballot in given_ballots if ballot.of_round(number) is not None]
        assert found.rounds[number - 1] == tuple(Counter(voted)[place] for place in range(3))
        assert found.voted(number) == len(voted)
        shares = [found.share(number, place) for place in range(3)]
        assert sum(shares) == pytest.approx(1 if voted else 0)
    both = [ballot.choices for ballot in given_ballots if None not in ballot.choices]
    assert found.moves == Counter(both)
    assert found.stayed == sum(before == after for before, after in both)
    assert found.stayed + found.changed == len(both)


@given(ballots)
def test_before_the_second_round_nobody_has_changed(given_ballots):
    found = tally(ASKED, 1, given_ballots)
    assert (len(found.rounds), found.changed, found.stayed) == (1, 0, 0)


# --- past votes


@given(ballots)
def test_a_past_vote_is_kept_as_it_is_and_its_rows_add_up(given_ballots):
    past = PastVote(ASKED, 1_700_000_000.0, tally(ASKED, 2, given_ballots))
    assert read_past(kept(write_past(past))) == past
    rows = rows_of([past])
    assert len(rows) == 2 * len(ASKED.choices)
    for number in (1, 2):
        assert sum(row.votes for row in rows if row.round == number) == past.tally.voted(number)
    assert {row.choice for row in rows if row.right == "yes"} == {"refuse"}


def test_for_the_export_of_a_course_it_counts_who_was_right_without_a_word_of_the_teacher():
    own = Question("x", "Who knows it?", ("yes", "no"))
    ballots = [Ballot((2, 2)), Ballot((0, 2)), Ballot((1, None))]
    past = [PastVote(own, 9.0, tally(own, 1, [Ballot((1, None))])), PastVote(ASKED, 5.0, tally(ASKED, 2, ballots))]
    assert outcomes_of(past) == [
        ("sorted-stream", 1, "wrong", 2),
        ("sorted-stream", 1, "right", 1),
        ("sorted-stream", 2, "wrong", 0),
        ("sorted-stream", 2, "right", 2),
        ("own-1", 1, "", 1),
    ]


def test_the_table_has_a_time_and_no_formula():
    asked = Question("q", '=HYPERLINK("http://example.org")', ("+1", 'a "quoted", choice'))
    text = as_csv(rows_of([PastVote(asked, 1_700_000_000.0, tally(asked, 1, [Ballot((1, None))]))]))
    first, second = csv.DictReader(io.StringIO(text, newline=""))
    assert first["question"] == f"'{asked.text}"
    assert (first["choice"], first["votes"], first["right"]) == ("'+1", "0", "")
    assert (second["choice"], second["votes"], second["round"]) == ('a "quoted", choice', "1", "1")
    assert second["opened"] == "2023-11-14T22:13:20+00:00"
