"""The crash experiment: a query dies between writing and committing a batch, and is restarted."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from lab.bucket import OUTPUT
from lab.cells import CellError
from lab.cells.texts import parse
from lab.engine import facts
from lab.engine.failures import explain
from lab.engine.snapshots import OutputSeen, output_seen
from lab.errors import LabError
from lab.judge.probe import Probe
from lab.judge.step import cell
from lab.lesson.steps.sev0_query import STEP
from lab.oracle import SEV0, count_of
from lab.records import LogFile
from lab.sev0_output import read_log_output

Whose = Literal["learner", "solution", "append"]
Point = Literal["first", "died", "restarted", "anew"]

_CHECKPOINT: Final = f"{OUTPUT}checkpoint/"
DIES: Final = "it dies here: the batch is written, and not committed"
APPENDING: Final = cell("""
    def save_batch(batch, batch_id):
        ordered = batch.orderBy("timestamp", "serverID").coalesce(1)
        ordered.write.mode("append").csv(f"{s3_lab9_output_uri}sev0")
""")
_START: Final = cell("""
    sev0SaveQuery = (
        sev0.writeStream
        .foreachBatch(FUNCTION)
        .option("checkpointLocation", f"{s3_lab9_output_uri}checkpoint")
        .start()
    )
""")
_DYING: Final = cell(f"""
    def save_and_die(batch, batch_id):
        FUNCTION(batch, batch_id)
        if batch_id == 1:
            raise RuntimeError("{DIES}")
""")


@dataclass(frozen=True)
class Saving:
    """A way to save a batch: the code that defines a function of two arguments, and the function's name.

    `whose` says whether the function is the learner's own, the solution's, or the one that appends.
    """

    code: str
    function: str
    whose: Whose = "learner"

    @property
    def dying(self) -> str:
        """The cell that starts a query which dies after saving its second batch."""
        dying = _DYING.replace("FUNCTION", self.function)
        return f"{dying}\n\n{_START.replace('FUNCTION', 'save_and_die')}"

    @property
    def restart(self) -> str:
        """The cell that restarts the query with the plain function, which does not die."""
        return _START.replace("FUNCTION", self.function)


@dataclass(frozen=True)
class Scene:
    """The state of the output folder at one point of the story.

    `offsets` and `commits` are the batch numbers in the checkpoint, and `output` is the log. `expected` is how many
    rows the log should have after the files delivered so far. `failure` is the error that ended the query; empty if
    none did.
    """

    point: Point
    offsets: tuple[int, ...]
    commits: tuple[int, ...]
    output: OutputSeen
    expected: int
    failure: str = ""

    @property
    def surplus(self) -> int:
        """How many rows too many the log has."""
        return self.output.total - self.expected


@dataclass(frozen=True)
class Story:
    """The scenes for one way to save a batch."""

    saving: Saving
    scenes: tuple[Scene, ...]


def saving_of(answer: str) -> Saving | None:
    """Return how an answer saves a batch: its cell without the query, and the function passed to `foreachBatch`.

    Return None if the answer has no such function, for example with a csv sink.
    """
    try:
        tree = parse(answer)
    except CellError:
        return None
    for statement in tree.body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "foreachBatch":
                given = [*node.args, *(keyword.value for keyword in node.keywords)]
                others = [known for known in tree.body if known is not statement and not _starts(known)]
                if len(given) != 1:
                    return None
                if isinstance(given[0], ast.Name):
                    return Saving(ast.unparse(ast.Module(others, [])), given[0].id)
                named = ast.Assign([ast.Name("save_batch", ast.Store())], given[0])
                return Saving(ast.unparse(ast.fix_missing_locations(ast.Module([*others, named], []))), "save_batch")
    return None


def savings(answer: str) -> tuple[Saving, Saving]:
    """Return the two ways to save a batch that the experiment compares: the answer's, and one that appends.

    `answer` is the learner's code of the step; empty if there is none. Without a function in it, the solution's is
    used.
    """
    own, solution = saving_of(answer), saving_of(STEP.code)
    if solution is None:
        raise AssertionError("the solution saves each batch with a function")
    return own or replace(solution, whose="solution"), Saving(APPENDING, "save_batch", "append")


def run_story(probe: Probe, saving: Saving, deliveries: Sequence[Sequence[LogFile]]) -> Story:
    """Let a query die in its second batch, restart it, then restart it again without its checkpoint.

    The probe must have `sev0` defined. `deliveries` are the log files of the two batches. Raise LabError when a cell of
    the experiment fails, TookTooLongError when the query takes too long.
    """
    first, second = deliveries
    both = [*first, *second]
    _perform(probe, saving.code)
    _perform(probe, saving.dying)
    probe.deliver_as_one("first-pair.csv", first)
    scenes = [_scene(probe, "first", first)]
    probe.deliver_as_one("second-pair.csv", second)
    scenes.append(_scene(probe, "died", both))
    _perform(probe, saving.restart)
    scenes.append(_scene(probe, "restarted", both))
    _query(probe).stop()
    probe.workspace.bucket.delete(_CHECKPOINT)
    _perform(probe, saving.restart)
    scenes.append(_scene(probe, "anew", both))
    _query(probe).stop()
    return Story(saving, tuple(scenes))


def _starts(statement: ast.stmt) -> bool:
    """Return whether a statement starts or uses the query, for example waits for it."""
    names = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}
    attributes = {node.attr for node in ast.walk(statement) if isinstance(node, ast.Attribute)}
    is_definition = isinstance(statement, ast.FunctionDef | ast.Import | ast.ImportFrom)
    return not is_definition and ("writeStream" in attributes or STEP.variable in names)


def _query(probe: Probe) -> Any:
    return probe.value(STEP.variable)


def _perform(probe: Probe, code: str) -> None:
    run = probe.perform(code)
    if run.failure and run.has_failed:
        raise LabError(f"The experiment cannot be made, for its cell failed: {run.failure.sentence}", "")


def _scene(probe: Probe, point: Point, delivered: Sequence[LogFile]) -> Scene:
    """Wait until the query has read everything, or has died; then return the scene."""
    query = _query(probe)
    if not facts.finish_reading(query, facts.CHECK_SECONDS):
        raise facts.TookTooLongError
    now = facts.query(query)
    offsets, commits = (
        tuple(number for number, _ in probe.batches_in(_CHECKPOINT, folder)) for folder in ("offsets", "commits")
    )
    return Scene(
        point,
        offsets,
        commits,
        output_seen(read_log_output(probe.workspace.bucket)),
        sum(count_of(file.records, SEV0) for file in delivered),
        explain(now.failure).sentence if now and now.failure else "",
    )
