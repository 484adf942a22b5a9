"""The allow-list of SQL forms: the kinds of nodes, the parts that each may have, and the values of its leaves.

The parser knows far more than the lab does, and its generator writes many names and flags unchanged. So a form that is
not listed here is refused, however harmless it looks.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from sqlglot import exp

from lab.cells.advice import Refused, refused
from lab.cells.patterns import check_format, check_pattern
from lab.cells.sought import check_sought, refused_column
from lab.cells.spark_functions import MAX_SCALE, words
from lab.cells.sql.tokens import check_function

# Limits the digits of a number and of its exponent: 1e-100000000 as a DECIMAL would keep a core busy for ever.
_NUMBER: Final = re.compile(r"(\d{1,38}(\.\d{0,38})?|\.\d{1,38})([eE][+-]?\d{1,3})?", re.ASCII)
_SPAN: Final = re.compile(r"[+-]?\d{1,9}", re.ASCII)
_NAME: Final = re.compile(r"\w+", re.ASCII)
# No backtick, which would end the name, and no control characters. A column may be called `count(1)`.
_QUOTED: Final = re.compile(r"[^`\x00-\x1f\x7f]{1,200}")
# Spark would replace ${...} with settings and with environment variables of the server.
_VARIABLE: Final = "${"

_UNITS: Final = frozenset(f"{unit}{s}" for unit in words("YEAR MONTH WEEK DAY HOUR MINUTE SECOND") for s in ("", "S"))
# Spark goes through all rows of a window for each row.
MAX_WINDOW: Final = 1_000
_BINARY: Final = "this expression"
_QUERY: Final = "with_ order limit offset"
# The parts that a node may have, by its kind. These kinds are syntax; functions follow.
_PARTS: Final[Mapping[str, frozenset[str]]] = {
    **dict.fromkeys(
        words("Add And Div EQ GT GTE IntDiv Is LT LTE Mod Mul NEQ NullSafeEQ NullSafeNEQ Or Sub Escape PropertyEQ"),
        words(f"{_BINARY} typed safe negate"),
    ),
    **dict.fromkeys(words("ILike Like"), words(f"{_BINARY} negate")),
    **dict.fromkeys(words("Boolean Having Neg Not Null Paren Where Var DataTypeParam From"), words("this")),
    **dict.fromkeys(words("Except Intersect Union"), words(f"{_BINARY} distinct {_QUERY}")),
    **dict.fromkeys(words("Cast TryCast"), words("this to safe")),
    "Alias": words("this alias"),
    "Between": words("this low high"),
    "CTE": words("this alias"),
    "Case": words("this ifs default"),
    "Column": words("this table db catalog"),
    "DataType": words("this expressions nested"),
    "Distinct": words("expressions"),
    "Exists": words("this"),
    "Filter": words(_BINARY),
    "Group": words("expressions"),
    "Identifier": words("this quoted"),
    "If": words("this true false"),
    "In": words("this expressions query"),
    "Interval": words("this unit"),
    "Join": words("this on side kind using"),
    "Limit": words("expression"),
    "Literal": words("this is_string"),
    "Offset": words("expression"),
    "Order": words("expressions"),
    "Ordered": words("this desc nulls_first"),
    "RegexpLike": words(_BINARY),
    "Select": words(f"{_QUERY} expressions distinct from_ joins where group having"),
    "Star": frozenset(),
    "Subquery": words(f"{_QUERY} this alias"),
    "Table": words("this alias joins"),
    "TableAlias": words("this columns"),
    "Tuple": words("expressions"),
    "Window": words("this partition_by order spec over"),
    "WindowSpec": words("kind start start_side end end_side"),
    "With": words("expressions"),
}
# The parser's node kinds for the listed functions.
_FUNCTIONS: Final = words(
    """
    Abs Acos AddMonths Anonymous AnyValue ApproxDistinct ArgMax ArgMin Array ArrayAgg ArrayContains ArrayMax
    ArrayMin ArrayPosition ArraySize ArraySort ArrayUniqueAgg Ascii Asin Atan Atan2 Avg Cbrt Ceil Coalesce Concat ConcatWs
    Contains Corr Cos Count CountIf CovarPop CovarSamp CurrentDate CurrentTimestamp DateDiff DateTrunc Day DayOfMonth
    DayOfWeek DayOfYear Degrees DenseRank EndsWith EqualNull Exp Explode First FirstValue Floor Greatest Hour Initcap IsNan
    Kurtosis Lag Last LastDay LastValue Lead Least Left Length Ln Log LogicalAnd LogicalOr Lower MD5 Max Median Min Minute
    Mode Month MonthsBetween Nanvl Negative NextDay Nullif Nvl2 Pow Quarter Radians Rand Randn Rank Reverse Right Rint Round
    RowNumber SHA2 SafeAdd SafeDivide SafeMultiply SafeSubtract Second Sign Sin Skewness Sqrt StartsWith Stddev StddevPop
    StddevSamp StrPosition StrToTime StrToUnix Struct Substring SubstringIndex Sum Tan Tanh TimeStrToTime TimeToStr
    TimestampAdd TimestampTrunc Trim TsOrDsAdd TsOrDsToDate Typeof UnixToStr Upper Variance VariancePop WeekOfYear Year
    """
)
_TYPES: Final = words(
    """
    BIGINT BINARY BOOLEAN CHAR DATE DECIMAL DOUBLE FLOAT INT SMALLINT TEXT TIMESTAMP TIMESTAMPLTZ TIMESTAMPNTZ TIMESTAMPTZ
    TINYINT VARCHAR
    """
)
# Parts that are a plain text instead of a node, and the values they may have.
_TEXTS: Final[Mapping[tuple[str, str], re.Pattern[str]]] = {
    ("Anonymous", "this"): _NAME,
    ("Var", "this"): _NAME,
    ("Join", "kind"): re.compile("INNER|CROSS|OUTER|SEMI|ANTI"),
    ("Join", "side"): re.compile("LEFT|RIGHT|FULL"),
    ("Trim", "position"): re.compile("BOTH|LEADING|TRAILING"),
    ("Window", "over"): re.compile("OVER"),
    ("WindowSpec", "kind"): re.compile("ROWS|RANGE", re.IGNORECASE),
    **dict.fromkeys(
        [("WindowSpec", "start"), ("WindowSpec", "end")], re.compile("UNBOUNDED|CURRENT ROW", re.IGNORECASE)
    ),
    **dict.fromkeys(
        [("WindowSpec", "start_side"), ("WindowSpec", "end_side")], re.compile("PRECEDING|FOLLOWING", re.IGNORECASE)
    ),
}
# Functions that look for a text in another, and the part with what they look for.
_SOUGHT: Final[Mapping[type, str]] = {
    exp.Contains: "expression",
    exp.StrPosition: "substr",
    exp.SubstringIndex: "delimiter",
    exp.Trim: "expression",
}
# Functions with a date format, which is a small language of its own in Spark.
_FORMATTED: Final = exp.StrToTime | exp.StrToUnix | exp.TimeToStr | exp.TsOrDsToDate | exp.UnixToStr


def check_form(node: Any) -> None:
    """Refuse a node that is not listed, that has a part or a leaf that is not, or that could cost too much."""
    kind = type(node).__name__
    parts = node.arg_types if kind in _FUNCTIONS else _PARTS.get(kind)
    if parts is None:
        raise refused(f"{excerpt(node)!r} in SQL", "A SELECT with JOIN, WHERE, GROUP BY, HAVING and ORDER BY will do.")
    for name, leaf in _leaves(node):
        if name not in parts or not _is_listed(kind, name, leaf):
            raise _refused_part(node)
    _check_leaf(node)
    _check_cost(node)


def excerpt(node: Any) -> str:
    """Return the start of a node's SQL text."""
    return str(node.sql(dialect="spark"))[:60]


