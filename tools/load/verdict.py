"""Whether the lab fulfils everything that a class may expect of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from .measure import MEGABYTE, SPARE_FILES, SPARE_THREADS, Census
from .school import Outcome

# As for threads and files: what is loaded once, and not for each learner.
SPARE_HEAP_MEGABYTES = 10.0
SPARE_PYTHON_BLOCKS = 0.05
# Each learner or each check has one of these.
OWN_OBJECTS = (
    "lab.learner.learner.Learner",
    "lab.judge.handout.HandoutWorkspace",
    "lab.engine.listener.Listener",
    "lab.engine.observe.Observations",
    "streamlit.runtime.app_session.AppSession",
    "pyspark.sql.session.SparkSession",
)
OWN_JVM_OBJECTS = ("org.apache.spark.sql.classic.SparkSession", "org.apache.spark.sql.internal.SessionState")
SPARE_OBJECTS = 4
# Pools with a limit, which fill up when Spark cleans up after a class (BlockManagerMasterEndpoint,
# BlockManagerStorageEndpoint).
POOLS = {"block-manager-ask-thread-pool-#": 100, "block-manager-storage-async-thread-pool-#": 100}


@dataclass(frozen=True)
class Check:
    """One expectation, whether it holds, and the finding in words.

    With `rest`, it can only be judged after a minute: for so long, pools of the JVM keep idle threads, and with each
    thread the session that it was made for.
    """

    what: str
    holds: bool
    found: str
    rest: bool = False


def judge(outcome: Outcome) -> tuple[Check, ...]:
    """Return every expectation of a class, in the order of the report."""
    troubles = outcome.book.troubles
    errors = [trouble for trouble in troubles if trouble.kind != "mixed up"]
    mixed = [trouble for trouble in troubles if trouble.kind == "mixed up"]
    compared = outcome.book.counts["results compared"]
    right = outcome.book.counts["four right results"]
    return (
        Check("No page shows an error, and none breaks", not errors, f"{len(errors)} errors"),
        Check(
            "Every result is right for its learner's own log files",
            bool(compared and right) and not mixed,
            f"{compared} compared, {len(mixed)} wrong; {right} times all four were accepted",
        ),
        *_votes(outcome),
        Check("The server's console tells of no trouble", not outcome.console, _lines(outcome.console)),
        Check("Spark's log tells of no error", not outcome.spark_log, _lines(outcome.spark_log)),
        *_leavings(outcome.before, outcome.after),
        Check(
            "The server stops when told to, and leaves nothing behind",
            outcome.stopped_well,
            "it did" if outcome.stopped_well else "it did not",
        ),
    )


def _votes(outcome: Outcome) -> list[Check]:
    """Return whether each vote is counted exactly once; empty if the class left before it was asked."""
    counts = outcome.book.counts
    if not counts["rounds of a vote"]:
        return []
    cast, counted = counts["votes"], counts["votes that were counted"]
    return [Check("Each vote is counted, once", 0 < cast == counted, f"{cast} votes, {counted} counted")]


def judge_disturbed(outcome: Outcome) -> tuple[Check, ...]:
    """Return what a class with hostile persons may expect: everybody else finishes, with right results."""
    counts, plan = outcome.book.counts, outcome.plan
    mixed = [trouble for trouble in outcome.book.troubles if trouble.kind == "mixed up"]
    finished = len(outcome.book.finished)
    cells, answered = counts["hostile cells"], counts["hostile cells answered"]
    return (
        # The end of the class, or that of Spark, may cut one short.
        Check("The hostile ones were at it", 0.9 * cells < answered, f"{cells} cells, {answered} answered"),
        Check("Each of the others finishes a lap", finished >= plan.learners, f"{finished} of {plan.learners}"),
        Check("Every result is right for its learner's own log files", not mixed, f"{len(mixed)} wrong"),
        Check(
            "Nobody's seat is kept, and no query runs",
            not outcome.after.inside["seats"] and not outcome.after.inside["queries"],
            f"{outcome.after.inside['seats']} seats, {outcome.after.inside['queries']} queries",
        ),
        Check(
            "The server stops when told to, and leaves nothing behind",
            outcome.stopped_well,
            "it did" if outcome.stopped_well else "it did not",
        ),
    )


def _leavings(before: Census, after: Census) -> tuple[Check, ...]:
    """Return the expectations on what is left when all are gone, compared with what was there before they came."""
    threads, more = _grown(before.inside["jvm threads"], after.inside["jvm threads"])
    files = after.more_files(before)
    blocks = [census.inside["python blocks"] for census in (before, after)]
    heap = [census.inside["jvm heap"] / MEGABYTE for census in (before, after)]
    return (
        Check(
            "Nobody's seat is kept, and no query runs",
            not after.inside["seats"] and not after.inside["queries"],
            f"{after.inside['seats']} seats, {after.inside['queries']} queries",
        ),
        _no_more("No more processes", before.processes, after.processes, 0),
        _no_more("No more threads in Python", before.threads, after.threads, SPARE_THREADS),
        Check("No more threads in the JVM", more <= SPARE_THREADS, threads, rest=True),
        _no_more("No more open files and sockets, but for the store's pool", before.files, after.files, SPARE_FILES),
        Check(
            "No more files on the disk", not files, f"{len(files)} more: {', '.join(files[:3])}" if files else "none"
        ),
        _nothing_kept("Python", "python objects", OWN_OBJECTS, before, after),
        _nothing_kept("the JVM", "jvm objects", OWN_JVM_OBJECTS, before, after),
        Check(
            "No more memory in Python",
            blocks[1] <= blocks[0] * (1 + SPARE_PYTHON_BLOCKS),
            f"{blocks[0]:,} → {blocks[1]:,} blocks ({before.python_memory:.0f} → {after.python_memory:.0f} MB resident)",
            rest=True,
        ),
        Check(
            "No more memory in the JVM",
            heap[1] <= heap[0] + SPARE_HEAP_MEGABYTES,
            f"{heap[0]:.0f} → {heap[1]:.0f} MB of heap ({before.jvm_memory:.0f} → {after.jvm_memory:.0f} MB resident)",
            rest=True,
        ),
    )


def _lines(lines: tuple[str, ...]) -> str:
    return f"{len(lines)} lines{': ' * bool(lines)}{' / '.join(line[:200] for line in lines[:3])}"


def _nothing_kept(where: str, kind: str, names: tuple[str, ...], before: Census, after: Census) -> Check:
    """Return whether no object is left of those that each learner or each check has."""
    counts = {name: (before.inside[kind].get(name, 0), after.inside[kind].get(name, 0)) for name in names}
    kept = {name: pair for name, pair in counts.items() if pair[1] > pair[0] + SPARE_OBJECTS}
    found = "; ".join(f"{name.rpartition('.')[2]} {old} → {new}" for name, (old, new) in (kept or counts).items())
    return Check(f"Nothing of a learner is kept in {where}", not kept, found, rest=True)


def _no_more(what: str, before: int, after: int, spare: int) -> Check:
    return Check(what, after <= before + spare, f"{before} → {after}")


def _grown(before: Mapping[str, int], after: Mapping[str, int]) -> tuple[str, int]:
    """Return the kinds that have increased, in words, and the total increase without pools within their limit."""
    grown = {name: (before.get(name, 0), count) for name, count in after.items() if count > before.get(name, 0)}
    words = "; ".join(
        f"{name} {old} → {new}" + (f", a pool of at most {POOLS[name]}" if name in POOLS else "")
        for name, (old, new) in grown.items()
    )
    more = sum(after.values()) - sum(before.values())
    pooled = sum(new - old for name, (old, new) in grown.items() if new <= POOLS.get(name, 0))
    return f"{sum(before.values())} → {sum(after.values())}. {words}", more - pooled
