"""A class at work: it comes, learns for a while, and leaves."""

import asyncio
import time
from dataclasses import dataclass, field

from .book import Book
from .hostile import Hostile
from .learner import Learner
from .measure import Census, Sample, Sampler, take_census
from .person import Habits
from .server import SESSION_SECONDS, Server
from .teacher import Teacher
from .together import Together

# After all have left: how long a seat is kept, how often the test looks for leftovers, and for how long.
EMPTY_SECONDS = 1.0
LOOK_SECONDS = 1.0
LOOKS = 4
SOON_SECONDS = 60.0


@dataclass(frozen=True)
class Plan:
    """The size of a class, its time (or laps for each), and its pace; all come within `ramp` seconds.

    Besides the learners there are `hostile` persons, who try to stop the class. If there are several learners, they
    have a teacher.

    `grace` is how many seconds the server keeps the seat of somebody who has left while the others work. `rest` is how
    many seconds it is left alone before its resources are counted.
    """

    learners: int
    hostile: int = 0
    minutes: float | None = None
    laps: int | None = None
    pace: float = 1.0
    ramp: float = 30.0
    grace: float = 90.0
    rest: float = 75.0
    seed: int = 1
    habits: Habits = field(default_factory=Habits)


@dataclass(frozen=True)
class Outcome:
    """The result of a class; `seconds` is how long it lasted."""

    plan: Plan
    book: Book
    before: Census
    after: Census
    samples: tuple[Sample, ...]
    seconds: float
    console: tuple[str, ...]
    spark_log: tuple[str, ...]
    stopped_well: bool


def hold(plan: Plan, server: Server) -> Outcome:
    """Hold a class on a server that has just been started, and stop it."""
    warm_up = Book()
    asyncio.run(_attend(Plan(1, laps=1, pace=0, seed=plan.seed, habits=Habits(leave=0)), server, warm_up))
    before = _emptied(server, None, plan.rest)
    server.ask(grace=plan.grace)
    book, sampler, begin = Book(), Sampler(server), time.monotonic()
    book.troubles.extend(warm_up.troubles)
    asyncio.run(_attend(plan, server, book))
    seconds = time.monotonic() - begin
    after = _emptied(server, before, plan.rest)
    sampler.stop()
    spark_log = tuple(_spark_log(server))
    stopped_well = server.stop() and not any(server.temporary.iterdir())
    return Outcome(plan, book, before, after, tuple(sampler.samples), seconds, server.trouble, spark_log, stopped_well)


async def _attend(plan: Plan, server: Server, book: Book) -> None:
    together = Together(plan.learners, book) if plan.learners > 1 else None

    async def come(number: int) -> None:
        await asyncio.sleep(plan.ramp * number / plan.learners if plan.learners > 1 else 0)
        await Learner(number, server.url, book, plan.pace, together, plan.habits, plan.seed).attend(plan.laps)

    async def disturb(number: int) -> None:
        await Hostile(number, server.url, book, plan.pace, None, plan.habits, plan.seed).attend()

    tasks = [asyncio.create_task(come(number)) for number in range(plan.learners)]
    others = [asyncio.create_task(disturb(plan.learners + number)) for number in range(plan.hostile)]
    if together:
        number = plan.learners + plan.hostile
        teacher = Teacher(number, server.url, book, plan.pace, together, plan.habits, plan.seed)
        others.append(asyncio.create_task(teacher.attend()))
    seconds = None if plan.minutes is None else 60 * plan.minutes
    done, late = await asyncio.wait(tasks, timeout=seconds)
    for task in (*late, *others):
        task.cancel()
    await asyncio.gather(*late, *others, return_exceptions=True)
    for task in done:
        task.result()
    if together:
        arrived = max(meeting.arrived for meeting in together.deliveries)
        book.counts["learners who delivered together"] = arrived


def _emptied(server: Server, before: Census | None, rest: float) -> Census:
    """Wait until the reaper has removed everybody, and all that ends by itself has ended; then return the census."""
    server.ask(grace=EMPTY_SECONDS)
    # Streamlit discards closed tabs only when another one is closed later.
    time.sleep(SESSION_SECONDS)
    asyncio.run(Learner(0, server.url, Book(), 0, None, Habits(), 0).look_in())
    until = time.monotonic() + SOON_SECONDS
    while server.ask()["seats"] and time.monotonic() < until:
        time.sleep(LOOK_SECONDS)
    if rest:
        time.sleep(rest)
        # References between Python and the JVM are released in turns.
        for _ in range(LOOKS):
            server.ask(look=True)
            time.sleep(LOOK_SECONDS)
    until, census = time.monotonic() + SOON_SECONDS, take_census(server)
    while before and not census.is_at_rest(before) and time.monotonic() < until:
        time.sleep(LOOK_SECONDS)
        census = take_census(server)
    return census


def _spark_log(server: Server) -> list[str]:
    return [
        line
        for log in server.temporary.glob("spark-streaming-lab-*/jvm.log")
        for line in log.read_text(errors="replace").splitlines()
        if " ERROR " in line or "Exception" in line
    ]
