"""What the learner is asked to predict before it happens. Predictions are never graded."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from lab.dataset import Dataset
from lab.lesson.numbers import Volume, shown, volumes
from lab.lesson.wording import asked_server, window_in_words, worded
from lab.oracle import near


@dataclass(frozen=True)
class Prediction:
    """A question: either with `choices`, and `right` is the correct one, or for a number, which `number` computes.

    `then` returns a sentence with what happened. `about`, `question` and `choices` are written for the shipped log
    files; `named`, `asked` and `offered` return them in the words of a learner's own.
    """

    id: str
    about: str
    question: str
    then: Callable[[Dataset], str]
    choices: tuple[str, ...] = ()
    right: str = ""
    number: Callable[[Dataset], float] | None = None

    def named(self, dataset: Dataset) -> str:
        """Return `about` in the words of these log files."""
        return worded(self.about, dataset)

    def asked(self, dataset: Dataset) -> str:
        """Return the question in the words of these log files."""
        return worded(self.question, dataset)

    def offered(self, choice: str, dataset: Dataset) -> str:
        """Return a choice in the words of these log files."""
        return worded(choice, dataset)

    def is_right(self, text: str, dataset: Dataset) -> bool:
        """Return whether the prediction `text` is right."""
        if self.number is None:
            return text == self.right
        try:
            return near(float(text), self.number(dataset))
        except ValueError:
            return False

    def told(self, text: str, dataset: Dataset) -> str:
        """Return in words what was predicted, whether it was right, and what happened."""
        if self.is_right(text, dataset):
            return f"You said {self._quoted(text, dataset)}, and that is right. {self.then(dataset)}"
        if self.number is None:
            return f"You said {self._quoted(text, dataset)}. It is not so. {self.then(dataset)}"
        return f"You said {text}; it is {shown(round(self.number(dataset), 2))}. {self.then(dataset)}"

    def _quoted(self, text: str, dataset: Dataset) -> str:
        return text if self.number else f"“{self.offered(text, dataset)}”"


def _asked(dataset: Dataset, pairs: int) -> Volume:
    return volumes(dataset, pairs)[asked_server(dataset)]


def _one_pair(dataset: Dataset) -> str:
    own = _asked(dataset, 1)
    window = window_in_words(own.first, own.last)
    return f"{own.server} has {own.count} SEV2 records in {own.units} time units ({window}): {own.division}."


def _both_pairs(dataset: Dataset) -> str:
    own = _asked(dataset, 2)
    window = window_in_words(own.first, own.last)
    return (
        "The report has one row for each server, and counts everything since the query started: "
        f"{own.server} has {own.count} SEV2 records in {own.units} time units ({window}), {own.division}. "
        "The new row replaced the old one."
    )


def _without_the_first(dataset: Dataset) -> str:
    count = len(dataset.log_file(dataset.files[0]).records)
    return (
        f"Spark takes the first record for the names of the columns, so you get {count - 1} rows instead of {count}. No "
        "error says so."
    )


# It is asked wherever a query is about to start while the live folder is not empty.
LATE_START: Final = "late-start"
_ALL: Final = (
    Prediction(
        "first-pair",
        "The volume of s1 after the first pair",
        "Predict first: which volume will s1 have after this pair? Write a decimal such as 0.15. You find `s115.csv` on the "
        "page Start.",
        _one_pair,
        number=lambda dataset: _asked(dataset, 1).volume,
    ),
    Prediction(
        "second-pair",
        "The volume of s1 after the second pair",
        "Predict first: what will the report say of s1 after this pair?",
        _both_pairs,
        (
            "the volume of t6 to t10 alone",
            "one volume for t1 to t10",
            "two rows, one for each delivery",
        ),
        "one volume for t1 to t10",
    ),
    Prediction(
        "sorted-stream",
        "Sorting a stream",
        "Predict first: what will Spark do when you sort a stream?",
        lambda _: "Spark refuses before it reads a row: see the message below.",
        (
            "sort the rows of each batch",
            "wait until the stream ends, then sort it",
            "refuse to start the query",
        ),
        "refuse to start the query",
    ),
    Prediction(
        "update-mode",
        "Update mode",
        "Predict first: in update mode, what stands in the table of s1 after the second delivery?",
        lambda _: (
            "In update mode a query writes the rows that have changed. A table in memory keeps what was written before, so "
            "the old row stands there beside the new one."
        ),
        ("one row, the newest", "two rows, the old and the new one", "no row, for s1 was there before"),
        "two rows, the old and the new one",
    ),
    Prediction(
        "crash-restart",
        "A restart after a crash",
        "Batch 1 is written, but not committed. Predict: what will a restart from the checkpoint do?",
        lambda _: (
            "`offsets/1` says what batch 1 was to read, and there is no `commits/1`: so Spark runs batch 1 once more, with "
            "the same files."
        ),
        ("wait for new files", "run batch 1 once more", "read all files anew"),
        "run batch 1 once more",
    ),
    Prediction(
        "crash-checkpoint",
        "A restart without its checkpoint",
        "Now the checkpoint is deleted. Predict: what will the next restart do?",
        lambda _: (
            "Without a checkpoint, Spark does not know that it has read any file: it reads all four as batch 0. What "
            "batch 0 wrote before is overwritten, if your function does so. What batch 1 wrote stays."
        ),
        ("wait for new files", "run batch 1 once more", "read all files anew"),
        "read all files anew",
    ),
    Prediction(
        "header",
        "A header that is not there",
        "Predict first: the file has no header, and you tell Spark that it has one. What will you get?",
        _without_the_first,
        ("an error", "all rows, under other names", "one row too few"),
        "one row too few",
    ),
    Prediction(
        "empty-table",
        "The table before the first batch",
        "Predict first: the query runs, and nothing has been delivered. What will the table have?",
        lambda _: "The table is there as soon as the query runs. Before the first batch it has no rows.",
        ("no rows", "a row with 0 for each server", "nothing: there is no such table yet, so Spark raises an error"),
        "no rows",
    ),
    Prediction(
        LATE_START,
        "Files that were there before the query",
        "Predict first: log files were delivered before the query starts. What will the query do with them?",
        lambda _: "The first batch reads all files that are in the folder when the query starts.",
        (
            "leave them out: it reads only what comes later",
            "read all of them in one batch",
            "read each in a batch of its own",
        ),
        "read all of them in one batch",
    ),
    Prediction(
        "after-stop",
        "The table after the queries are stopped",
        "Predict first: once all queries are stopped, what will become of the table `volume_report`?",
        lambda _: (
            "The table stays as the last batch left it, and no delivery changes it any more. Try it in the scratch cell: "
            '`spark.sql("SELECT * FROM volume_report").show()`.'
        ),
        ("it is gone with its query", "it stays as it is", "it still changes with each delivery"),
        "it stays as it is",
    ),
)
PREDICTIONS: Final[Mapping[str, Prediction]] = MappingProxyType({prediction.id: prediction for prediction in _ALL})
OF_PAIR: Final[Mapping[str, str]] = MappingProxyType({"first": "first-pair", "second": "second-pair"})
