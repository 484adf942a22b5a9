"""The indefinite article for a word known only at run time, such as the name of a class or of a Spark type."""

import re
from typing import Final

# The article depends on the sound. The letters mostly show it: an int, an unknown function, but a union, a user, a UDF.
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
    """Return the title with its article before it."""
    article = "an" if _AN.match(title) else "a"
    return f"{article.title() if upper else article} {title}"
