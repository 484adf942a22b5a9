"""Addresses built with `os.path` and `pathlib`: texts only, because a cell cannot reach any file system."""

import posixpath
from collections.abc import Callable
from types import MappingProxyType
from typing import Any, Final

from lab.cells.bounds import check_length
from lab.cells.shown import Named
from lab.cells.vocabulary.kinds import Call, Class, Function, Kind, Module, methods

_NO_FILES: Final = (
    "Nothing outside Spark and your three folders can be reached from a cell: os.path.join puts an address together."
)


class Address(Named):
    """An address joined as in `pathlib`, except that `//` is kept: s3://bucket/folder."""

    def __init__(self, text: str) -> None:
        check_length(len(text))
        super().__init__(f"Path({text!r})")
        self._address = text
        self.weight = 1 + len(text) // 100

    def __str__(self) -> str:
        return self._address

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Address) and other._address == self._address

    def __hash__(self) -> int:
        return hash(self._address)

    def __truediv__(self, other: object) -> "Address":
        return self.joined(other) if isinstance(other, str | Address) else NotImplemented

    def __rtruediv__(self, other: object) -> "Address":
        return Address(other).joined(self) if isinstance(other, str) else NotImplemented

    def joined(self, *parts: Any) -> "Address":
        """Return the address with the parts appended."""
        text = posixpath.join(self._address, *map(_text, parts))
        return Address(text.rstrip("/") if len(text) > 1 and not text.endswith("//") else text)

    @property
    def name(self) -> str:
        """The last part."""
        return self._address.rstrip("/").rpartition("/")[2]

    @property
    def stem(self) -> str:
        """The last part, without its suffix."""
        return self.name.removesuffix(self.suffix)

    @property
    def suffix(self) -> str:
        """The end of the last part from its last dot on; empty when there is none."""
        return posixpath.splitext(self.name)[1]

    @property
    def parent(self) -> "Address":
        """The address without its last part."""
        return Address(posixpath.dirname(self._address.rstrip("/")) or ".")


def _text(value: Any) -> str:
    if isinstance(value, str | Address):
        return str(value)
    raise TypeError(f"expected a text as a part of an address, not {type(value).__name__}")


def _address(call: Call) -> Address:
    first, *rest = call.positional or (".",)
    return Address(_text(first).rstrip("/") or "/").joined(*rest)


def _of_texts(function: Callable[..., Any]) -> Callable[[Call], Any]:
    def perform(call: Call) -> Any:
        return function(*map(_text, call.positional))

    return perform


def _joinpath(call: Call) -> Address:
    joined: Address = call.owner.joined(*call.positional)
    return joined


def _as_text(call: Call) -> str:
    return str(call.owner)


_PATH: Final = Module(
    "os.path",
    MappingProxyType(
        {
            **{
                name: Function(name, _of_texts(getattr(posixpath, name)))
                for name in ("basename", "dirname", "join", "split", "splitext")
            },
            "sep": "/",
        }
    ),
    _NO_FILES,
)
MODULES: Final = (
    _PATH,
    Module("os", MappingProxyType({"path": _PATH, "sep": "/"}), _NO_FILES),
    Module(
        "pathlib",
        MappingProxyType(
            {name: Class(f"pathlib.{name}", _address, (Address,)) for name in ("Path", "PurePath", "PurePosixPath")}
        ),
        _NO_FILES,
    ),
)
KINDS: Final = (
    Kind(
        "Path",
        (Address,),
        frozenset({"name", "parent", "stem", "suffix"}),
        MappingProxyType({"joinpath": _joinpath, **methods("as_posix as_uri", _as_text)}),
    ),
)
