"""One learner: how soon Spark is ready, and how long a delivery takes until its result can be read."""

import time
from dataclasses import dataclass
from typing import Final

from tools.bench.ground import Ground, deliver, learning, write_log_file

# The first deliveries load JVM classes; the later ones are what a class sees for the whole lesson.
WARM_AFTER: Final = 4


@dataclass(frozen=True)
class Deliveries:
    """Seconds of a query's deliveries in their order; `first_result` counts from the start of the process."""

    ready: float
    first_result: float
    spent: tuple[float, ...]


def ready(ground: Ground) -> float:
    """Return the seconds from the start of the process until Spark is ready (warmed up, if this ground does that)."""
    return ground.ready - ground.began


def deliveries(ground: Ground, step: str, number: int, pause: float) -> Deliveries:
    """Deliver `number` log files of ten records to the query of a step, with a pause of so many seconds before each."""
    with learning(ground, f"deliveries-{step}", step) as workspace:
        spent = []
        for count in range(number):
            name = f"s{count}.csv"
            write_log_file(workspace, name)
            time.sleep(pause)
            spent.append(deliver(workspace, name))
            if not count:
                first = time.monotonic() - ground.began
    return Deliveries(ready(ground), first, tuple(spent))
