"""String formatting, as f-strings, `%`, `str.format` and `strftime` do it, with bounded widths and results."""

import re
from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal
from string import Formatter
from typing import Any, Final

from lab.cells.advice import refused
from lab.cells.bounds import Run, check_length
from lab.cells.shown import as_code, as_text

# Wide enough for tables.
_SPEC: Final = re.compile(r"(.?[<>^=])?[+ -]?#?0?\d{0,3}[,_]?(\.\d{1,2})?[bdeEfFgGosxX%]?", re.ASCII | re.DOTALL)
_PERCENT: Final = re.compile(
    r"%(?:\((?P<key>[^()]*)\))?(?P<how>[-+ #0]*(?P<width>\*|\d*)(?:\.(?P<digits>\*|\d*))?)[hlL]?(?P<kind>.|\Z)",
    re.DOTALL,
)
_KINDS: Final = "diouxXeEfFgGcrsa%"
_WHOLE: Final = "diouxXc"
# The C library behind `strftime` also takes widths, of any size.
_DATE_FORMAT: Final = re.compile(r"([^%]|%-?[a-zA-Z%])*", re.DOTALL)
MAX_DATE_FORMAT: Final = 200
# Most digits of a Decimal that is formatted as a whole number: Python would write out all digits of a larger one.
_MAX_DIGITS: Final = 40
# A formatted value costs one step for this many characters.
_PER_STEP: Final = 50
_F_STRING: Final = 'Use an f-string: f"batch {batch_id}".'


def formatted(value: Any, conversion: int, spec: str) -> str:
    """Return the text of a value in an f-string; the conversion is that of the syntax tree, -1 for none."""
    if conversion != -1:
        value = as_text(value) if conversion == ord("s") else as_code(value)
    if not spec:
        return as_text(value)
    if isinstance(value, date | time):
        check_date_format(spec)
        return format(value, spec)
    if not _SPEC.fullmatch(spec) or not isinstance(value, str | int | float | Decimal):
        raise refused(f"the format {spec[:40]!r}", 'Use one such as f"{x:.2f}" or f"{x:>10}".')
    return format(value, spec)


def check_date_format(form: Any) -> None:
    """Refuse a format of dates and times that is too long, or has more in it than plain directives."""
    if not isinstance(form, str):
        raise TypeError(f"a format is a text, not {type(form).__name__}")
    if len(form) > MAX_DATE_FORMAT or not _DATE_FORMAT.fullmatch(form):
        raise refused(f"the format {form[:40]!r}", 'Use one such as "%Y-%m-%d %H:%M:%S".')


def filled(run: Run, text: str, values: Any) -> str:
    """Return the text with its %s, %d and the like replaced by the values."""
    pieces = _Pieces()
    waiting = list(values) if isinstance(values, tuple) else [values]
    used = end = 0
    for found in _PERCENT.finditer(text):
        pieces.add(text[end : found.start()])
        end = found.end()
        if found["kind"] == "%":
            pieces.add("%")
        elif found["key"] is not None:
            if not isinstance(values, Mapping):
                raise TypeError("format requires a mapping")
            pieces.add(_percent(run, found, values[found["key"]]))
        else:
            if used >= len(waiting):
                raise TypeError("not enough arguments for format string")
            pieces.add(_percent(run, found, waiting[used]))
            used += 1
    if used < len(waiting) and not isinstance(values, Mapping | list):
        raise TypeError("not all arguments converted during string formatting")
    pieces.add(text[end:])
    return pieces.text


def put_in(run: Run, text: str, positional: tuple[Any, ...], named: Mapping[str, Any]) -> str:
    """Return the text with its {} replaced by the values, as `str.format` does, but without `{x.name}` and `{x[0]}`."""
    return _Fields(run, positional, named).put_in(text, inside=False)


class _Pieces:
    """The pieces of a text; raises Refused before it becomes too long."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._length = 0

    def add(self, piece: str) -> None:
        self._length += len(piece)
        check_length(self._length)
        self._pieces.append(piece)

    @property
    def text(self) -> str:
        return "".join(self._pieces)


class _Fields:
    """The values of one `str.format`, numbered automatically or by hand."""

    def __init__(self, run: Run, positional: tuple[Any, ...], named: Mapping[str, Any]) -> None:
        self._run = run
        self._positional = positional
        self._named = named
        self._next = 0
        self._by_hand = False

    def put_in(self, text: str, *, inside: bool) -> str:
        pieces = _Pieces()
        for literal, name, spec, conversion in Formatter().parse(text):
            pieces.add(literal)
            if name is None:
                continue
            if inside and spec:
                raise ValueError("Max string recursion exceeded")
            value = self._find(name)
            if conversion and conversion not in "rsa":
                raise ValueError(f"Unknown conversion specifier {conversion!r}")
            wanted = self.put_in(spec, inside=True) if spec else ""
            self._run.weigh(value)
            if conversion or not wanted:
                value = _paid(self._run, as_code(value) if conversion in {"r", "a"} else as_text(value))
            pieces.add(formatted(_ascii(value) if conversion == "a" else value, -1, wanted))
        return pieces.text

    def _find(self, name: str) -> Any:
        if not name or name.isdecimal():
            if (self._next and name) or (self._by_hand and not name):
                raise ValueError("cannot switch between manual field specification and automatic field numbering")
            if name:
                self._by_hand = True
                place = int(name) if len(name) < 6 else len(self._positional)
            else:
                place, self._next = self._next, self._next + 1
            if place >= len(self._positional):
                raise IndexError(f"Replacement index {name or place} out of range for positional args tuple")
            return self._positional[place]
        if not name.isidentifier():
            raise refused(f"{{{name[:40]}}} in format()", "Give format() the value itself, or " + _lower(_F_STRING))
        return self._named[name]


def _percent(run: Run, found: re.Match[str], value: Any) -> str:
    kind, how = found["kind"], found["how"]
    if kind not in _KINDS or not kind:
        shown = f"{kind!r}" if kind else "nothing"
        raise ValueError(f"unsupported format character: {shown} after % in a text; write %% for a percent sign")
    if "*" in how or len(found["width"]) > 3 or len(found["digits"] or "") > 2:
        raise refused(f"the format {found[0][:40]!r}", "Use one such as '%.2f' or '%10s', or " + _lower(_F_STRING))
    if kind in "rsa":
        text = as_text(value) if kind == "s" else as_code(value)
        _paid(run, text)
        return f"%{how}s" % (_ascii(text) if kind == "a" else text)
    if not isinstance(value, int | float | Decimal) and not (kind == "c" and isinstance(value, str)):
        words = "%c requires int or char" if kind == "c" else f"%{kind} format: a number is required"
        raise TypeError(f"{words}, not {type(value).__name__}")
    if kind in _WHOLE and isinstance(value, Decimal) and value.is_finite() and value.adjusted() > _MAX_DIGITS:
        raise refused(f"a decimal number of more than {_MAX_DIGITS} digits as %{kind}")
    return f"%{how}{kind}" % value


def _ascii(text: str) -> str:
    return text.encode("ascii", "backslashreplace").decode()


def _paid(run: Run, text: str) -> str:
    run.step(len(text) // _PER_STEP)
    return text


def _lower(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:]
