"""From an answer to its feedback."""

import ast
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from lab.bucket import OUTPUT, key_of
from lab.cells import CellError
from lab.cells.shown import table_as_text
from lab.cells.texts import line_of_blank, parse
from lab.engine import facts
from lab.engine.failures import explain, spark_in_words
from lab.engine.sev0_output import read_log_output
from lab.engine.workspace import Workspace
from lab.lesson.checks.probe import Probe, probing
from lab.lesson.checks.queries import check_sev0_query, check_stop, check_volume_query, check_volume_show
from lab.lesson.checks.transformations import check_read_stream, check_schema, check_sev0, check_volume_report
from lab.lesson.evidence import Evidence
from lab.lesson.feedback import Feedback, Outcome
from lab.lesson.mistakes import MISTAKES
from lab.lesson.run import CellRun, perform, refused
from lab.lesson.steps import BLANK, STEPS, Step

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

MAX_DETAIL: Final = 4000
_BUILTINS: Final = frozenset({"max", "min", "sum", "round", "abs"})
_log = logging.getLogger(__name__)

_CHECKS: Final[Mapping[str, Callable[[Evidence, Probe], Evidence]]] = MappingProxyType(
    {
        "schema": check_schema,
        "read-stream": check_read_stream,
        "volume-report": check_volume_report,
        "volume-query": check_volume_query,
        "volume-show": check_volume_show,
        "sev0": check_sev0,
        "sev0-query": check_sev0_query,
        "stop": check_stop,
    }
)
_PASSED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "schema": "Right: three columns, in the order of the line, each with a type that fits.",
        "read-stream": "Right: it is a stream of the live folder, and gave every record of files that were placed there.",
        "volume-report": "Right, on the four log files and on others that you have not seen.",
        "volume-query": "Right: it runs, and after each of three hidden deliveries its table held the report.",
        "volume-show": "Right: it shows the query's table.",
        "sev0": "Right, on the four log files and on others that you have not seen.",
        "sev0-query": "Right: it runs, each of three hidden deliveries was appended in order, and a batch that had to be "
        "repeated stood there once.",
        "stop": "Right: no query is active any more.",
    }
)


def not_attempted(step: Step, text: str) -> Feedback | None:
    """Why an answer is not worth running yet, or None."""
    if not text.strip():
        return Feedback("not attempted", "The cell is empty. Write the code, or take the starter back with Reset.")
    blanks = {line.strip() for line in step.starter.splitlines() if BLANK in line}
    lines = enumerate(text.splitlines(), start=1)
    # A blank of the starter may stand in a string.
    if line := line_of_blank(text) or next((number for number, line in lines if line.strip() in blanks), 0):
        return Feedback("not attempted", f"{BLANK} still stands here: put your own code in its place.", line=line)
    return None


def examine(
    step: Step,
    text: str,
    workspace: Workspace,
    root: "SparkSession",
    folder: Path,
    session: int = 0,
    own: frozenset[str] = frozenset(),
) -> tuple[CellRun, Feedback]:
    """Run an answer in the learner's workspace, then check it; `folder` is where a probe may be made.

    `own` are the runs of queries that earlier answers to the step have started.
    Raises LabError when Spark ends meanwhile.
    """
    if feedback := not_attempted(step, text):
        return refused(text, feedback.message, session), feedback
    with workspace.at_work():
        names = workspace.names
        # What an earlier run has defined must not pass for what this cell defines.
        ended = own | {known.run_id for known in workspace.observations.runs if known.ended}
        rows, keys = _output_before(step, workspace)
        earlier = {name: names.pop(name) for name in [step.variable] if name in names}
        running_before = len(workspace.active)
        run = perform(text, workspace, session)
        sentence = run.failure.sentence if run.failure else ""
        evidence = Evidence(step, text, run.error, sentence, run.line, printed=_printed(run))
        with spark_in_words():
            value = names.get(step.variable)
            query = facts.query(value)
            evidence = replace(
                evidence,
                kind="" if value is None else type(value).__name__,
                frame=facts.frame(value),
                query=query,
                running=len(workspace.active),
                running_before=running_before,
                python_functions=_python_functions(text, names),
                table_name=facts.query_name(names.get(STEPS["volume-query"].variable)),
                stopped=workspace.displaced(query.run_id, query.query_id, ended) if query else (),
                rows_before=rows if query and not _goes_on(query, workspace, keys) else 0,
            )
            if run.failure:
                for name, known in earlier.items():
                    names.setdefault(name, known)
            elif step.variable and value is None:
                evidence = replace(evidence, difference=f"The cell does not define `{step.variable}`.")
            else:
                evidence = _checked(evidence, workspace, root, folder)
    return run, judge(evidence)


