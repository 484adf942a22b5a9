"""The experiment with output modes: the learner's report in append, update and complete mode, on their deliveries."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from lab.engine import facts
from lab.engine.observe import Table
from lab.judge.probe import Probe
from lab.lesson.steps.volume_report import STEP
from lab.records import LogFile

MODES: Final = ("append", "update", "complete")
MAX_DELIVERIES: Final = 4
# Rows of a table that are kept and shown.
MAX_ROWS: Final = 20


@dataclass(frozen=True)
class InMode:
    """The result of the report in one mode.

    `refusal` is Spark's full message when it refused to start the query; empty if it started. `tables` has the first
    MAX_ROWS rows of its table after each delivery.
    """

    mode: str
    refusal: str = ""
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True)
class Compared:
    """The same report in each of MODES, on the same `deliveries`; a delivery is the names of its log files."""

    deliveries: tuple[tuple[str, ...], ...]
    runs: tuple[InMode, ...]


def compare_modes(probe: Probe, deliveries: Sequence[Sequence[LogFile]]) -> Compared:
    """Start the report in each mode, deliver to all of them together, and read each table after each delivery.

    The probe must have the report defined. A refusal of Spark is in the result, not raised.
    """
    runs = [InMode(mode, _start(probe, mode)) for mode in MODES]
    delivered = deliveries[:MAX_DELIVERIES]
    for number, files in enumerate(delivered, start=1):
        probe.deliver_as_one(f"delivery-{number}.csv", files)
        runs = [each if each.refusal else _after_delivery(probe, each) for each in runs]
    return Compared(tuple(tuple(file.name for file in files) for files in delivered), tuple(runs))


def _start(probe: Probe, mode: str) -> str:
    """Start a query in a mode; return why Spark refuses it, or an empty text."""
    run = probe.perform(
        f'{mode}Query = {STEP.variable}.writeStream.queryName("{mode}_report").outputMode("{mode}").format("memory").start()'
    )
    return (run.failure.detail or run.failure.sentence) if run.failure else ""


def _after_delivery(probe: Probe, run: InMode) -> InMode:
    if not facts.finish_reading(probe.value(f"{run.mode}Query"), facts.CHECK_SECONDS):
        raise facts.TookTooLongError
    table = facts.rows(probe.session.table(f"{run.mode}_report"))
    kept = Table(table.columns, table.rows[:MAX_ROWS], table.truncated or len(table.rows) > MAX_ROWS)
    return replace(run, tables=(*run.tables, kept))
