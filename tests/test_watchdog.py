"""What Spark does not end by itself is ended together with its JVM: the rules, on a simulated Spark."""

import threading
from dataclasses import replace
from types import SimpleNamespace

import pytest
from clocks import Clock
from py4j.clientserver import ClientServerConnection

from lab.bucket.folder import FolderBucket
from lab.engine import watchdog as module
from lab.engine.batches import BatchTimeouts
from lab.engine.cooldown import Cooldown
from lab.engine.observe import Observations
from lab.engine.suspects import MEMORY_SECONDS, Suspects
from lab.engine.tasks import Task, Tasks
from lab.engine.work import OverdueError, Work
from lab.judge.handout import HandoutWorkspace
from lab.judge.run import limits_of, perform


class Execution:
    """A stand-in for Spark's StreamExecution, with the methods that are called."""

    def __init__(self):
        self.batch, self.at_work, self.alive, self.stopped = 0, True, True, threading.Event()

    def status(self):
        return SimpleNamespace(isTriggerActive=lambda: self.at_work, isDataAvailable=lambda: self.at_work)

    def lastProgress(self):  # noqa: N802
        return SimpleNamespace(batchId=lambda: self.batch - 1) if self.batch else None

    def queryExecutionThread(self):  # noqa: N802
        return SimpleNamespace(isAlive=lambda: self.alive)

    def stop(self):
        self.stopped.set()


@pytest.fixture
def query():
    """A query on one core, whose batch may take 10 seconds, and 5 more after it was cancelled."""
    batches, execution, seen, cooldown = BatchTimeouts(), Execution(), Observations(), Cooldown()
    seen.started("run", "query", "report")
    batches.add("run", execution, seen, cooldown)

    def look(now, *running, asleep=()):
        return batches.look(running, 1, asleep, now, 10, 5)

    return SimpleNamespace(batches=batches, execution=execution, seen=seen, cooldown=cooldown, look=look)


OWN, OTHER = Task("1", "run", "1.0", cancelled=False), Task("2", "other", "2.0", cancelled=False)


def test_a_batch_that_takes_too_long_is_stopped_and_then_its_learner_is_named(query):
    for now in (0, 5, 10):
        assert query.look(now, OWN) is None
    assert not query.execution.stopped.wait(0.1)
    assert query.look(11, OWN) is None
    assert query.execution.stopped.wait(20)
    query.seen.ended("run", None)
    assert query.seen.runs[0].failure.sentence.startswith("A batch of this query took more than 10 seconds")
    assert query.look(16, OWN) is None
    assert query.look(17, OWN) is query.cooldown
    query.execution.alive = False
    assert query.look(18, OWN) is None
    # A query that no longer lives is forgotten, for example if its JVM has ended or its end event is missing.
    assert not query.batches._queries


def test_a_query_that_somebody_stops_is_to_end(query):
    assert query.look(0, OWN) is None
    query.batches.stopping("run")
    query.batches.stopping("another")
    assert [query.look(now, OWN) for now in (1, 6)] == [None, None]
    assert query.look(7, OWN) is query.cooldown
    # The query has no other failure.
    query.seen.ended("run", None)
    assert query.seen.runs[0].failure is None


@pytest.mark.parametrize(
    "idle", [lambda query: setattr(query.execution, "at_work", False), lambda query: query.batches.remove("run")]
)
def test_a_query_that_has_nothing_to_do_is_not_stopped(query, idle):
    query.look(0)
    idle(query)
    for now in range(1, 40):
        assert query.look(now) is None
    assert not query.execution.stopped.is_set()


def test_each_batch_has_its_own_time(query):
    for now in range(40):
        query.execution.batch = now // 8
        query.look(now, OWN)
    assert not query.execution.stopped.is_set()


def test_a_batch_that_waits_for_a_core_does_not_use_up_its_time(query):
    for now in range(40):
        query.look(now, OTHER)
    assert not query.execution.stopped.is_set()
    # While Spark plans a batch, it needs no core; and it would already have got a core that is free.
    for now in range(40, 52):
        query.look(now)
    assert query.execution.stopped.wait(20)


def test_a_query_that_is_asleep_is_not_asked(query):
    query.execution.status = None
    assert query.look(0, asleep=("run",)) is None


