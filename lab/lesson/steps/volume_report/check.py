"""The check that a report has the volume of every server."""

from lab.engine.observe import Table
from lab.judge.comparison import expected_report, volumes, volumes_off
from lab.judge.difference import Difference
from lab.judge.evidence import Evidence
from lab.judge.probe import Probe
from lab.judge.reports import check_report


def check(evidence: Evidence, probe: Probe) -> Evidence:
    """Compare the volumes of the log files, then of hidden ones, with the oracle; require that complete mode works."""
    return check_report(evidence, probe, expected_report, _difference, "complete")


def _difference(got: Table, expected: Table, tells: bool) -> Difference | None:  # noqa: FBT001 - see `Compare`
    if sorted(got.columns) != sorted(expected.columns):
        words = f"The report has the columns {', '.join(got.columns)}; expected serverID, avgVolume."
        return Difference("columns", words, expected.columns, got.columns)
    have, want = volumes(got) or {}, volumes(expected) or {}
    if len(have) != len(got.rows):
        words = f"The report has {len(got.rows)} rows for {len(have)} servers; expected one row a server."
        return Difference("row-of-server-twice", words, len(have), len(got.rows))
    off = volumes_off(have, want)
    if off is None:
        return None
    if off.missing or off.unknown:
        words = f"The report has rows for {', '.join(sorted(have)) or 'no server'}; expected {', '.join(sorted(want))}."
        return Difference("servers", words, sorted(want), sorted(have))
    if tells:
        words = ", ".join(f"{name} {_number(have[name])} (expected {_number(want[name])})" for name in off.wrong) + "."
    else:
        shown = " and ".join(f"{name} {_number(have[name])}" for name in off.wrong)
        is_one = len(off.wrong) == 1
        words = f"Your report has {shown}: {'that is not the volume' if is_one else 'these are not the volumes'}."
    return Difference("volumes", words, want, have)


def _number(value: float | None) -> str:
    return "null" if value is None else f"{value:.4g}"