def _leaves(node: Any) -> Iterator[tuple[str, Any]]:
    """Yield the name and value of each part that a node has; a list yields each of its items."""
    for name, value in node.args.items():
        for each in value if isinstance(value, list) else [value]:
            if each is not None and each is not False:
                yield name, each


def _is_listed(kind: str, name: str, leaf: Any) -> bool:
    if kind == "DataType" and name == "this":
        return isinstance(leaf, exp.DType) and leaf.name in _TYPES
    if isinstance(leaf, exp.Expression):
        return True  # the walk checks each node by itself
    if kind in {"Identifier", "Literal"}:
        return True  # see _check_leaf
    if isinstance(leaf, str):
        pattern = _TEXTS.get((kind, name))
        return pattern is not None and pattern.fullmatch(leaf) is not None
    return leaf is True


def _check_leaf(node: Any) -> None:
    """Refuse a name, number, text, interval or type that could mean more than a plain one."""
    if isinstance(node, exp.Identifier):
        text = node.name
        if not (_QUOTED if node.args.get("quoted") else _NAME).fullmatch(text) or _VARIABLE in text:
            raise refused(f"the name {text[:60]!r} in SQL", "Use letters, digits and _.")
    elif isinstance(node, exp.Literal):
        if not node.is_string and not _NUMBER.fullmatch(node.name):
            raise refused(f"the number {node.name[:60]} in SQL", "Write it with fewer digits.")
        if node.is_string and (_VARIABLE in node.name or re.search(r"[\x00-\x08\x0e-\x1f\x7f]", node.name)):
            raise refused(f"the text {node.name[:60]!r} in SQL", "Use plain letters.")
    elif isinstance(node, exp.Interval):
        if (
            not (isinstance(node.this, exp.Literal) and _SPAN.fullmatch(node.this.name))
            or node.text("unit") not in _UNITS
        ):
            raise refused(f"{excerpt(node)!r} in SQL", "Give an interval as in INTERVAL 1 DAY.")
    elif isinstance(node, exp.DataTypeParam):
        if not (isinstance(node.this, exp.Literal) and node.this.is_int and len(node.this.name) <= 3):
            raise refused(f"the type with {excerpt(node)!r} in SQL", "Give it whole numbers, as in DECIMAL(10, 2).")
    elif isinstance(node, exp.DataType) and not all(isinstance(part, exp.DataTypeParam) for part in node.expressions):
        raise refused(f"the type {excerpt(node)!r} in SQL", "Use a plain type, such as INT or DOUBLE.")


