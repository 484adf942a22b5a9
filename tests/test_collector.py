"""Python's garbage collector leaves out what stays, and nothing that can go stays for ever."""

import gc
import weakref

import pytest
from clocks import Clock

from lab.course import classroom as module
from lab.course.classroom import GRACE_SECONDS, Classroom
from lab.engine.collector import collect_seldom, spare_what_stays
from lab.engine.engine import Engine


@pytest.fixture(autouse=True)
def as_before():
    thresholds = gc.get_threshold()
    yield
    gc.set_threshold(*thresholds)
    gc.unfreeze()


class Ring:
    """Garbage that only the collector can free."""

    def __init__(self):
        self.itself = self


def test_what_is_there_is_left_out_and_its_garbage_is_freed_by_the_next_call():
    ring = Ring()
    gone = weakref.ref(ring)
    spare_what_stays()
    del ring
    gc.collect()
    assert gone() is not None
    assert gc.get_freeze_count() > 10_000
    spare_what_stays()
    assert gone() is None


def test_garbage_of_later_is_collected_as_ever():
    spare_what_stays()
    ring = Ring()
    gone = weakref.ref(ring)
    del ring
    gc.collect()
    assert gone() is None


def test_collections_are_seldom_only_while_the_lab_starts():
    collect_seldom()
    seldom = gc.get_threshold()
    spare_what_stays()
    assert all(after < before for before, after in zip(seldom, gc.get_threshold(), strict=True))


def test_it_is_done_anew_when_the_last_learner_has_gone(monkeypatch):
    """What was there when Spark became ready may be a learner's, who has gone since."""
    spared = []
    monkeypatch.setattr(module, "spare_what_stays", lambda: spared.append(True))
    clock = Clock()
    room = Classroom(Engine(), clock)
    try:
        room.enter("a" * 32)
        last = room.enter("b" * 32)

        def look_around():
            looks = iter([False, True])
            monkeypatch.setattr(room._closed, "wait", lambda _: next(looks))
            room._reap_until_closed()

        look_around()
        clock.now += GRACE_SECONDS + 1
        room.seen(last)
        look_around()
        assert spared == []
        clock.now += GRACE_SECONDS + 1
        look_around()
        assert spared == [True]
        look_around()
        assert spared == [True]
    finally:
        room.close()