def test_only_a_task_that_was_cancelled_and_goes_on_is_overdue():
    tasks = Tasks.__new__(Tasks)
    tasks._cancelled = {}
    late, fine = Task("1", "", "1.0", cancelled=True), Task("1", "", "2.0", cancelled=False)
    assert tasks.overdue([late, fine], 0, 5) is None
    assert tasks.overdue([late, fine], 5, 5) is None
    assert tasks.overdue([late, fine], 6, 5) is late
    # The first task has ended; another one with the same id starts its time anew.
    assert tasks.overdue([fine], 7, 5) is None
    assert tasks.overdue([late, fine], 8, 5) is None


@pytest.fixture
def waiting(monkeypatch):
    """A thread that works for a learner, and waits for Java's answer in py4j's own code."""
    work, cooldown, begun, answer = Work(), Cooldown(), threading.Event(), threading.Event()
    monkeypatch.setattr(module, "WORK", work)

    class Socket:
        def sendall(self, _):
            begun.set()

        def settimeout(self, _):
            pass

    class Stream:
        def readline(self):
            answer.wait(60)
            return b"!yv\n"

    connection = ClientServerConnection.__new__(ClientServerConnection)
    connection.socket, connection.stream, connection.initiated_from_client = Socket(), Stream(), True

    def ask():
        with work.done_for(cooldown):
            connection.send_command("c\n")

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    assert begun.wait(20)
    yield SimpleNamespace(work=work, cooldown=cooldown)
    answer.set()
    thread.join(20)
    assert work.waits(1000) == ()


def test_a_call_of_java_is_seen_from_outside_with_how_long_it_lasts(waiting):
    assert [wait.seconds for wait in waiting.work.waits(100)] == [0]
    (wait,) = waiting.work.waits(130)
    assert (wait.cooldown, wait.seconds) == (waiting.cooldown, 30)


@pytest.fixture
def dog(monkeypatch, tmp_path):
    """A watchdog for a JVM that does not answer, with a test clock."""
    monkeypatch.setattr(module.Watchdog, "_ask", lambda _: None)
    dog = module.Watchdog(None, tmp_path, lambda: False)
    dog.now = 0.0
    dog._clock = lambda: dog.now
    return dog


def test_a_call_without_an_end_ends_the_jvm_and_whose_it_is_waits(dog, waiting):
    patience = module.PATIENCE
    for _ in range(int(patience.call + patience.more) + 1):
        assert not dog.is_over()
        dog._asked += 1
        dog.now += 1
    assert dog.is_over()
    assert waiting.cooldown.words.startswith("What you ran kept Spark busy for more than 90 seconds.")
    assert "somebody ran could not be stopped" in dog.verdict
    assert "yours" not in dog.verdict


def test_a_jvm_that_no_longer_answers_is_ended_and_nobody_is_to_blame(dog):
    assert not dog.is_over()
    dog.now = module.PATIENCE.answer + 1
    assert dog.is_over()
    assert dog.verdict == "Spark was started again, since it no longer answered."


def test_a_jvm_whose_folder_was_deleted_is_ended(dog, tmp_path):
    assert not dog.is_over()
    tmp_path.rmdir()
    assert dog.is_over()
    assert "deleted its folder for temporary files" in dog.verdict


@pytest.fixture
def suspects(monkeypatch):
    suspects = Suspects(Clock())
    monkeypatch.setattr(module, "SUSPECTS", suspects)
    return suspects


def test_who_was_alone_at_work_when_java_s_memory_was_used_up_waits(dog, waiting, suspects):
    assert not dog.is_over()
    dog.end(module.OUT_OF_MEMORY)
    assert waiting.cooldown.words.startswith("What you ran used up the memory of Spark.")
    assert dog.verdict == "Spark was started again, since its memory was used up."


@pytest.mark.parametrize("exit_code", [0, 1, -9])
def test_nobody_waits_when_java_ends_in_another_way(dog, waiting, suspects, exit_code):
    assert not dog.is_over()
    dog.end(exit_code)
    assert waiting.cooldown.words == ""
    assert dog.verdict == ""


