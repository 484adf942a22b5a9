"""Checks of addresses, formats, options and names before Spark gets them."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from pyspark.sql import DataFrameReader, DataFrameWriter
from pyspark.sql.streaming.readwriter import DataStreamReader, DataStreamWriter

from lab.bucket import MAX_KEY, MAX_PARTS
from lab.cells.advice import ADVICE, OUTSIDE, Mistaken, did_you_mean, refused
from lab.cells.globs import MAX_PATTERN, folder_of, is_pattern, is_safe_pattern
from lab.cells.patterns import check_format
from lab.cells.vocabulary.kinds import Call

_OPTIONS_ARE: Final = "There are header, sep, checkpointLocation, maxFilesPerTrigger and others."
FILES: Final = frozenset({"csv", "json", "parquet", "text"})
_FORMATS: Final[Mapping[type, frozenset[str]]] = MappingProxyType(
    {
        DataFrameReader: FILES,
        DataStreamReader: FILES,
        DataFrameWriter: FILES | {"noop"},
        DataStreamWriter: FILES | {"noop", "memory"},
    }
)
_PATH_OPTIONS: Final = frozenset({"checkpointlocation", "path"})
# In lower case, as Spark compares them. Spark passes unknown options to Hadoop, which loads classes by name.
_OPTIONS: Final = _PATH_OPTIONS | frozenset(
    """
    allowsinglequotes charset charToEscapeQuoteEscaping columnNameOfCorruptRecord comment dateFormat delimiter emptyValue
    encoding enforceSchema escape escapeQuotes fileNameOnly header ignoreCorruptFiles ignoreLeadingWhiteSpace
    ignoreMissingFiles ignoreTrailingWhiteSpace inferSchema latestFirst lineSep locale maxFileAge maxFilesPerTrigger
    mergeSchema mode modifiedAfter modifiedBefore multiLine nanValue negativeInf nullValue pathGlobFilter positiveInf
    preferDate primitivesAsString quote quoteAll quoteMode recursiveFileLookup sep
    timestampFormat timestampNTZFormat timeZone truncate numRows unescapedQuoteHandling wholetext withEventTime
    """.lower().split()
)
_FORMAT_OPTIONS: Final = frozenset({"dateformat", "timestampformat", "timestampntzformat"})
_ODD_SIGN: Final = re.compile(r"[^\w./=-]", re.ASCII)
# Characters of an option's value, such as a separator.
MAX_OPTION: Final = 100
# Each column of partitionBy is one more level of folders.
MAX_PARTITION_COLUMNS: Final = 3
# Characters of a query's name.
MAX_NAME: Final = 100


def check_partition(columns: Any) -> None:
    """Refuse partitionBy with too many columns."""
    names = columns if isinstance(columns, list | tuple) else [columns]
    if len(names) > MAX_PARTITION_COLUMNS or any(isinstance(each, list | tuple) and len(each) > 1 for each in names):
        raise refused(f"more than {MAX_PARTITION_COLUMNS} columns for folders", "Use partitionBy with one column.")


def check_name(name: Any) -> None:
    """Refuse a query name that is too long, or has a backtick, which Spark would parse."""
    if isinstance(name, str) and (len(name) > MAX_NAME or "`" in name):
        raise refused(f"{name[:MAX_NAME]!r} as the name of a query", "Use a plain name, such as volume_report.")


def check_option(call: Call, name: Any, value: Any) -> None:
    """Refuse an option that is not listed, or a value of it that is not allowed."""
    key = str(name).lower()
    if key == "cleansource" and str(value).lower() == "off":
        return  # Spark's default, written out
    if key == "queryname" and isinstance(call.owner, DataStreamWriter):
        if not isinstance(value, str):
            raise refused("such a name of a query", "Give it as a text.")
        check_name(value)
        return
    if key not in _OPTIONS:
        raise refused(
            f"the option {name!r}", ADVICE.get(str(name)) or did_you_mean(str(name), _OPTIONS) or _OPTIONS_ARE
        )
    if key in _PATH_OPTIONS:
        check_address(call, value)
    elif not isinstance(value, str | bool | int | float | None):
        raise refused(f"such a value of the option {name!r}")
    elif isinstance(value, str) and len(value) > MAX_OPTION:
        raise refused(f"a value of more than {MAX_OPTION} characters for the option {name!r}")
    elif key in _FORMAT_OPTIONS and value is not None:
        check_format(value)


def check_address(call: Call, address: Any) -> None:
    """Refuse an address, or a list of them, outside the learner's folders."""
    for each in address if isinstance(address, list | tuple) else [address]:
        if isinstance(each, str) and call.run.limits.may_use(_without_pattern(call.owner, each)):
            continue
        if odd := _odd_sign(call, each):
            raise refused(
                f"{odd!r} in an address", "Names of files and folders have letters, digits, '.', '_', '=' and '-' here."
            )
        refusal = refused(
            f"the address {str(each)[:MAX_KEY]!r}, which is outside your bucket{_too_deep(each)}",
            "Use s3_log_data_uri, s3_log_data_live_uri or s3_lab9_output_uri, and what is below them.",
            OUTSIDE,
            str(each)[:MAX_KEY],
        )
        # The name of a variable in quotes is not an address in Spark either, so it is a mistake.
        raise Mistaken(str(refusal), OUTSIDE, refusal.subject) if str(each).isidentifier() else refusal


def _without_pattern(owner: Any, address: str) -> str:
    """Return the folder in which a reader looks for files that match a pattern; any other address unchanged."""
    if not isinstance(owner, DataFrameReader | DataStreamReader) or not is_pattern(address):
        return address
    if not is_safe_pattern(address):
        raise refused(
            f"the pattern {address[-MAX_PATTERN:]!r} in an address",
            "In its last part, use *, ?, [ab] or {a,b}, as in s3_log_data_live_uri + '*.csv'.",
        )
    return folder_of(address)


def _odd_sign(call: Call, address: Any) -> str:
    """Return the first odd character of a file name, if the address would be the learner's own without it; else ""."""
    if not isinstance(address, str):
        return ""
    head, slash, name = address.rpartition("/")
    found = _ODD_SIGN.search(name)
    return found[0] if found and call.run.limits.may_use(head + slash + _ODD_SIGN.sub("-", name)) else ""


def _too_deep(address: Any) -> str:
    text = str(address)
    deep = text.count("/") > MAX_PARTS or len(text) > MAX_KEY
    return f", or has more than {MAX_PARTS} parts or {MAX_KEY} characters in it" if deep else ""


def check_format_name(owner: Any, name: Any) -> None:
    """Refuse a format that is not listed for this reader or writer."""
    known = next(formats for kind, formats in _FORMATS.items() if isinstance(owner, kind))
    if not isinstance(name, str) or name.lower() not in known:
        advice = ADVICE.get(str(name).lower(), "") or f"There are {', '.join(sorted(known))}."
        raise refused(f"the format {name!r}", advice)
