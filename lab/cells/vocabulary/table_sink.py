"""`toTable` of a stream's writer: it writes to a memory table, because Spark's own would be outside the folders."""

from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from lab.cells.advice import Mistaken, refused
from lab.cells.vocabulary.kinds import Call
from lab.cells.vocabulary.options import check_format_name, check_name
from lab.engine import facts

_APPEND: Final = "append"


def to_table(call: Call, start: Callable[[Call], Any]) -> Any:
    """Start a query that appends its rows to a table; `start` starts it like a cell's own `start()`.

    Raise Mistaken in any other output mode. The rows are the same as in Spark's own table, to which a stream can only
    append (its file sink refuses the other modes).
    """
    given = call.only("tableName", "format", "outputMode", "queryName", "checkpointLocation")
    name = given["tableName"]
    if not isinstance(name, str) or not name.isidentifier():
        raise refused("such a name of a table", "Give it as a text, a plain name such as sev0_log.")
    check_name(name)
    if given.get("format") is not None:
        check_format_name(call.owner, given["format"])
    writer = call.owner.queryName(name).format("memory")
    if given.get("outputMode") is not None:
        writer.outputMode(given["outputMode"])
    options = {key: given[key] for key in ("checkpointLocation",) if given.get(key) is not None}
    query = start(replace(call, owner=writer, name="start", positional=(), named=MappingProxyType(options)))
    known = facts.query(query)
    if known and known.mode != _APPEND:
        query.stop()
        raise Mistaken(
            f"A table of toTable takes rows that are added, so Spark refuses it in {known.mode} mode. For a report that is "
            'replaced, use format("memory") with a queryName, and start().'
        )
    call.run.output.note(f"toTable keeps the table {name} in memory here.")
    return query
