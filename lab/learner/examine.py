"""The check of an answer, from running it to its feedback."""

import ast
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lab.bucket import OUTPUT, key_of
from lab.cells import CellError
from lab.cells.shown import table_as_text
from lab.cells.texts import parse
from lab.engine import facts
from lab.engine.failures import explain, spark_in_words
from lab.judge.difference import Difference
from lab.judge.evidence import Evidence
from lab.judge.feedback import WITH_ONE_THING, Feedback, Outcome
from lab.judge.handout import HandoutWorkspace
from lab.judge.probe import probing
from lab.judge.run import CellRun, perform, refused
from lab.judge.smallest import as_text
from lab.lesson.blanks import line_left_blank
from lab.lesson.mistakes import MISTAKES
from lab.lesson.steps import BLANK, EXERCISES, Step, answering, check_of
from lab.sev0_output import read_log_output

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

MAX_DETAIL: Final = 4000
ONE_THING: Final = "One thing to know:"
_BUILTINS: Final = frozenset({"max", "min", "sum", "round", "abs"})
_log = logging.getLogger(__name__)


def not_attempted(step: Step, text: str) -> Feedback | None:
    """Return why an answer is not worth running yet, or None."""
    if not text.strip():
        return Feedback("not attempted", "The cell is empty. Write the code, or press Reset to get the starter back.")
    if line := line_left_blank(step, text):
        return Feedback("not attempted", f"Replace {BLANK} with your code.", line=line)
    return None


def examine(
    step: Step,
    text: str,
    workspace: HandoutWorkspace,
    root: "SparkSession",
    folder: Path,
    session: int = 0,
    own: frozenset[str] = frozenset(),
) -> tuple[CellRun, Feedback]:
    """Run an answer in the learner's workspace, then check it; `folder` is where a probe may be made.

    `own` are the run ids of the queries that earlier answers to the step have started.
    Raise LabError when Spark ends meanwhile.
    """
    if feedback := not_attempted(step, text):
        return refused(text, feedback.message, session), feedback
    with workspace.at_work():
        names = workspace.names
        # A variable that an earlier run has defined must not count as defined by this cell.
        ended = own | {known.run_id for known in workspace.observations.runs if known.ended}
        rows, keys = _output_before(step, workspace)
        earlier = {name: names.pop(name) for name in [step.variable] if name in names}
        with spark_in_words():
            running_before = len(workspace.active)
        run = perform(text, workspace, session)
        sentence = run.failure.sentence if run.failure else ""
        evidence = Evidence(
            step,
            text,
            run.error,
            sentence,
            run.line,
            printed=_printed(run),
            not_performed=bool(run.skipped),
            refusal=run.refusal,
            refused_in_batch=workspace.refused_in(run.error),
        )
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
                table_name=facts.query_name(names.get(answering("volume").variable)),
                stopped=workspace.displaced(query.run_id, query.query_id, ended) if query else (),
                rows_before=rows if query and not _goes_on(query, workspace, keys) else 0,
            )
            if run.failure:
                for name, known in earlier.items():
                    names.setdefault(name, known)
            is_missing = step.variable and value is None
            if is_missing and not run.failure:
                words = f"The cell does not define `{step.variable}`."
                evidence = replace(evidence, difference=Difference("not-defined", words, step.variable))
            elif not is_missing and not run.has_failed:
                evidence = _checked_despite(run, evidence, lambda known: _checked(known, workspace, root, folder))
            if evidence.error:
                # This raises if Spark has ended: then nothing is known of the answer.
                _ = root.version
    feedback = feedback_for(evidence)
    return run.in_spite_of_skips if feedback.has_passed else run, feedback


def _checked_despite(run: CellRun, evidence: Evidence, check: Callable[[Evidence], Evidence]) -> Evidence:
    """Check the result of a cell even if some statements were skipped: they may not have affected it."""
    if not run.skipped:
        return check(evidence)
    checked = check(replace(evidence, error="", sentence="", line=0, not_performed=False, refusal=None))
    if checked.is_decided:
        return evidence
    first, *more = run.skipped
    others = f" So it is with {len(more)} more of the cell's statements." if more else ""
    if checked.to_know:
        return checked
    return replace(checked, to_know=f"Line {first.line} was not performed: {first.sentence}{others}")


