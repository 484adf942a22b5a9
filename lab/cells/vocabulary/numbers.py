"""Python's functions for numbers and single characters."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from lab.cells.operators import check_power
from lab.cells.vocabulary.kinds import Call


def _plain(function: Callable[..., Any]) -> Callable[[Call], Any]:
    """Return a handler that calls Python's function with plain numbers or texts; it raises TypeError for others."""

    def perform(call: Call) -> Any:
        if call.named:
            raise TypeError(f"{call.name}() takes no keyword arguments")
        for value in call.positional:
            if not isinstance(value, str | int | float):
                raise TypeError(f"{call.name}() takes numbers, not {type(value).__name__}")
        return function(*call.positional)

    return perform


def _power(call: Call) -> Any:
    match call.positional:
        case (base, exponent) | (base, exponent, None):
            check_power(base, exponent)
    return _plain(pow)(call)


NUMBERS: Final[Mapping[str, Callable[[Call], Any]]] = MappingProxyType(
    {
        "bin": _plain(bin),
        "chr": _plain(chr),
        "divmod": _plain(divmod),
        "hex": _plain(hex),
        "ord": _plain(ord),
        "pow": _power,
    }
)
