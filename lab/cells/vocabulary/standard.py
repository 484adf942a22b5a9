"""The few names of Python's standard library that are useful here, such as those of json and math."""

import json
import math
from collections import Counter
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from lab.cells.advice import Refused, refused
from lab.cells.bounds import MAX_VALUE_DEPTH, check_hashes, check_length, checked
from lab.cells.shown import Named, as_text
from lab.cells.vocabulary.calling import reduce
from lab.cells.vocabulary.kinds import Call, Class, Function, Kind, Module, methods
from lab.cells.vocabulary.looping import items

_MAX_INDENT: Final = 8


# --- json


def _dumps(call: Call) -> str:
    (value,) = call.positional
    given = dict(call.named)
    for name in given:
        if name not in {"indent", "sort_keys", "ensure_ascii", "default"}:
            raise refused(f"the argument {name!r} of dumps()", "There are indent, sort_keys, ensure_ascii and default.")
    indent = given.get("indent")
    if (isinstance(indent, int) and indent > _MAX_INDENT) or (isinstance(indent, str) and len(indent) > _MAX_INDENT):
        raise refused(f"an indent of more than {_MAX_INDENT}")
    if (default := given.get("default")) is not None:
        if not (isinstance(default, Function) and default.name == "str"):
            raise refused("such a default of dumps()", "Use default=str.")
        given["default"] = as_text
    pieces, length = [], 0
    for piece in json.JSONEncoder(**given).iterencode(value):
        length += len(piece)
        check_length(length)
        pieces.append(piece)
    return "".join(pieces)


def _loads(call: Call) -> Any:
    (text,) = call.positional
    if call.named:
        raise refused(f"the argument {next(iter(call.named))!r} of loads()", "Give it a text alone.")
    if not isinstance(text, str):
        raise TypeError(f"the JSON object must be str, not {type(text).__name__}")
    check_depth(text)
    value = json.loads(text, parse_int=lambda digits: checked(int(digits)))
    call.run.weigh(value)
    return value


def check_depth(text: str) -> None:
    """Refuse JSON that is nested deeper than a value may be; brackets inside strings do not count."""
    depth = 0
    inside = escaped = False
    for sign in text:
        if inside:
            inside = escaped or sign != '"'
            escaped = sign == "\\" and not escaped
        elif sign == '"':
            inside = True
        elif sign in "[{":
            depth += 1
            if depth > MAX_VALUE_DEPTH:
                raise Refused(f"This JSON is nested more than {MAX_VALUE_DEPTH} deep.")
        elif sign in "]}":
            depth -= 1


# --- math


def _of_numbers(function: Callable[..., Any]) -> Callable[[Call], Any]:
    def perform(call: Call) -> Any:
        for value in (*call.positional, *call.named.values()):
            if not isinstance(value, int | float):
                raise TypeError(f"must be real number, not {type(value).__name__}")
        return function(*call.positional, **call.named)

    return perform


_FUNCTIONS: Final = "ceil exp fabs floor isclose isfinite isinf isnan log log10 log2 sqrt trunc"
_MATH: Final = Module(
    "math",
    MappingProxyType(
        {
            **{name: Function(name, _of_numbers(getattr(math, name))) for name in _FUNCTIONS.split()},
            **{name: getattr(math, name) for name in ("e", "inf", "nan", "pi")},
        }
    ),
)


# --- collections


def _counter(call: Call) -> Counter[Any]:
    if call.named or len(call.positional) > 1:
        raise refused("more than one argument of Counter()", "Give it a list.")
    values = items(call.positional[0]) if call.positional else []
    check_hashes(values)
    return Counter(values)


def _most_common(call: Call) -> list[tuple[Any, int]]:
    count = call.only("n").get("n")
    # The counts may be any values, because a cell can assign them.
    pairs = sorted(call.owner.items(), key=lambda pair: call.run.snapshot(pair[1]), reverse=True)
    return pairs if count is None else pairs[: max(0, count)]


# --- the rest


def _nothing(_: Call) -> None:
    return None


_NOTHING: Final[Mapping[str, Function]] = MappingProxyType(
    {name: Function(name, _nothing) for name in ("filterwarnings", "simplefilter")}
)
_FOR_ANNOTATIONS: Final = """
    Any Callable Dict Final Iterable Iterator List Literal Mapping Optional Sequence Set Tuple Type Union
"""
MODULES: Final = (
    Module("json", MappingProxyType({"dumps": Function("dumps", _dumps), "loads": Function("loads", _loads)})),
    _MATH,
    Module("functools", MappingProxyType({"reduce": Function("reduce", reduce)})),
    Module("collections", MappingProxyType({"Counter": Class("collections.Counter", _counter, (Counter,))})),
    Module("typing", MappingProxyType({name: Named(f"typing.{name}") for name in _FOR_ANNOTATIONS.split()})),
    Module("warnings", _NOTHING),
)
KINDS: Final = (
    Kind(
        "Counter",
        (Counter,),
        methods=MappingProxyType({**methods("copy get items keys values"), "most_common": _most_common}),
    ),
)
