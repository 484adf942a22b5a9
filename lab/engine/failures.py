"""Why a query or a cell failed, in plain words."""

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from lab.bucket.s3_errors import AwayError, CredentialsError, is_of_s3, refusal_of
from lab.engine.conditions import is_condition
from lab.errors import LabError


@dataclass(frozen=True)
class Failure:
    """Why something failed: `sentence` is for the learner, `detail` is Spark's complete message.

    With `outside`, the cause is not in the learner's code, and a retry may succeed. With `not_performed`, the cause is
    that the lab does not perform something in the code.
    """

    sentence: str
    detail: str
    outside: bool = False
    not_performed: bool = False


@dataclass(frozen=True)
class Refusal:
    """A refusal by the lab itself, identified by `code`; `subject` is the part of the cell, such as a name."""

    code: str
    subject: str = ""


MAX_TEXT: Final = 50_000
# The text of a failed foreachBatch function of a cell: all that Spark keeps of a BatchFunctionError or
# BatchNotPerformedError.
BATCH_FUNCTION_FAILED: Final = re.compile(
    r"Batch(?:Function|(?P<refused>NotPerformed))Error: (?P<text>line (?P<line>\d+): (?P<message>[^\n]*))"
)

# By Spark's error conditions, in the order in which they are tested.
_SENTENCES: Final = (
    (
        "sorted-stream",
        "Spark refuses to sort this stream: more records may always come, so no row can be known to be the first. "
        "Sort each micro-batch instead, inside foreachBatch.",
    ),
    (
        "already-active",
        "A query of this name is already running. Stop it first.",
    ),
    (
        "no-table",
        "There is no such table: the query that fills it has not been started in this session.",
    ),
    (
        "action-on-stream",
        "A stream never ends, so it cannot be shown or counted as a whole: start a query and read its table.",
    ),
    ("no-schema", "A stream needs its schema declared: the files that it will read are not there yet."),
    ("types", "A column has another type than this expression needs. Look at the schema."),
    ("cast", "A value could not be turned into the type it is compared with or stored as."),
    ("divided-by-zero", "Something was divided by zero: a server with one time unit has max = min."),
    ("disk-full", "The disk is full. Free some space, then restart the query."),
    (
        "row-too-large",
        "A row of this is too large for the lab. Give it fewer columns, or shorter texts and lists.",
    ),
    ("no-memory", "Spark ran out of memory. Stop other queries, or start over."),
    (
        "no-path",
        "There is no such file or folder. Compare the address with what is in your bucket, letter by letter.",
    ),
    (
        "file-gone",
        "A file or folder that was listed is gone. Restart the query; start over if it fails again.",
    ),
    (
        "permission",
        "Spark may not read or write a file there. Check the folder's rights.",
    ),
    (
        "spark-gone",
        "Spark has stopped. Bring it back, then try again; your place is kept.",
    ),
)


def explain(text: str) -> Failure:
    """Return a Failure with a plain sentence for an error of Spark; for an unknown one, use the error's first line."""
    if is_of_s3(text) and (refusal := refusal_of(text)):
        outside = issubclass(refusal.kind, AwayError | CredentialsError)
        return Failure(f"{refusal.what.format(place='your bucket')} {refusal.advice}", text, outside)
    if found := BATCH_FUNCTION_FAILED.search(text):
        where = f" in line {found['line']}" if found["line"] != "0" else ""
        sentence = f"The function of foreachBatch failed{where}: {found['message']}"
        return Failure(sentence, text, not_performed=bool(found["refused"]))
    for code, sentence in _SENTENCES:
        if is_condition(code, text):
            return Failure(sentence, text)
    # The first line may be only the name of an exception; then the second line has the message.
    lines = [line.strip() for line in text.splitlines() if line.strip()] or ["it gave no reason"]
    first = " ".join(lines[:2]) if lines[0].endswith(":") else lines[0]
    return Failure(f"Spark says: {first[:300]}", text)


def text_of(error: Exception) -> str:
    """Return the text of an error; empty if the text would have to come from a JVM that has ended.

    Cut out the middle of a long text: Spark includes the complete value that it cannot cast, even a huge one.
    """
    try:
        text = str(error)
    except Exception:
        return ""
    return text if len(text) <= MAX_TEXT else f"{text[: MAX_TEXT // 2]} ... {text[-MAX_TEXT // 2 :]}"


@contextlib.contextmanager
def spark_in_words() -> Iterator[None]:
    """Turn an error of Spark outside a cell into a LabError; also when its JVM has ended."""
    # Not at the top: pages import this module, and they must not wait for PySpark.
    from py4j.protocol import Py4JError  # noqa: PLC0415
    from pyspark.errors import PySparkException  # noqa: PLC0415

    try:
        yield
    except (Py4JError, PySparkException, ConnectionError) as error:
        raise LabError(explain(f"{type(error).__name__}: {error}").sentence, "") from error
