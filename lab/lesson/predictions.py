"""What the learner is asked to predict before it happens. Predictions are never graded."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from lab.dataset import Dataset
from lab.lesson.numbers import volumes


@dataclass(frozen=True)
class Prediction:
    """A question, with choices or, without any, for a number; `then` says of a dataset what happened, once it has."""

    id: str
    question: str
    choices: tuple[str, ...]
    then: Callable[[Dataset], str]


def _one_pair(dataset: Dataset) -> str:
    s1 = volumes(dataset, 1)["s1"]
    return f"s1 has {s1.count} SEV2 records from t{s1.first} to t{s1.last}: {s1.division}."


def _both_pairs(dataset: Dataset) -> str:
    s1 = volumes(dataset, 2)["s1"]
    return (
        "One volume, over everything that was delivered since the query started: "
        f"{s1.count} SEV2 records from t{s1.first} to t{s1.last}, {s1.division}. The row was replaced."
    )


_ALL: Final = (
    Prediction(
        "first-pair",
        "Predict first: which volume will s1 have after this pair? A decimal such as 0.15; `s115.csv` is on the page Start.",
        (),
        _one_pair,
    ),
    Prediction(
        "second-pair",
        "Predict first: what will the report say of s1 after this pair?",
        (
            "the volume of t6 to t10 alone",
            "one volume for t1 to t10",
            "two rows, one for each delivery",
        ),
        _both_pairs,
    ),
    Prediction(
        "sorted-stream",
        "Predict first: what will Spark do with a stream that is to be sorted?",
        (
            "sort the rows of each batch",
            "wait until the stream ends, then sort it",
            "refuse to start the query",
        ),
        lambda _: "It refuses, before a single row is read: see the message below.",
    ),
)
PREDICTIONS: Final[Mapping[str, Prediction]] = MappingProxyType({prediction.id: prediction for prediction in _ALL})
OF_PAIR: Final[Mapping[str, str]] = MappingProxyType({"first": "first-pair", "second": "second-pair"})
