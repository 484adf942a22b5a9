"""The errors that a cell may name: to catch them with `except`, and to raise them."""

import builtins
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from py4j.protocol import Py4JJavaError
from pyspark import errors

from lab.cells.advice import refused
from lab.cells.bounds import check_length
from lab.cells.shown import Named, as_text
from lab.cells.spark_functions import words
from lab.cells.vocabulary.kinds import Call, Function
from lab.engine.conditions import TOO_LARGE

_OF_PYTHON: Final = words(
    """
    ArithmeticError AssertionError AttributeError Exception IndexError KeyError LookupError NameError
    NotImplementedError OverflowError RuntimeError TypeError UnboundLocalError ValueError ZeroDivisionError
    """
)
_OF_SPARK: Final = words(
    """
    AnalysisException IllegalArgumentException ParseException PySparkException PySparkTypeError PySparkValueError
    StreamingQueryException
    """
)
# Errors that the cell itself causes. A cell cannot recover from others, such as a refusal of the lab or a lost Java.
_CATCHABLE: Final = (
    *(ArithmeticError, AssertionError, AttributeError, LookupError, NameError, RuntimeError, TypeError, ValueError),
    *(errors.PySparkException, Py4JJavaError),
)


class Caught(Named):
    """An error as a cell sees it: its class and its message, without a traceback."""

    def __init__(self, kind: type[Exception], message: str) -> None:
        check_length(len(message))
        super().__init__(f"{kind.__name__}({message!r})" if message else f"{kind.__name__}()")
        self.kind = kind
        self.message = message
        self.weight = 1 + len(message) // 50

    def __str__(self) -> str:
        return self.message


class ErrorClass(Function):
    """The class of an error: an `except` names it, and a call of it makes an error to raise."""

    def __init__(self, kind: type[Exception]) -> None:
        super().__init__(kind.__name__, self._make, f"<class '{kind.__name__}'>")
        self.kind = kind

    def _make(self, call: Call) -> Caught:
        if call.named or len(call.positional) > 1:
            raise refused(f"more than one argument of {self.name}()", f'Give it one text: {self.name}("...").')
        return Caught(self.kind, as_text(call.positional[0]) if call.positional else "")


def is_catchable(error: BaseException | None) -> bool:
    """Return whether an `except` of a cell may catch the error."""
    if isinstance(error, RecursionError) or TOO_LARGE in str(error):
        return False
    return type(error) is Exception or isinstance(error, _CATCHABLE)


def kinds_caught(value: Any) -> tuple[type[Exception], ...]:
    """Return the error classes named after `except`, one or a tuple; raise TypeError for anything else."""
    if isinstance(value, ErrorClass):
        return (value.kind,)
    if isinstance(value, tuple):
        return tuple(kind for each in value for kind in kinds_caught(each))
    raise TypeError("catching classes that are not errors: name one after except, such as ValueError")


ERRORS: Final[Mapping[str, ErrorClass]] = MappingProxyType(
    {name: ErrorClass(getattr(builtins, name)) for name in sorted(_OF_PYTHON)}
)
SPARK_ERRORS: Final[Mapping[str, ErrorClass]] = MappingProxyType(
    {name: ErrorClass(getattr(errors, name)) for name in sorted(_OF_SPARK)}
)
