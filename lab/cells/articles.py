"""The article of a word that is not known before: the name of a class, a type of Spark's, a title."""

import re
from typing import Final

# By the sound, which the letters mostly tell: an int, an unknown function, but a union, a user, a UDF.
_AN: Final = re.compile(
    r"""
    [AEFHILMNORSX](?=[A-Z0-9]|$)    # letters that are read one by one: an RDD, an S3 bucket
    | nd                            # an ndarray
    | [aeioAEIO]
    | [uU](?:n(?!i)|p|l|m|r(?!i))
    """,
    re.VERBOSE,
)


def a(title: str, *, upper: bool = False) -> str:
    """Put the article before a title."""
    article = "an" if _AN.match(title) else "a"
    return f"{article.title() if upper else article} {title}"