def test_whose_tasks_were_running_is_known_of_a_java_that_has_ended(dog, suspects):
    cooldown = Cooldown()
    # The lab's own tasks, such as those of the warm-up, are nobody's.
    tasks = [Task(owner, "", "1.0", cancelled=False) for owner in (cooldown.id, "")]
    dog._look_into(SimpleNamespace(running=lambda: tasks, overdue=lambda *_: None, cores=1), 0)
    dog.end(module.OUT_OF_MEMORY)
    assert cooldown.words.startswith("What you ran used up the memory of Spark.")


def test_of_several_who_were_at_work_the_one_who_was_so_each_time_is_to_blame(suspects):
    one, two, three, four = (Cooldown() for _ in range(4))
    assert suspects.died([one, two, three]) is None
    assert suspects.died([one, two]) is None
    assert suspects.died([two, three, four]) is two
    # Nobody was at work both times: the search begins anew.
    assert suspects.died([three, four]) is None
    assert suspects.died([]) is None
    assert suspects.died([three]) is three


def test_a_death_long_ago_says_nothing_about_this_one(suspects):
    one, two = Cooldown(), Cooldown()
    assert suspects.died([one, two]) is None
    suspects._clock.now += MEMORY_SECONDS + 1
    assert suspects.died([one, two]) is None


def test_a_spark_that_has_stopped_by_itself_is_ended_without_a_verdict(dog):
    dog._has_stopped = lambda: True
    dog._look_into(None, 0)
    assert dog.is_over()
    assert dog.verdict == ""


def test_while_a_machine_stands_still_nothing_becomes_late(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    clock = module._Clock()
    now[0] = 2.0
    assert clock() == 2
    now[0] = 100_000.0
    assert clock() == 2 + module.GAP_SECONDS


@pytest.fixture
def workspace(tmp_path):
    workspace = HandoutWorkspace(FolderBucket(tmp_path))
    yield workspace
    workspace.delete()


@pytest.fixture
def looked_after():
    """Look for overdue work as a watchdog does, but more often."""
    over = threading.Event()

    def look():
        while not over.wait(0.05):
            module.WORK.end_overdue()

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    yield
    over.set()
    thread.join(20)


def test_python_that_does_not_come_to_its_next_step_is_ended(workspace, looked_after, monkeypatch):
    monkeypatch.setattr("lab.engine.work.GRACE_SECONDS", 0.2)
    workspace.names["spin"] = lambda: sum(1 for _ in iter(int, 1))
    limits = replace(limits_of(workspace), cell_seconds=0.2)
    run = perform("spin()", workspace, limits=limits)
    assert run.failure.sentence == "This takes Python too long, so the lab has ended it. Have the cell do less."
    # The ended cell has no later effect.
    assert perform("1 + 1", workspace).failure is None


def test_a_batch_function_is_ended_although_py4j_has_called_it(monkeypatch):
    """The frames of py4j that wait for Java are above the lab's; those that Java has called are below."""
    work, spinning, ended = Work(), threading.Event(), threading.Event()
    monkeypatch.setattr("lab.engine.work.GRACE_SECONDS", 0.0)
    # Code whose module counts as py4j's calls code of a module of the lab, which spins.
    called, spins = ({"__name__": name} for name in ("py4j.clientserver", "lab.cells.loops"))
    exec("def spin(begun):\n    begun()\n    while True:\n        pass", spins)  # noqa: S102
    exec("def call(function, *given):\n    function(*given)", called)  # noqa: S102

    def answer():
        with pytest.raises(OverdueError), work.at_most(0):
            spins["spin"](spinning.set)
        ended.set()

    threading.Thread(target=called["call"], args=(answer,), daemon=True).start()
    assert spinning.wait(20)
    for _ in range(1_000):
        work.end_overdue()
        if ended.wait(0.02):
            return
    pytest.fail("the function goes on")


def test_a_thread_that_asks_java_is_let_be(waiting, monkeypatch):
    raised = []
    monkeypatch.setattr("lab.engine.work._raise_in", lambda *given: raised.append(given))
    (thread,) = waiting.work._works
    waiting.work._until[thread] = 0.0
    waiting.work.end_overdue()
    assert raised == []
    waiting.work._until[threading.get_ident()] = 0.0
    waiting.work.end_overdue()
    assert raised == [(threading.get_ident(), OverdueError)]
