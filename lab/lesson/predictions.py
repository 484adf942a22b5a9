"""What the learner is asked to predict before it happens. Predictions are never graded."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True)
class Prediction:
    """A question, with choices or, without any, for a number; `then` says what happened, once it has."""

    id: str
    question: str
    choices: tuple[str, ...]
    then: str


_ALL: Final = (
    Prediction(
        "first-pair",
        "Predict first: which volume will s1 have after this pair? A decimal such as 0.75; `s115.csv` is on the page Start.",
        (),
        "s1 has six SEV2 records from t1 to t5: 6 / 5 = 1.2.",
    ),
    Prediction(
        "second-pair",
        "Predict first: what will the report say of s1 after this pair?",
        (
            "the volume of t6 to t10 alone",
            "one volume for t1 to t10",
            "two rows, one for each delivery",
        ),
        "One volume, over everything that was delivered since the query started: 13 SEV2 records in ten time units, 1.3. "
        "The row was replaced.",
    ),
    Prediction(
        "sorted-stream",
        "Predict first: what will Spark do with a stream that is to be sorted?",
        (
            "sort the rows of each batch",
            "wait until the stream ends, then sort it",
            "refuse to start the query",
        ),
        "It refuses, before a single row is read: see the message below.",
    ),
)
PREDICTIONS: Final[Mapping[str, Prediction]] = MappingProxyType({prediction.id: prediction for prediction in _ALL})
OF_PAIR: Final[Mapping[str, str]] = MappingProxyType({"first": "first-pair", "second": "second-pair"})
