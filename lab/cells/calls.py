"""Vets the arguments of the methods that reach files, SQL or Spark's options."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lab.cells.sql import refusal_of_condition, refusal_of_query
from lab.cells.vocabulary import ARGUMENTS, FORMATS, OPTIONS, PATH_OPTIONS


def refusal_of_call(
    name: str, positional: Sequence[Any], named: Mapping[str, Any], may_use: Callable[[str], bool]
) -> str:
    """What a cell may not say in a call of the method of that name; empty when it may make the call.

    `may_use` says whether an address may be read from or written to.
    """
    if name not in ARGUMENTS:
        return ""
    known = ARGUMENTS[name]
    extra = [str(value) for value in positional[len(known) :]] + [key for key in named if key not in known]
    if extra:
        return f"the argument {extra[0]!r} of {name}()"
    given = {**dict(zip(known, positional, strict=False)), **named}
    match name:
        case "sql":
            return refusal_of_query(str(given.get("sqlQuery")))
        case "filter" | "where":
            condition = given.get("condition")
            return refusal_of_condition(condition) if isinstance(condition, str) else ""
        case "format":
            return "" if given.get("source") in FORMATS else f"the format {given.get('source')!r}"
        case "option":
            option = str(given.get("key")).lower()
            if option not in OPTIONS:
                return f"the option {given.get('key')!r}"
            return _refusal_of_address(given.get("value"), may_use) if option in PATH_OPTIONS else ""
        case "csv":
            return _refusal_of_address(given.get("path"), may_use)
        case _:
            return ""


def _refusal_of_address(address: Any, may_use: Callable[[str], bool]) -> str:
    if isinstance(address, str) and may_use(address):
        return ""
    return f"the address {address!r}, which is outside your bucket"
