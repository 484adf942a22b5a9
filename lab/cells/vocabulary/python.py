"""The methods of Python's own types."""

from collections.abc import Collection
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from lab.cells.bounds import check_grown, check_hashes, check_keys, check_length, total
from lab.cells.formats import put_in
from lab.cells.vocabulary.kinds import Call, Kind, methods
from lab.cells.vocabulary.looping import items, over


def _replace(call: Call) -> Any:
    old, new, *_ = (*call.positional, "", "")
    if isinstance(old, str) and isinstance(new, str):
        check_length(len(call.owner) + call.owner.count(old) * len(new))
    return call.perform()


def _join(call: Call) -> Any:
    parts = list(call.positional[0]) if len(call.positional) == 1 else None
    if parts is None or call.named:
        return call.perform()  # Python raises its own error
    total(len(part) + len(call.owner) if isinstance(part, str) else 0 for part in parts)
    return call.owner.join(parts)


def _grow(call: Call) -> Any:
    check_length(len(call.owner) + 1)
    if call.name == "update":
        for pairs in call.positional:
            check_keys(pairs)
    before = len(call.owner)
    result = call.perform()
    check_grown(call.owner, before)
    return result


def _combine(call: Call) -> Any:
    """Perform a set operation: check the hashes of each argument, because Python makes it a set."""
    for values in call.positional:
        if isinstance(values, Collection):
            check_hashes(values)
    return call.perform()


def _extend(call: Call) -> Any:
    values = [list(value) for value in call.positional]
    total([len(call.owner), *map(len, values)])
    return getattr(call.owner, call.name)(*values)


def _format(call: Call) -> str:
    return put_in(call.run, call.owner, call.positional, call.named)


def _wide(call: Call) -> Any:
    """Return a text padded to a width."""
    width = call.positional[0] if call.positional else 0
    if isinstance(width, int):
        check_length(width)
    return call.perform()


def _sort(call: Call) -> None:
    if call.positional:
        raise TypeError("sort() takes no positional arguments")
    # While Python sorts a list in place, the list looks empty to a `key` function.
    call.owner[:] = over(sorted)(replace(call, positional=(call.owner,)))


def _update(call: Call) -> None:
    """Perform `update` of a set: check the hashes of each argument, which adds its items to the set."""
    values = [items(value) for value in call.positional]
    total([len(call.owner), *map(len, values)])
    for each in values:
        check_hashes(each)
    call.owner.update(*values)
    check_hashes(call.owner)


def _look(call: Call) -> Any:
    owner, values = call.run.snapshot(call.owner), map(call.run.snapshot, call.positional)
    return getattr(owner, call.name)(*values, **call.named)


def _remove(call: Call) -> None:
    if call.named or len(call.positional) != 1:
        call.perform()  # Python raises its own error
        return
    wanted, values = call.run.snapshot(call.positional[0]), call.run.snapshot(call.owner)
    if wanted not in values:
        raise ValueError("list.remove(x): x not in list")
    del call.owner[values.index(wanted)]


_COPIES: Final = methods("count index", _look)
KINDS: Final = (
    Kind(
        "str",
        (str,),
        methods=MappingProxyType(
            {
                **methods(
                    """
                    capitalize casefold count endswith find index isalnum isalpha isdecimal isdigit isidentifier islower
                    isnumeric isspace istitle isupper lower lstrip partition removeprefix removesuffix rfind rindex
                    rpartition rsplit rstrip split splitlines startswith strip swapcase title upper
                    """
                ),
                **methods("center ljust rjust zfill", _wide),
                "format": _format,
                "join": _join,
                "replace": _replace,
            }
        ),
    ),
    Kind(
        "list",
        (list,),
        methods=MappingProxyType(
            {
                **_COPIES,
                **methods("clear copy pop reverse"),
                "remove": _remove,
                **methods("append insert", _grow),
                "extend": _extend,
                "sort": _sort,
            }
        ),
    ),
    Kind("tuple", (tuple,), methods=MappingProxyType(_COPIES)),
    Kind(
        "dict",
        (dict,),
        methods=MappingProxyType(
            {**methods("clear copy get items keys pop popitem values"), **methods("setdefault update", _grow)}
        ),
    ),
    Kind(
        "set",
        (set, frozenset),
        methods=MappingProxyType(
            {
                **methods("clear copy discard pop remove"),
                **methods(
                    "difference intersection isdisjoint issubset issuperset symmetric_difference union", _combine
                ),
                "add": _grow,
                "update": _update,
            }
        ),
    ),
    Kind("int", (int,)),
    Kind("float", (float,), methods=MappingProxyType(methods("is_integer"))),
)