def feedback_for(evidence: Evidence) -> Feedback:
    """Return the feedback for evidence: the first mistake it shows, else the difference; with an example, if any."""
    feedback = _in_words(evidence)
    example = evidence.example
    if example is None or feedback.outcome != "wrong":
        return feedback
    return replace(feedback, log=example.log, expected=as_text(example.expected), got=as_text(example.got))


def _in_words(evidence: Evidence) -> Feedback:
    said = evidence.error or evidence.repeated
    # A refusal of the cell reader is already a sentence of ours, so it needs no detail.
    detail = "" if said == evidence.sentence else said[:MAX_DETAIL]
    outcome = _outcome(evidence)
    if evidence.not_performed and evidence.difference:
        # Any mistake that shows may only be due to the skipped statement.
        return Feedback(outcome, evidence.sentence, line=evidence.line, detail=detail)
    for mistake in MISTAKES:
        if not mistake.steps or evidence.step in mistake.steps:
            try:
                message = mistake.says(evidence)
            except Exception:
                # Nobody has thought of such evidence. The feedback can still tell the difference itself.
                _log.exception("the mistake %s could not be recognised", mistake.id)
                continue
            if message and outcome == WITH_ONE_THING:
                return Feedback(outcome, f"{evidence.step.passed} {ONE_THING} {message}", mistake.id)
            if message:
                return Feedback(outcome, message, mistake.id, evidence.line, detail)
    if evidence.error:
        return Feedback(
            outcome, evidence.sentence or explain(evidence.error).sentence, line=evidence.line, detail=detail
        )
    if evidence.difference:
        return Feedback(outcome, evidence.difference.sentence)
    if evidence.to_know:
        return Feedback(outcome, f"{evidence.step.passed} {ONE_THING} {evidence.to_know}")
    return Feedback(outcome, " ".join(filter(None, (evidence.step.passed, evidence.step.also))))


def _outcome(evidence: Evidence) -> Outcome:
    if evidence.error:
        refused = evidence.not_performed or explain(evidence.error).not_performed
        return "not performed" if refused else "error"
    if evidence.difference:
        return "wrong"
    return WITH_ONE_THING if evidence.to_know else "passed"


def _checked(evidence: Evidence, workspace: HandoutWorkspace, root: "SparkSession", folder: Path) -> Evidence:
    with probing(workspace, root, folder, EXERCISES) as probe:
        try:
            checked = check_of(evidence.step)(evidence, probe)
            return replace(checked, refused_in_batch=probe.refused_in(checked.error))
        except facts.TookTooLongError as error:
            return replace(evidence, error=str(error), sentence=str(error))
        except Exception as error:
            if not facts.is_refusal(error):
                raise
            # Spark refused something that the check asked for, so the answer is the cause.
            return replace(evidence, error=f"{type(error).__name__}: {error}")


def _output_before(step: Step, workspace: HandoutWorkspace) -> tuple[int, frozenset[str]]:
    if step.picture != "log":
        return 0, frozenset()
    keys = frozenset(entry.key for entry in workspace.bucket.list(OUTPUT))
    return len(read_log_output(workspace.bucket).rows), keys


def _goes_on(query: facts.Query, workspace: HandoutWorkspace, keys: frozenset[str]) -> bool:
    """Return whether the query continues earlier output: its checkpoint was there before, with the same sink type."""
    sink_before = any("/_spark_metadata/" in key for key in keys)
    return _knows(query.checkpoint, workspace, keys) and sink_before == (query.sink == "csv")


def _printed(run: CellRun) -> str:
    return run.text if run.table is None else f"{run.text}\n{table_as_text(run.table)}"


def _knows(checkpoint: str, workspace: HandoutWorkspace, keys: frozenset[str]) -> bool:
    """Return whether a checkpoint is among the keys that the output folder had before."""
    key = key_of(workspace.bucket, checkpoint)
    return key is not None and any(known.startswith((f"{key}/offsets/", f"{key}/commits/")) for known in keys)


def _python_functions(text: str, names: Mapping[str, object]) -> tuple[str, ...]:
    """Return Python's functions that the cell calls like Spark's: with one argument, which is a text or a call."""
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
