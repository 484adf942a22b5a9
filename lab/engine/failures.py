"""Why a query or a cell failed, in plain words."""

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from lab.bucket.s3_errors import AwayError, CredentialsError, is_of_s3, refusal_of
from lab.errors import LabError


@dataclass(frozen=True)
class Failure:
    """`sentence` for the learner; `detail` is what Spark said, whole.

    The cause of one that is `outside` is not in anybody's code, and may be gone when the same is done again.
    """

    sentence: str
    detail: str
    outside: bool = False


MAX_TEXT: Final = 50_000
# How a foreachBatch function of a cell fails (lab.cells.values.BatchFunctionError), in the text that is left of it.
BATCH_FUNCTION_FAILED: Final = re.compile(r"BatchFunctionError: line (?P<line>\d+): (?P<message>[^\n]*)")

# What a row says that is too large to be brought (lab.engine.small_rows).
TOO_LARGE: Final = "lab: a row is too large"

# Matched on conditions, classes or pieces of text, never on `_LEGACY_ERROR_TEMP_*`: Spark renames those.
_SENTENCES: Final = (
    (
        r"Sorting is not supported on streaming DataFrames",
        "Spark refuses to sort this stream: more records may always come, so no row can be known to be the first. "
        "Sort each micro-batch instead, inside foreachBatch.",
    ),
    (
        r"Cannot start query with name|already active",
        "A query of this name is already running. Stop it first.",
    ),
    (
        r"TABLE_OR_VIEW_NOT_FOUND",
        "There is no such table: the query that fills it has not been started in this session.",
    ),
    (
        r"queries with streaming sources must be executed with writeStream|Queries with streaming sources",
        "A stream never ends, so it cannot be shown or counted as a whole: start a query and read its table.",
    ),
    (r"Schema must be specified", "A stream needs its schema declared: the files that it will read are not there yet."),
    (r"DATATYPE_MISMATCH", "A column has another type than this expression needs. Look at the schema."),
    (r"CAST_INVALID_INPUT", "A value could not be turned into the type it is compared with or stored as."),
    (r"DIVIDE_BY_ZERO", "Something was divided by zero: a server with one time unit has max = min."),
    (r"No space left on device", "The disk is full. Free some space, then restart the query."),
    (
        TOO_LARGE,
        "A row of this is too large for the lab. Give it fewer columns, or shorter texts and lists.",
    ),
    (r"OutOfMemoryError|Java heap space", "Spark ran out of memory. Stop other queries, or start over."),
    (
        r"PATH_NOT_FOUND|Path does not exist",
        "There is no such file or folder. Compare the address with what is in your bucket, letter by letter.",
    ),
    (
        r"FileNotFoundException",
        "A file or folder that was listed is gone. Restart the query; start over if it fails again.",
    ),
    (
        r"Permission denied|AccessControlException",
        "Spark may not read or write a file there. Check the folder's rights.",
    ),
    (
        r"Py4JNetworkError|Connection(Refused|Reset)?Error|Connection refused|Answer from Java side is empty"
        r"|SparkContext was shut down",
        "Spark has stopped. Bring it back at the top of the page; your place is kept.",
    ),
)


def explain(text: str) -> Failure:
    """Put an error of Spark into words; an unknown one is shown by its own first line."""
    if is_of_s3(text) and (refusal := refusal_of(text)):
        outside = issubclass(refusal.kind, AwayError | CredentialsError)
        return Failure(f"{refusal.what.format(place='your bucket')} {refusal.advice}", text, outside)
    if found := BATCH_FUNCTION_FAILED.search(text):
        where = f" in line {found['line']}" if found["line"] != "0" else ""
        return Failure(f"The function of foreachBatch failed{where}: {found['message']}", text)
    for pattern, sentence in _SENTENCES:
        if re.search(pattern, text, re.IGNORECASE):
            return Failure(sentence, text)
    # The first line may be the name of an exception alone.
    lines = [line.strip() for line in text.splitlines() if line.strip()] or ["it gave no reason"]
    first = " ".join(lines[:2]) if lines[0].endswith(":") else lines[0]
    return Failure(f"Spark says: {first[:300]}", text)


def text_of(error: Exception) -> str:
    """What an error says; nothing if it is one of a JVM that has ended, which would be asked for the text.

    Of a long one the middle is left out: Spark writes the whole of a value that it cannot cast, of a disk's size even.
    """
    try:
        text = str(error)
    except Exception:
        return ""
    return text if len(text) <= MAX_TEXT else f"{text[: MAX_TEXT // 2]} ... {text[-MAX_TEXT // 2 :]}"


@contextlib.contextmanager
def spark_in_words() -> Iterator[None]:
    """Raise a LabError for what Spark refuses outside a cell; its JVM may also end at any moment."""
    # Not on top: this module is imported by pages, which must not wait for PySpark.
    from py4j.protocol import Py4JError  # noqa: PLC0415
    from pyspark.errors import PySparkException  # noqa: PLC0415

    try:
        yield
    except (Py4JError, PySparkException, ConnectionError) as error:
        raise LabError(explain(f"{type(error).__name__}: {error}").sentence, "") from error
