"""Checks of schemas and types, as texts or as objects, before Spark parses them or reads files with them."""

import re
from collections.abc import Iterator
from typing import Any, Final

from pyspark.sql.types import ArrayType, DataType, DecimalType, MapType, StructField, StructType

from lab.cells.advice import Refused, refused

# Spark walks a type recursively in each of its tasks: a depth of 250 ends Java.
MAX_TYPE_DEPTH: Final = 10
# A log file has three.
MAX_COLUMNS: Final = 200
MAX_SCHEMA: Final = 5_000
# Names, types, their brackets and numbers. Nothing else, because a default value would be SQL inside a schema.
_TOKEN: Final = re.compile(
    r"""\s+|\w+|`[^`\x00-\x1f\x7f]{1,200}`(?!`)|'[^'\\\x00-\x1f]{0,200}'|\(\s*\d{1,3}\s*(,\s*\d{1,3}\s*)?\)|[<>,:]"""
)
_WORDS_OF_SQL: Final = frozenset({"default", "generated", "collate", "as", "identity", "check"})
_NO_DECIMAL: Final = "Use DOUBLE: what a file holds as 1e-100000000 would keep Spark busy for ever."


def check_schema(schema: Any) -> None:
    """Refuse a schema for reading files that is not a plain list of columns, or has a DECIMAL."""
    if isinstance(schema, str):
        words = _words_of(schema)
        if not words.isdisjoint(_WORDS_OF_SQL):
            raise refused("default values in a schema", 'Give names and types: "serverID STRING, severity INT".')
        if not words.isdisjoint({"decimal", "dec", "numeric"}):
            raise refused("DECIMAL in a schema", _NO_DECIMAL)
        if schema.count(",") >= MAX_COLUMNS:
            raise _too_many_columns()
    elif isinstance(schema, DataType):
        check_type(schema)
        if any(isinstance(each, DecimalType) for each in _parts(schema)):
            raise refused("DECIMAL in a schema", _NO_DECIMAL)


def check_type(kind: DataType) -> None:
    """Refuse a type that is nested too deeply, or has too many columns."""
    level: list[DataType] = [kind]
    for _ in range(MAX_TYPE_DEPTH):
        level = [inner for each in level for inner in _inner(each)]
        if len(level) > MAX_COLUMNS:
            raise _too_many_columns()
        if not level:
            return
    raise Refused(f"A type is nested at most {MAX_TYPE_DEPTH} deep.")


def is_decimal(kind: Any) -> bool:
    """Return whether the type of a cast is a DECIMAL; refuse SQL in a type, and a DECIMAL inside another type."""
    if isinstance(kind, DataType):
        check_type(kind)
        if isinstance(kind, DecimalType):
            return True
        if any(isinstance(each, DecimalType) for each in _parts(kind)):
            raise refused("DECIMAL inside another type", "Use DOUBLE.")
        return False
    if not isinstance(kind, str):
        return False  # Spark says what is wrong
    words = _words_of(kind)
    if not words.isdisjoint(_WORDS_OF_SQL):
        raise refused(f"the type {kind[:60]!r}", "Use a plain one, such as 'int'.")
    if words.isdisjoint({"decimal", "dec", "numeric"}):
        return False
    if "<" in kind:
        raise refused("DECIMAL inside another type", "Use DOUBLE.")
    return True


def check_read(schema: StructType, *, has_decimals: bool) -> None:
    """Refuse a schema that Spark has found in the files if it is too large, or has an unexpected DECIMAL."""
    check_type(schema)
    if not has_decimals and any(isinstance(each, DecimalType) for each in _parts(schema)):
        raise refused("DECIMAL, which inferSchema has found", "Give the schema yourself. " + _NO_DECIMAL)


def _words_of(text: str) -> frozenset[str]:
    """Return the words of a schema or a type; raise Refused for anything else in it, and for deep nesting."""
    if len(text) > MAX_SCHEMA:
        raise refused(f"a schema of more than {MAX_SCHEMA:,} characters")
    if "${" in text:
        raise refused("'${' in a schema or a type")
    position = depth = 0
    words = set()
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None:
            raise refused(
                f"{text[position : position + 20]!r} in a schema or a type",
                'Write it as in "serverID STRING, severity INT".',
            )
        position = found.end()
        words.add(found[0].lower())
        depth += (found[0] == "<") - (found[0] == ">")
        if depth > MAX_TYPE_DEPTH:
            raise Refused(f"A type is nested at most {MAX_TYPE_DEPTH} deep.")
    return frozenset(words)


def _inner(kind: Any) -> list[DataType]:
    match kind:
        case StructType():
            return [field.dataType for field in kind.fields]
        case StructField():
            return [kind.dataType]
        case ArrayType():
            return [kind.elementType]
        case MapType():
            return [kind.keyType, kind.valueType]
        case _:
            return []


def _parts(kind: DataType) -> Iterator[DataType]:
    """Yield the type and all types inside it; check its depth first with `check_type`."""
    yield kind
    for each in _inner(kind):
        yield from _parts(each)


def _too_many_columns() -> Refused:
    return Refused(f"A schema has at most {MAX_COLUMNS} columns.")
