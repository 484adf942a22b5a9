"""The check that no query is left."""

from dataclasses import replace

from lab.judge.difference import Difference
from lab.judge.evidence import Evidence
from lab.judge.probe import Probe
from lab.lesson.steps import EXERCISES


def check(evidence: Evidence, probe: Probe) -> Evidence:
    """Require that no query is active after the cell. If none was before, try the cell on the lesson's two queries."""
    if not evidence.running_before:
        probe.use_stream()
        probe.stand_in(" ".join(step.variable for step in EXERCISES if step.streams), evidence.step)
        run = probe.perform(evidence.text)
        if run.has_failed:
            return evidence.failed(run)
        evidence = replace(evidence, running=len(probe.workspace.active))
        if evidence.running and run.skipped:
            return evidence.failed(run)
    if evidence.running:
        count = "1 query is" if evidence.running == 1 else f"{evidence.running} queries are"
        when = (
            ""
            if evidence.running_before
            else "No query of yours was running, so we tried your cell on two of our own. "
        )
        words = f"{when}After the cell, {count} still active, expected none."
        return replace(evidence, difference=Difference("active", words, 0, evidence.running))
    return evidence
