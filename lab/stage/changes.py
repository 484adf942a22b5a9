"""The changes from one moment to the next, in sentences."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from lab.engine.observe import Table
from lab.stage.moment import Moment

MAX_NAMED: Final = 4
MAX_WORDS: Final = 24


def with_changes(before: Moment, after: Moment) -> Moment:
    """Return the later moment with its changes since the earlier one."""
    was = {chip.name: (chip.place, chip.state, chip.batch) for chip in before.chips}
    changed = {chip.name for chip in after.chips if was.get(chip.name) != (chip.place, chip.state, chip.batch)}
    gone = was.keys() - {chip.name for chip in after.chips}
    return replace(after, changes=tuple(_sentences(before, after)), changed=frozenset(changed | gone))


def _sentences(before: Moment, after: Moment) -> Iterator[str]:
    lay, lies = ([chip.name for chip in moment.live] for moment in (before, after))
    if came := [name for name in lies if name not in lay]:
        yield f"{named(came)} came into LogDataLive."
    if left := [name for name in lay if name not in lies]:
        yield f"{named(left)} left LogDataLive."
    again = {chip.name for chip in before.chips if chip.state == "not read again"}
    if twice := [chip.name for chip in after.chips if chip.state == "not read again" and chip.name not in again]:
        yield f"{named(twice)} will not be read again."
    for batch in after.batches[len(before.batches) :][-MAX_NAMED:]:
        rows = f"{batch.rows_in} row{'' if batch.rows_in == 1 else 's'}"
        files = f": {named([file.name for file in batch.files])}" if batch.files else ""
        yield f"Batch {batch.number} read {rows}{files}."
    if after.table is not None and after.table != before.table:
        yield from _of_table(before.table, after.table)
    if before.output is not None and after.output is not None and after.output.total != before.output.total:
        count = after.output.total - before.output.total
        yield f"The log has {abs(count)} row{'' if abs(count) == 1 else 's'} {'more' if count > 0 else 'less'}."
    if after.state != before.state and after.state in {"stopped", "failed"}:
        yield "The query was stopped." if after.state == "stopped" else "The query failed."


def _of_table(before: Table | None, after: Table) -> Iterator[str]:
    """Yield the changes of a report with two columns by server; for any other table, yield its number of rows."""
    was, now = _pairs(before), _pairs(after)
    if now is None or was is None:
        yield f"The result has {len(after.rows)} row{'' if len(after.rows) == 1 else 's'}."
        return
    told = [
        f"{_short(server)} {_short(was[server])} → {_short(value)}"
        if server in was
        else f"{_short(server)} {_short(value)}"
        for server, value in sorted(now.items(), key=lambda row: str(row[0]))
        if server not in was or was[server] != value
    ]
    if told:
        more = f" and {len(told) - MAX_NAMED} more" if len(told) > MAX_NAMED else ""
        yield f"The result: {', '.join(told[:MAX_NAMED])}{more}."


def _pairs(table: Table | None) -> dict[Any, Any] | None:
    """Return the rows of a report by server; empty without a table, None if the table is not a report."""
    if table is None:
        return {}
    if len(table.columns) != 2 or any(not isinstance(server, str | None) for server, _ in table.rows):
        return None
    found: dict[Any, Any] = dict(table.rows)
    return found if len(found) == len(table.rows) else None


def named(names: Sequence[str]) -> str:
    """Return names as a part of a sentence; name at most MAX_NAMED, and count the rest."""
    shown = [_short(name) for name in names[:MAX_NAMED]]
    if len(names) > MAX_NAMED:
        return f"{', '.join(shown)} and {len(names) - MAX_NAMED} more"
    return " and ".join(filter(None, [", ".join(shown[:-1]), *shown[-1:]]))


def _short(value: object) -> str:
    text = f"{value:.4g}" if isinstance(value, float) else "null" if value is None else str(value)
    return text if len(text) <= MAX_WORDS else f"{text[: MAX_WORDS - 1]}…"
