"""The lesson's texts and cells in the words of a learner's log files; as written, they name the shipped ones.

Only this module knows which words must change: names of files, windows, and the server of the first file.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from lab.dataset import FILES, FIRST, PAIRS, SECOND, SHIPPED, Dataset, Pair

# The server that the lesson's texts name, from the shipped files.
_SERVER: Final = "s1"


def worded(text: str, dataset: Dataset) -> str:
    """Return a text of the lesson in the words of these log files."""
    words = _words(dataset.files, dataset.pairs, asked_server(dataset)) if dataset.is_of_course else {}
    if not words:
        return text
    # One pass, so that no word is replaced twice; longest first, so that a whole window comes before its parts.
    pattern = "|".join(rf"(?<![\w.-]){re.escape(word)}(?![\w-])" for word in sorted(words, key=len, reverse=True))
    return re.sub(pattern, lambda found: words[found[0]], text)


def asked_server(dataset: Dataset) -> str:
    """Return the server that the lesson asks about: the first one in the first file that is also in the second pair.

    If the server were silent in the second pair, the second delivery would not change its row.
    """
    if dataset.seed == SHIPPED.seed:
        return _SERVER
    named = dataset.servers[dataset.files[0]]
    later = {server for name in dataset.pairs[1].files for server in dataset.servers[name]}
    return next((server for server in named if server in later), named[0])


def window_in_words(first: int, last: int) -> str:
    """Return a window as the lesson writes it: `t1 to t5`."""
    return f"t{first} to t{last}" if first != last else f"t{first}"


@lru_cache(maxsize=8)
def _words(files: tuple[str, ...], pairs: tuple[Pair, Pair], server: str) -> Mapping[str, str]:
    first, second = pairs
    return {
        **dict(zip(FILES, files, strict=True)),
        **{window_in_words(*old.window): window_in_words(*new.window) for old, new in zip(PAIRS, pairs, strict=True)},
        window_in_words(FIRST.window[0], SECOND.window[1]): window_in_words(first.window[0], second.window[1]),
        _SERVER: server,
    }
