"""How long the benchmark takes: an estimate at the start, and the time that is left as it goes on."""

import time
from collections.abc import Callable, Sequence
from typing import Final

from tools.bench.plan import Sizes

# Seconds of Spark's start, and of each further unit of a measurement: estimates for two cores; the run corrects them.
_START: Final = 6.0
_START_OF_DEFAULTS: Final = 40.0
_FIRST_START: Final = 25.0
_PAGE: Final = 9.0
_CLICK: Final = 1.5
_DELIVERY: Final = 0.4
_DELIVERY_BY_DEFAULT: Final = 10.0
_LEARNER: Final = 0.8
_PERSON: Final = 2.0
_LEARNER_BY_DEFAULT: Final = 2.0
_ROUND: Final = 0.1
_MEGARECORDS: Final = 2.5
_MINUTE: Final = 60


def expected(name: str, sizes: Sizes) -> float:
    """Return how many seconds a measurement is expected to take."""
    by_default = _START_OF_DEFAULTS if sizes.defaults else 0.0
    match name:
        case "page":
            return sizes.starts * _PAGE
        case "start":
            # Spark's defaults are measured once; the measurement `delivery` uses the same result.
            defaults = by_default + (sizes.default_deliveries * _DELIVERY_BY_DEFAULT if sizes.defaults else 0)
            return _FIRST_START + sizes.starts * _START + defaults
        case "delivery":
            return 2 * (_START + sizes.deliveries * (_DELIVERY + sizes.pause))
        case "click":
            return 3 * _START + sizes.clicks * _CLICK
        case "burst":
            return _START + sizes.learners * (_LEARNER + sizes.rounds * _ROUND)
        case "pages":
            return 2 * _START + sizes.learners * _PERSON
        case "growth":
            return sum(_START + learners * (_LEARNER + sizes.rounds * _ROUND) for learners in sizes.classes)
        case "idle":
            defaults = by_default + (sizes.learners * _LEARNER_BY_DEFAULT + sizes.idle_seconds if sizes.defaults else 0)
            return _START + sizes.learners * _LEARNER + 1.25 * sizes.idle_seconds + defaults
        case "memory":
            return _START + 3 * sizes.learners * _LEARNER
        case "large":
            rounds = 2 * sizes.large_rounds * sizes.records / 1e6 * _MEGARECORDS
            return (_START + rounds) * (2 if sizes.defaults else 1) + by_default
        case _:
            raise KeyError(name)


class Progress:
    """The texts between measurements. The time spent so far corrects the estimate of the time that is left."""

    def __init__(self, names: Sequence[str], sizes: Sizes, clock: Callable[[], float] = time.monotonic) -> None:
        self._names = names
        self._expected = {name: expected(name, sizes) for name in names}
        self._clock = clock
        self._begun = self._last = clock()
        self._done: list[str] = []

    @property
    def beginning(self) -> str:
        """The text before the first measurement."""
        parts = f"{len(self._names)} measurement{'s' if len(self._names) > 1 else ''}"
        return f"{parts}, {in_minutes(sum(self._expected.values()))} on two cores with nothing else to do."

    def begins(self, name: str) -> str:
        """Return the text when a measurement begins."""
        self._last = self._clock()
        return f"{len(self._done) + 1} of {len(self._names)}: {name} …"

    def ends(self, name: str) -> str:
        """Return the text when a measurement has ended."""
        self._done.append(name)
        now = self._clock()
        left = sum(self._expected[each] for each in self._names if each not in self._done)
        spent, thought = now - self._begun, sum(self._expected[each] for each in self._done)
        rest = f"; {in_minutes(left * spent / thought)} left" if left else ""
        return f"{name}: {now - self._last:.0f} s{rest}"


def in_minutes(seconds: float) -> str:
    """Return an estimated time in words."""
    if seconds < 1.5 * _MINUTE:
        return "about a minute"
    return f"about {seconds / _MINUTE:.0f} minutes"
