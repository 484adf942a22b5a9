"""The parameters of a function that a cell makes."""

import ast
import inspect
from collections.abc import Callable
from typing import Any


def signature(arguments: ast.arguments, value: Callable[[ast.expr], Any]) -> inspect.Signature:
    """Return the parameters with their defaults, which are evaluated now; annotations are ignored."""
    kind = inspect.Parameter
    plain = [*arguments.posonlyargs, *arguments.args]
    required = len(plain) - len(arguments.defaults)
    defaults = [kind.empty] * required + [value(node) for node in arguments.defaults]
    parameters = [
        kind(argument.arg, kind.POSITIONAL_OR_KEYWORD, default=default)
        for argument, default in zip(plain, defaults, strict=True)
    ]
    if arguments.vararg:
        parameters.append(kind(arguments.vararg.arg, kind.VAR_POSITIONAL))
    parameters += [
        kind(argument.arg, kind.KEYWORD_ONLY, default=value(node) if node else kind.empty)
        for argument, node in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    ]
    if arguments.kwarg:
        parameters.append(kind(arguments.kwarg.arg, kind.VAR_KEYWORD))
    return inspect.Signature(parameters)