def _check_called(node: Any) -> None:
    """Refuse a function that is not listed, what btrim may not look for, and a format for try_to_timestamp.

    The token check allows keywords before a parenthesis, as in CAST(x AS DECIMAL(3)). One that the parser takes for a
    function call is refused here.
    """
    check_function(node.name)
    if node.name.lower() == "btrim" and len(node.expressions) > 1:
        _check_sought(node, node.expressions[1])
    if node.name.lower() == "try_to_timestamp" and len(node.expressions) > 1:
        raise refused("the format of try_to_timestamp", "Use to_timestamp.")


def _check_sought(node: Any, sought: Any) -> None:
    if not isinstance(sought, exp.Literal):
        raise refused_column(f"{excerpt(node)!r}")
    check_sought("", sought.name)


def _check_texts(node: Any) -> None:
    """Refuse a pattern, a format or a sought text that is not written out, or that could take for ever."""
    if isinstance(node, exp.Like | exp.ILike | exp.RegexpLike):
        pattern = node.args.get("expression")
        if not isinstance(pattern, exp.Literal):
            raise refused("a pattern that is no plain text in SQL")
        check_pattern(pattern.name, regular=isinstance(node, exp.RegexpLike))
    elif isinstance(node, _FORMATTED) and (form := node.args.get("format")) is not None:
        if not isinstance(form, exp.Literal):
            raise refused("a format that is no plain text in SQL")
        check_format(form.name)
    elif type(node) in _SOUGHT and (sought := node.args.get(_SOUGHT[type(node)])) is not None:
        _check_sought(node, sought)


def _check_cost(node: Any) -> None:
    """Refuse a node of a listed kind whose work could take for ever."""
    _check_texts(node)
    if isinstance(node, exp.Table) and not (isinstance(node.this, exp.Identifier) and _NAME.fullmatch(node.name)):
        raise _refused_part(node)
    if isinstance(node, exp.Anonymous):
        _check_called(node)
    elif isinstance(node, exp.WindowSpec):
        for edge in (node.args.get("start"), node.args.get("end")):
            if isinstance(edge, exp.Expression) and not (
                edge.is_int and int(edge.name) <= MAX_WINDOW and node.text("kind").upper() == "ROWS"
            ):
                raise refused(f"{excerpt(node)!r} in SQL", f"Use ROWS, and at most {MAX_WINDOW:,} of them.")
    elif isinstance(node, exp.ApproxDistinct) and node.args.get("accuracy"):
        raise refused("the accuracy of approx_count_distinct", "Leave it out.")
    elif isinstance(node, exp.Func) and (scale := node.args.get("decimals")) is not None:
        digits = scale.this if isinstance(scale, exp.Neg) else scale
        if not (isinstance(digits, exp.Literal) and digits.is_int and int(digits.name) <= MAX_SCALE):
            raise refused(f"{excerpt(node)!r} in SQL", f"Round to at most {MAX_SCALE} digits.")


def _refused_part(node: Any) -> Refused:
    if isinstance(node, exp.Table):
        # A table's name with a database before it can make Spark read a file: text.`/etc/passwd`.
        return refused(f"{excerpt(node)!r} as a table", "Use the name of a query with a memory sink, or of a view.")
    if isinstance(node, exp.With):
        return refused("WITH RECURSIVE")
    return refused(f"{excerpt(node)!r} in SQL", "Write it more simply.")
