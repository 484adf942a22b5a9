"""The check that a DataFrame has the SEV0 records."""

from collections.abc import Sequence

from lab.engine.observe import Table
from lab.judge.comparison import expected_log, log_off
from lab.judge.difference import Difference
from lab.judge.evidence import Evidence
from lab.judge.probe import Probe
from lab.judge.reports import check_report, first_off
from lab.records import LogFile


def check(evidence: Evidence, probe: Probe) -> Evidence:
    """Compare the SEV0 records of the log files, then of hidden ones, in any order; require that append mode works."""
    return check_report(evidence, probe, _expected, _difference, "append")


def _expected(files: Sequence[LogFile]) -> Table:
    return expected_log([files])


def _difference(got: Table, expected: Table, tells: bool) -> Difference | None:  # noqa: FBT001 - see `Compare`
    if got.columns != expected.columns:
        words = f"The log has the columns {', '.join(got.columns)}; expected serverID, timestamp, in this order."
        return Difference("columns", words, expected.columns, got.columns)
    off = log_off(got.rows, expected.rows)
    if off is None or off.is_order:
        return None
    if tells:
        words = f"The log has {len(got.rows)} rows, expected {len(expected.rows)}{first_off(off)}."
    elif off.surplus:
        words = f"Your log has {off.surplus[0]}, which is no SEV0 record."
    else:
        words = "Your log has too few rows."
    return Difference("rows", words, expected.rows, got.rows)
