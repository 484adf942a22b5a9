"""What is known of an answer when it has been run: what the checks compare, and what the mistakes are recognised by."""

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
    """What an answer gave. The answer is right when there is neither an `error` nor a `difference`.

    `error` is what Python, Spark or the reader raised, `line` where, and `sentence` the same in plain words if the cell
    itself raised it. `difference` says what was expected and what was got. `kind` is the name of the type of the step's
    variable; `schema`, `frame`, `query` are its facts; `printed` is what the cell printed, and `table_rows` how many rows
    the learner's report had then.

    `read_from` is the log file that a schema was tried on.
    `tables` are what the answer gave, one after each of the `deliveries`, and `expected` what it should have given;
    `hidden` says that the records are not those of the four log files. `example` is the smallest log that shows the
    difference. `log` are the rows of the SEV0 log after each delivery, and at last after the newest batch was `repeated`.
    `to_know` is what is worth knowing about an answer that does its job, and `not_performed` says that the error is
    something that the lab does not perform. `running` counts the queries that are active after the cell, `stopped` names
    those that it has displaced, `rows_before` counts what the output folder held.
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
    # Those that were active before the cell.
    running_before: int = 0
    # Python's own functions that the cell calls by the names of Spark's, and the name of the query's table.
    python_functions: tuple[str, ...] = ()
    table_name: str = ""
    rows_before: int = 0
    # What the lab has refused of the cell, and in the function of `foreachBatch`, as values.
    refusal: Refusal | None = None
    refused_in_batch: Refusal | None = None
    example: Example | None = None

    def failed(self, run: CellRun, difference: Difference | None = None) -> "Evidence":
        """Return the same, of an answer that could not be run where a check has run it once more."""
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
        """Return what a refusal with this code is about; None if nothing was refused for that."""
        found = (each for each in (self.refusal, self.refused_in_batch) if each and each.code == code)
        return next((each.subject for each in found), None)

    @property
    def is_decided(self) -> bool:
        """Whether the answer is known not to be right."""
        return bool(self.error or self.difference)

    @property
    def table(self) -> Table | None:
        """The newest of the tables."""
        return self.tables[-1] if self.tables else None
