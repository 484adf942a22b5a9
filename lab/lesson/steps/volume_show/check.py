"""The check that a cell shows the table of the query."""

from dataclasses import replace

from lab.cells.shown import table_as_text
from lab.judge.difference import Difference
from lab.judge.evidence import Evidence
from lab.judge.probe import Probe

# Numbers that no report of the lab has, and that stay the same when rounded to one decimal.
_SHOWN = (("first", 30.5), ("second", 47.5), ("third", 0.0))


def check(evidence: Evidence, probe: Probe) -> Evidence:
    """Require that the cell shows whatever is in the query's table."""
    name = evidence.table_name
    if not name:
        words = "`volumeReportQuery` is no query with a name any more, so there is no table to show."
        return replace(evidence, difference=Difference("no-table", words))
    probe.use_stream()
    probe.stand_in(evidence.text, evidence.step)
    probe.show_table(name, _SHOWN)
    run = probe.perform(evidence.text)
    if run.has_failed:
        return evidence.failed(run)
    shown = run.text + ("" if run.table is None else table_as_text(run.table))
    if difference := _difference_of_shown(shown, evidence.printed, name):
        return evidence.failed(run, difference) if run.skipped else replace(evidence, difference=difference)
    return replace(evidence, table_rows=probe.real_rows(name))


def _difference_of_shown(shown: str, printed: str, table: str) -> Difference | None:
    """Return which part of a table with the rows of _SHOWN the cell does not show.

    `shown` is what the cell shows of that table, `printed` what it has shown of the learner's.
    """
    servers = [server for server, _ in _SHOWN if server in shown]
    rows = [server for server, volume in _SHOWN if server in servers and f"{volume}" in shown]
    if len(rows) == len(_SHOWN):
        return None
    listed = ", ".join(f"{server} {volume}" for server, volume in _SHOWN)
    said = (
        f"We tried your cell on a table of our own, also named `{table}` ({listed}). It shows {len(rows)} of its "
        f"{len(_SHOWN)} rows"
    )
    kind, words = "nothing", "neither its servers nor its volumes. Select `serverID` and `avgVolume`."
    if shown.strip() and shown.strip() == printed.strip():
        kind = "the-same"
        words = "it shows the same as on yours, whatever is in the table. Let `spark.sql` read the table instead."
    elif not rows and len(servers) == len(_SHOWN):
        kind = "servers-alone"
        words = "the servers are there, and their volumes are not. Select `avgVolume`, too, or all columns with `*`."
    elif not rows and all(f"{volume}" in shown for _, volume in _SHOWN):
        kind = "volumes-alone"
        words = "the volumes are there, and whose they are is not. Select `serverID`, too, or all columns with `*`."
    elif rows:
        lost = ", ".join(f"{server} with {volume}" for server, volume in _SHOWN if server not in rows)
        words = f"{said}, and not {lost}. Show every row: leave out what keeps rows back, such as `WHERE` or `LIMIT`."
        return Difference("some-rows", words, _SHOWN, rows)
    return Difference(kind, f"{said}: {words}", _SHOWN, shown)
