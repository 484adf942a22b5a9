import threading
from collections import defaultdict

from lab.course.turns import Turns


class Guest(threading.Thread):
    """A thread that waits for a turn, and holds it until it is let go."""

    def __init__(self, turns):
        super().__init__(daemon=True)
        self.turns, self.said = turns, []
        self.gave_up, self.let_go, self.has_turn = (threading.Event() for _ in range(3))
        # The events by the number of guests ahead.
        self.told = defaultdict(threading.Event)
        self.start()

    def say(self, ahead):
        self.said.append(ahead)
        self.told[ahead].set()

    def run(self):
        with self.turns.turn(self.gave_up.is_set, self.say) as came:
            if came:
                self.has_turn.set()
                self.let_go.wait(20)


def seated(turns):
    """Return one guest who has the turn, and two who wait and know how many are ahead."""
    first = Guest(turns)
    assert first.has_turn.wait(20)
    second = Guest(turns)
    assert second.told[1].wait(20)
    third = Guest(turns)
    assert third.told[2].wait(20)
    return first, second, third


def test_turns_come_in_order_and_everybody_is_told_how_many_are_ahead():
    first, second, third = seated(Turns(1))
    first.let_go.set()
    assert second.has_turn.wait(20)
    assert third.told[1].wait(20)
    assert not third.has_turn.is_set()
    second.let_go.set()
    assert third.has_turn.wait(20)
    assert (second.said, third.said) == ([1], [2, 1])
    third.let_go.set()


def test_who_gives_up_is_in_nobody_s_way():
    first, second, third = seated(Turns(1))
    second.gave_up.set()
    second.join(20)
    assert not second.has_turn.is_set()
    assert third.told[1].wait(20)
    first.let_go.set()
    assert third.has_turn.wait(20)
    third.let_go.set()


def test_two_at_once():
    turns = Turns(2)
    guests = [Guest(turns) for _ in range(2)]
    assert all(guest.has_turn.wait(20) for guest in guests)
    last = Guest(turns)
    assert last.told[1].wait(20)
    assert last.said == [1]
    guests[1].let_go.set()
    assert last.has_turn.wait(20)
    for guest in (guests[0], last):
        guest.let_go.set()
