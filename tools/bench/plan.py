"""The measurements, their names, and the rows of the table that each returns."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from statistics import median, quantiles
from types import MappingProxyType
from typing import Final

from lab.errors import LabError
from tools.bench import browser, crowd, large, one, pages
from tools.bench.ground import apart, defaults_ground, lab_ground
from tools.bench.one import WARM_AFTER, Deliveries
from tools.bench.table import Row, in_words

MEGABYTE: Final = 1_000_000
FEW_LEARNERS: Final = 5


@dataclass(frozen=True)
class Sizes:
    """The sizes of the measurements; a larger one takes longer and varies less.

    `deliveries` and `clicks` count only those after the warm-up. Of `starts`, the first counts as the first on a
    machine. `pause` is the time before a delivery in seconds, in which the query goes to sleep. `defaults` says whether
    Spark's defaults are measured beside the lab. `classes` are the class sizes of the measurement `growth`.
    """

    learners: int = 30
    deliveries: int = 24
    default_deliveries: int = 5
    pause: float = 0.6
    starts: int = 4
    clicks: int = 24
    rounds: int = 5
    idle_seconds: float = 20
    records: int = 10_000_000
    large_rounds: int = 3
    defaults: bool = True
    classes: tuple[int, ...] = (10, 30, 60, 120)


# Two minutes are enough for these: to see whether a change has made something slower.
QUICK: Final = Sizes(
    learners=10, deliveries=8, starts=2, rounds=2, idle_seconds=6, records=2_000_000, large_rounds=1, defaults=False
)


class Measurements:
    """The measurements: each method returns its rows. What several methods need is measured once."""

    def __init__(self, sizes: Sizes) -> None:
        self._sizes = sizes

    @cached_property
    def _by_default(self) -> Deliveries | None:
        """The volume report on Spark's defaults: its first result, and the later ones."""
        if not self._sizes.defaults:
            return None
        number = 1 + self._sizes.default_deliveries
        return apart(defaults_ground, partial(one.deliveries, step=crowd.VOLUME, number=number, pause=0))

    def page(self) -> tuple[Row, ...]:
        """Measure when a browser shows the first page, and when that page says that Spark is ready."""
        what = "process start → first page readable"
        try:
            seen = browser.starts(self._sizes.starts)
        except LabError as error:
            return (Row(what, "s", "under 2 s", besides=str(error)),)
        return (
            _starts(what, "under 2 s", [start.page for start in seen]),
            _starts("process start → the first page says that Spark is ready", "–", [start.ready for start in seen]),
        )

    def start(self) -> tuple[Row, ...]:
        """Measure Spark's start alone: the first start makes caches for the later ones."""
        seen = [apart(lab_ground, one.ready) for _ in range(self._sizes.starts)]
        first_result = self._by_default.first_result if self._by_default else None
        what = "process start → Spark ready, second start on a machine"
        besides = "the defaults: process start → first result, since they warm nothing up"
        return (_starts(what, "under 6 s", seen, first_result, besides if first_result else ""),)

    def delivery(self) -> tuple[Row, ...]:
        """Measure the deliveries of one learner, to each query separately."""
        rows = []
        number = WARM_AFTER + self._sizes.deliveries
        for step, words, goal in ((crowd.VOLUME, "", "under 0.25 s"), (crowd.LOG, ", SEV0 log", "–")):
            seen = apart(lab_ground, partial(one.deliveries, step=step, number=number, pause=self._sizes.pause))
            warm = seen.spent[WARM_AFTER:]
            besides = f"first {in_words(seen.spent[0], 's')}, p95 {in_words(_p95(warm), 's')}"
            by_default = self._by_default if step == crowd.VOLUME else None
            if by_default:
                besides += f"; the defaults: first {in_words(by_default.spent[0], 's')}"
            rows.append(
                Row(
                    f"file delivered → result readable, warm, median{words}",
                    "s",
                    goal,
                    median(warm),
                    median(by_default.spent[1:]) if by_default else None,
                    besides,
                )
            )
        return tuple(rows)

    def click(self) -> tuple[Row, ...]:
        """Measure the time from the click to the chart, and from the slider to the stage."""
        goals = {
            "click on *deliver* → chart changed in the browser, p95": "under 1 s",
            "time machine moved → stage of that moment in the browser, p95": "under 0.3 s",
        }
        try:
            seen = browser.seen(self._sizes.clicks)
        except LabError as error:
            return tuple(Row(what, "s", goal, besides=str(error)) for what, goal in goals.items())
        return tuple(
            Row(what, "s", goal, _p95(spent), besides=f"median {in_words(median(spent), 's')}, of {len(spent)}")
            for (what, goal), spent in zip(goals.items(), (seen.clicks, seen.moves), strict=True)
        )

    def burst(self) -> tuple[Row, ...]:
        """Measure a class that delivers at once."""
        learners = self._sizes.learners
        seen = apart(lab_ground, partial(crowd.burst, learners=learners, rounds=self._sizes.rounds))
        what = f"{learners} learners deliver at once: delivered → readable, p95"
        besides = f"median {in_words(median(seen), 's')}, highest {in_words(max(seen), 's')}"
        return (Row(what, "s", "under 4 s", _p95(seen), besides=f"{besides}, {self._sizes.rounds} rounds"),)

    def pages(self) -> tuple[Row, ...]:
        """Measure a class that delivers at once, from the click until each learner's page shows the batch."""
        learners = self._sizes.learners
        seen = pages.at_once(learners)
        what = f"{learners} learners deliver at once: click → shown by the page, p95"
        besides = (
            f"median {in_words(median(seen), 's')}, highest {in_words(max(seen), 's')}, both pairs; without browsers"
        )
        return (Row(what, "s", "–", _p95(seen), besides=besides),)

    def growth(self) -> tuple[Row, ...]:
        """Measure classes of several sizes that deliver at once."""
        rows = []
        for learners in self._sizes.classes:
            seen = apart(lab_ground, partial(crowd.burst, learners=learners, rounds=self._sizes.rounds))
            besides = f"median {in_words(median(seen), 's')}, {in_words(_p95(seen) / learners * 1000, 'ms')} a learner"
            rows.append(
                Row(
                    f"{learners} learners deliver at once: delivered → readable, p95",
                    "s",
                    "–",
                    _p95(seen),
                    None,
                    besides,
                )
            )
        return tuple(rows)

    def idle(self) -> tuple[Row, ...]:
        """Measure the CPU of a class whose queries have nothing to do."""
        learners, seconds = self._sizes.learners, self._sizes.idle_seconds
        measure = partial(crowd.idle, learners=learners, seconds=seconds)
        seen = apart(lab_ground, partial(measure, delivered=True))
        besides = f"Java {in_words(seen.java, '%')}, Python {in_words(seen.python, '%')}"
        by_default = None
        if self._sizes.defaults:
            by_default = apart(defaults_ground, partial(measure, delivered=False)).together
            besides += "; the defaults: before the first delivery"
        what = f"{learners} idle learners with a running query: CPU of one core"
        return (Row(what, "%", "under 10 %", seen.together, by_default, besides),)

    def memory(self) -> tuple[Row, ...]:
        """Measure what one more learner costs."""
        few = min(FEW_LEARNERS, self._sizes.learners - 1)
        seen = apart(lab_ground, partial(crowd.memory, few=few, many=self._sizes.learners))
        heap, outside = seen.heap / MEGABYTE, seen.outside / MEGABYTE
        besides = f"on the heap after a collection; outside of it {in_words(outside, 'MB')}"
        return (Row("memory a further learner costs in the JVM", "MB", "under 10 MB", heap, besides=besides),)

    def large(self) -> tuple[Row, ...]:
        """Measure one large log file, as a stream and as a batch job."""
        records = self._sizes.records
        measure = partial(large.large, records=records, rounds=self._sizes.large_rounds)
        seen = apart(lab_ground, measure)
        by_default = apart(defaults_ground, measure) if self._sizes.defaults else None
        what = f"one log file of {records:,} records → volume report, rows a second: stream ÷ batch job"
        besides = f"{seen.stream:,.0f} and {seen.batch:,.0f} rows a second"
        if by_default:
            besides += f"; the defaults: {by_default.stream:,.0f} and {by_default.batch:,.0f}"
        ratio = by_default.ratio if by_default else None
        return (Row(what, "", "at least 0.8", seen.ratio, ratio, besides),)


MEASUREMENTS: Final[Mapping[str, Callable[[Measurements], tuple[Row, ...]]]] = MappingProxyType(
    {
        method.__name__: method
        for method in (
            Measurements.page,
            Measurements.start,
            Measurements.delivery,
            Measurements.click,
            Measurements.burst,
            Measurements.pages,
            Measurements.idle,
            Measurements.memory,
            Measurements.large,
            Measurements.growth,
        )
    }
)
# The defaults: all rows of the README's table; with `--quick`, fewer, and none in a browser.
USUAL: Final = tuple(name for name in MEASUREMENTS if name != "growth")
USUAL_QUICK: Final = ("start", "delivery", "burst", "idle", "large")


def _starts(what: str, goal: str, seen: Sequence[float], by_default: float | None = None, besides: str = "") -> Row:
    """Return the row of the starts: the first one on a machine may have more to do than the later ones."""
    later = seen[1:] or seen
    words = f"first {in_words(seen[0], 's')}, highest later {in_words(max(later), 's')}"
    return Row(what, "s", goal, median(later), by_default, "; ".join(filter(None, (words, besides))))


def _p95(values: Sequence[float]) -> float:
    return quantiles(values, n=20, method="inclusive")[-1] if len(values) > 1 else values[0]
