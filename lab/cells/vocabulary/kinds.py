"""The building blocks of the vocabulary: for each type, the attributes a cell may read and the methods it may call."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from lab.cells.advice import did_you_mean, refused
from lab.cells.articles import a
from lab.cells.bounds import Run
from lab.cells.shown import Named

# How many steps a call to Spark costs.
SPARK_STEPS: Final = 15


@dataclass(frozen=True)
class Call:
    """A call that a cell wants to make: of a method of `owner`, or of a function (then `owner` is None).

    `invoke` calls a function that the cell has defined, or any other value that it may call.
    """

    run: Run
    owner: Any
    name: str
    positional: tuple[Any, ...]
    named: Mapping[str, Any]
    invoke: Callable[[Run, Any, tuple[Any, ...]], Any]

    def perform(self) -> Any:
        """Call the owner's method with the arguments unchanged."""
        return getattr(self.owner, self.name)(*self.positional, **self.named)

    def arguments(self) -> dict[str, Any]:
        """Return the arguments by parameter name, as the method would bind them; `**options` are merged in by key."""
        bound = inspect.signature(getattr(self.owner, self.name)).bind(*self.positional, **self.named)
        given: dict[str, Any] = {}
        for name, value in bound.arguments.items():
            if bound.signature.parameters[name].kind is inspect.Parameter.VAR_KEYWORD:
                given.update(value)
            else:
                given[name] = value
        return given

    def only(self, *known: str) -> dict[str, Any]:
        """Return the arguments by name; raise Refused for an argument that is not in `known`."""
        given = self.arguments()
        for name in given:
            if name not in known:
                raise refused(f"the argument {name!r} of {self.name}()", did_you_mean(name, known))
        return given


Handler = Callable[[Call], Any]


def plain(call: Call) -> Any:
    """Perform the call unchanged."""
    return call.perform()


def methods(names: str, handler: Handler = plain) -> dict[str, Handler]:
    """Return a mapping of the named methods to one handler; `names` is separated by spaces."""
    return dict.fromkeys(names.split(), handler)


@dataclass(frozen=True)
class Kind:
    """What a cell may do with the objects of some types."""

    title: str
    types: tuple[type, ...]
    attributes: frozenset[str] = frozenset()
    methods: Mapping[str, Handler] = field(default_factory=lambda: MappingProxyType({}))
    # Attributes whose value differs from Python's own, with the function that returns it.
    reads: Mapping[str, Callable[[Any], Any]] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def offered(self) -> frozenset[str]:
        """The names of all attributes and methods."""
        return self.attributes | frozenset(self.methods) | frozenset(self.reads)


class Module(Named):
    """A Python module as a cell sees it: its listed names, and the `advice` for any other name."""

    def __init__(self, name: str, names: Mapping[str, Any], advice: str = "") -> None:
        super().__init__(f"<module '{name}'>")
        self.name = name
        self.names = names
        self.advice = advice


class Function(Named):
    """A function of the lab's vocabulary: a builtin of Python, or a function of Spark, which takes more steps."""

    def __init__(self, name: str, handler: Handler, text: str = "", steps: int = 1) -> None:
        super().__init__(text or f"<function {name}>")
        self.steps = steps
        self.name = name
        self.handler = handler


class Class(Function):
    """A class that a cell may call; `names` are attributes of the class itself, such as `datetime.now`.

    `types` are the classes it stands for in `isinstance`.
    """

    def __init__(
        self, name: str, handler: Handler, types: tuple[type, ...], names: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(name, handler, f"<class '{name}'>")
        self.types = types
        self.names = names or {}


class Method(Named):
    """A bound method that a cell has named, and perhaps forgotten to call."""

    def __init__(self, owner: Any, kind: Kind, name: str) -> None:
        super().__init__(f"<method {name} of {a(kind.title)}: add () to call it>")
        self.owner = owner
        self.kind = kind
        self.name = name

    def holds(self) -> Iterable[Any]:
        """Return its object, which the method keeps alive."""
        return (self.owner,)


class Defined(Named):
    """A function that a cell has defined; `perform` is called with the calling run, `text` is the text of its cell.

    `around` are the scopes of the functions around it: it keeps their values alive, and also the tree of its cell.
    """

    weight = 2_000

    def __init__(
        self,
        name: str,
        text: Any,
        signature: inspect.Signature,
        perform: Callable[[Run, dict[str, Any]], Any],
        around: tuple[dict[str, Any], ...] = (),
    ) -> None:
        super().__init__(f"<function {name}>")
        self.name = name
        self.text = text
        self.signature = signature
        self.perform = perform
        self._around = around

    def holds(self) -> Iterable[Any]:
        """Return its defaults, and the scopes of the functions around it."""
        return *(parameter.default for parameter in self.signature.parameters.values()), *self._around
