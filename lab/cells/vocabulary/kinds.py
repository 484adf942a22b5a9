"""What a vocabulary is made of: for each type, what a cell may read of an object and what it may call on it."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from lab.cells.advice import did_you_mean, refused
from lab.cells.articles import a
from lab.cells.bounds import Run
from lab.cells.shown import Named

# What a step costs that goes to Spark and back.
SPARK_STEPS: Final = 15


@dataclass(frozen=True)
class Call:
    """A call that a cell wants to make: of a method of an owner, or of a function, which has none.

    `invoke` calls a function that the cell has made, or any other value that it may call.
    """

    run: Run
    owner: Any
    name: str
    positional: tuple[Any, ...]
    named: Mapping[str, Any]
    invoke: Callable[[Run, Any, tuple[Any, ...]], Any]

    def perform(self) -> Any:
        """Make the call as it stands."""
        return getattr(self.owner, self.name)(*self.positional, **self.named)

    def arguments(self) -> dict[str, Any]:
        """Return the arguments by their names, as the method itself would see them; `*cols` and `**options` are spread."""
        bound = inspect.signature(getattr(self.owner, self.name)).bind(*self.positional, **self.named)
        given: dict[str, Any] = {}
        for name, value in bound.arguments.items():
            if bound.signature.parameters[name].kind is inspect.Parameter.VAR_KEYWORD:
                given.update(value)
            else:
                given[name] = value
        return given

    def only(self, *known: str) -> dict[str, Any]:
        """Return the arguments by their names, of which no others may be given."""
        given = self.arguments()
        for name in given:
            if name not in known:
                raise refused(f"the argument {name!r} of {self.name}()", did_you_mean(name, known))
        return given


Handler = Callable[[Call], Any]


def plain(call: Call) -> Any:
    """Make the call as it stands."""
    return call.perform()


def methods(names: str, handler: Handler = plain) -> dict[str, Handler]:
    """Return the named methods, all of them performed in the same way."""
    return dict.fromkeys(names.split(), handler)


@dataclass(frozen=True)
class Kind:
    """What a cell may do with the objects of some types."""

    title: str
    types: tuple[type, ...]
    attributes: frozenset[str] = frozenset()
    methods: Mapping[str, Handler] = field(default_factory=lambda: MappingProxyType({}))
    # What a cell reads of an object where it is not what Python would give.
    reads: Mapping[str, Callable[[Any], Any]] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def offered(self) -> frozenset[str]:
        """The names of everything that it offers."""
        return self.attributes | frozenset(self.methods) | frozenset(self.reads)


class Module(Named):
    """The listed names of a Python module, as a cell sees it; `advice` is for who looks for another one."""

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
    """A class of Python's own that a cell may call, with what it offers itself, such as `datetime.now`.

    `types` are what `isinstance` takes it for.
    """

    def __init__(
        self, name: str, handler: Handler, types: tuple[type, ...], names: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(name, handler, f"<class '{name}'>")
        self.types = types
        self.names = names or {}


class Method(Named):
    """A method that a cell has named, and has perhaps forgotten to call."""

    def __init__(self, owner: Any, kind: Kind, name: str) -> None:
        super().__init__(f"<method {name} of {a(kind.title)}: add () to call it>")
        self.owner = owner
        self.kind = kind
        self.name = name

    def holds(self) -> Iterable[Any]:
        """Its object, which is kept as long as the method has a name."""
        return (self.owner,)


class Defined(Named):
    """A function that a cell has defined; `perform` is called with the run that calls it, `text` is the cell's.

    `around` are the names of the functions around it, by which it holds values. It also holds the tree of its cell.
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
        """Its defaults, and what the functions around it have named."""
        return *(parameter.default for parameter in self.signature.parameters.values()), *self._around