def judge(evidence: Evidence) -> Feedback:
    """Put evidence into words: the first mistake that it shows, else the difference itself."""
    said = evidence.error or evidence.repeated
    # What the cell reader refuses is a sentence of ours already.
    detail = "" if said == evidence.sentence else said[:MAX_DETAIL]
    outcome: Outcome = "error" if evidence.error else "wrong" if evidence.difference else "passed"
    for mistake in MISTAKES:
        if not mistake.steps or evidence.step.id in mistake.steps:
            try:
                message = mistake.says(evidence)
            except Exception:
                # Evidence that nobody has thought of; there is still the difference itself to tell.
                _log.exception("the mistake %s could not be recognised", mistake.id)
                continue
            if message:
                return Feedback(outcome, message, mistake.id, evidence.line, detail)
    if evidence.error:
        return Feedback(
            "error", evidence.sentence or explain(evidence.error).sentence, line=evidence.line, detail=detail
        )
    if evidence.difference:
        return Feedback("wrong", evidence.difference)
    return Feedback("passed", _PASSED[evidence.step.id])


def _checked(evidence: Evidence, workspace: Workspace, root: "SparkSession", folder: Path) -> Evidence:
    with probing(workspace, root, folder) as probe:
        try:
            return _CHECKS[evidence.step.id](evidence, probe)
        except facts.TookTooLongError as error:
            return replace(evidence, error=str(error), sentence=str(error))
        except Exception as error:
            if not facts.is_refusal(error):
                raise
            # Whatever a check asked of Spark, it asked because of the answer.
            return replace(evidence, error=f"{type(error).__name__}: {error}")


def _output_before(step: Step, workspace: Workspace) -> tuple[int, frozenset[str]]:
    if step.id != "sev0-query":
        return 0, frozenset()
    keys = frozenset(entry.key for entry in workspace.bucket.list(OUTPUT))
    return len(read_log_output(workspace.bucket).rows), keys


def _goes_on(query: facts.Query, workspace: Workspace, keys: frozenset[str]) -> bool:
    """Whether the query goes on with what is in the output folder: by its checkpoint, and with the same sink."""
    sink_before = any("/_spark_metadata/" in key for key in keys)
    return _knows(query.checkpoint, workspace, keys) and sink_before == (query.sink == "csv")


def _printed(run: CellRun) -> str:
    return run.text if run.table is None else f"{run.text}\n{table_as_text(run.table)}"


def _knows(checkpoint: str, workspace: Workspace, keys: frozenset[str]) -> bool:
    """Whether a checkpoint was there before."""
    key = key_of(workspace.bucket, checkpoint)
    return key is not None and any(known.startswith((f"{key}/offsets/", f"{key}/commits/")) for known in keys)


def _python_functions(text: str, names: Mapping[str, object]) -> tuple[str, ...]:
    """Python's own functions that the cell calls on a text or on something made there, as one would call Spark's."""
    try:
        calls = [node for node in ast.walk(parse(text)) if isinstance(node, ast.Call)]
    except CellError:
        return ()
    return tuple(
        call.func.id
        for call in calls
        if isinstance(call.func, ast.Name) and call.func.id in _BUILTINS and call.func.id not in names
        if len(call.args) == 1 and (isinstance(call.args[0], ast.Call) or _is_text(call.args[0]))
    )


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)
