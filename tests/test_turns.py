import threading

from lab.handin.turns import Turns


class Guest(threading.Thread):
    """Waits for a turn, and holds it until it is let go."""

    def __init__(self, turns):
        super().__init__(daemon=True)
        self.turns, self.said = turns, []
        self.gave_up, self.let_go, self.has_turn, self.told = (threading.Event() for _ in range(4))
        self.start()

    def say(self, ahead):
        self.said.append(ahead)
        self.told.set()

    def run(self):
        with self.turns.turn(self.gave_up.is_set, self.say) as came:
            if came:
                self.has_turn.set()
                self.let_go.wait(20)


def test_turns_come_in_order_and_everybody_is_told_how_many_are_ahead():
    turns = Turns(1)
    first = Guest(turns)
    assert first.has_turn.wait(20)
    second = Guest(turns)
    assert second.told.wait(20)
    third = Guest(turns)
    assert third.told.wait(20)
    assert (second.said, third.said) == ([1], [2])
    first.let_go.set()
    assert second.has_turn.wait(20)
    assert not third.has_turn.is_set()
    second.let_go.set()
    assert third.has_turn.wait(20)
    assert third.said == [2, 1]
    third.let_go.set()


def test_who_gives_up_is_in_nobody_s_way():
    turns = Turns(1)
    first = Guest(turns)
    assert first.has_turn.wait(20)
    second = Guest(turns)
    assert second.told.wait(20)
    third = Guest(turns)
    second.gave_up.set()
    second.join(20)
    assert not second.has_turn.is_set()
    first.let_go.set()
    assert third.has_turn.wait(20)
    third.let_go.set()


def test_two_at_once():
    turns = Turns(2)
    guests = [Guest(turns) for _ in range(2)]
    assert all(guest.has_turn.wait(20) for guest in guests)
    last = Guest(turns)
    assert last.told.wait(20)
    assert last.said == [1]
    guests[1].let_go.set()
    assert last.has_turn.wait(20)
    for guest in (guests[0], last):
        guest.let_go.set()
