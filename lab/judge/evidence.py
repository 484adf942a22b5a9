"""The evidence from running an answer: the checks compare it, and mistakes are recognised by it."""

from dataclasses import dataclass, replace

from lab.engine.facts import Frame, Query
from lab.engine.failures import Refusal
from lab.engine.observe import Row, Table
from lab.judge.difference import Difference
from lab.judge.run import CellRun
from lab.judge.smallest import Example
from lab.judge.step import Step
from lab.records import LogFile


@dataclass(frozen=True)
class Evidence:
    """The evidence of an answer. The answer is right when there is neither an `error` nor a `difference`.

    `error` is what Python, Spark or the reader raised, `line` is where, and `sentence` says it in plain words if the
    cell itself raised it. `difference` says what was expected and what the answer gave instead. `kind` is the name of
    the type of the step's variable, and `schema`, `frame` and `query` are facts about it. `printed` is what the cell
    printed. `table_rows` is how many rows the learner's report had then. `read_from` is the log file that a schema was
    tried on.

    `tables` are the results of the answer, one after each of the `deliveries`, and `expected` the right results.
    `hidden` says that the records are not those of the four log files. `example` is the smallest log that shows the
    difference. `log` has the rows of the SEV0 log after each delivery, and at last after the newest batch was
    `repeated`. `to_know` is what is worth knowing about an answer that does its job. `not_performed` says that the
    error is something that the lab does not perform. `running` counts the queries that are active after the cell,
    `stopped` names those that it has displaced, and `rows_before` counts the rows in the output folder before the cell.
    """

    step: Step
    text: str
    error: str = ""
    sentence: str = ""
    line: int = 0
    difference: Difference | None = None
    kind: str = ""
    schema: tuple[tuple[str, str], ...] | None = None
    frame: Frame | None = None
    query: Query | None = None
    printed: str = ""
    table_rows: int | None = None
    read_from: str = ""
    deliveries: tuple[LogFile, ...] = ()
    hidden: bool = False
    tables: tuple[Table, ...] = ()
    expected: tuple[Table, ...] = ()
    log: tuple[tuple[Row, ...], ...] = ()
    expected_log: tuple[tuple[Row, ...], ...] = ()
    repeated: str = ""
    to_know: str = ""
    not_performed: bool = False
    running: int = 0
    stopped: tuple[str, ...] = ()
    # How many queries were active before the cell.
    running_before: int = 0
    # Python's own functions that the cell calls where it means Spark's of the same name; the name of the query's table.
    python_functions: tuple[str, ...] = ()
    table_name: str = ""
    rows_before: int = 0
    # What the lab has refused in the cell, and in its foreachBatch function, as values.
    refusal: Refusal | None = None
    refused_in_batch: Refusal | None = None
    example: Example | None = None

    def failed(self, run: CellRun, difference: Difference | None = None) -> "Evidence":
        """Return the evidence of an answer that failed when a check ran it once more."""
        sentence = run.failure.sentence if run.failure else ""
        if run.failure and not difference:
            difference = Difference(
                "not-by-itself", "It fails where it has only its own cell and the earlier steps to go by."
            )
        refused = bool(run.skipped)
        return replace(
            self,
            error=run.error,
            sentence=sentence,
            line=run.line,
            refusal=run.refusal,
            difference=difference,
            not_performed=refused,
        )

    def refused(self, code: str) -> str | None:
        """Return the subject of a refusal with this code; None if there was none."""
        found = (each for each in (self.refusal, self.refused_in_batch) if each and each.code == code)
        return next((each.subject for each in found), None)

    @property
    def is_decided(self) -> bool:
        """Whether the answer is known to be wrong."""
        return bool(self.error or self.difference)

    @property
    def table(self) -> Table | None:
        """The newest of the tables; None if there is none."""
        return self.tables[-1] if self.tables else None
