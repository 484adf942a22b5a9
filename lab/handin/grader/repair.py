"""The repair of a handed-in notebook: a valid copy, with only the parts that the grader reads.

To report an error, nbformat needs a millisecond and some memory for each part of the notebook. So parts of unlimited
number, such as outputs, are cut before it validates.
"""

import json
import re
from collections import Counter
from collections.abc import Mapping
from itertools import count
from typing import Any, Final

from lab.handin.notebook import METADATA

# How many outputs or attachments of one cell are kept, and how many outputs of all cells.
MAX_KEPT: Final = 20
MAX_KEPT_IN_ALL: Final = 1_000
MAX_TEXT: Final = 20_000
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_KINDS: Final = frozenset({"code", "markdown", "raw"})
_PICTURE: Final = "image/"
_TEXT: Final = "text/plain"
# From this minor version of format 4 on, cells have ids.
_WITH_IDS: Final = 5


class NotReadableError(ValueError):
    """The notebook cannot be read; the text says which part is wrong and why."""


def decoded(data: bytes) -> tuple[str, tuple[str, ...]]:
    """Return the text of a file, and notes about its encoding; raise UnicodeDecodeError if it is not text."""
    encoding = json.detect_encoding(data)
    text = data.decode(encoding)
    if encoding == "utf-8":
        return text, ()
    if encoding == "utf-8-sig":
        return text, ("The file begins with a byte order mark, which was left out.",)
    return text, (f"The file is in {encoding[:6].upper()}, not in UTF-8; it was read as such.",)


def repaired(content: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return a valid copy of a notebook of format 4, and sentences about the repairs.

    Outputs keep only small texts, and that there are pictures. Raises NotReadableError if it cannot be repaired.
    """
    cells = content.get("cells")
    if not isinstance(cells, list):
        raise NotReadableError("it has no list of cells")
    done = Counter[str]()
    minor = content.get("nbformat_minor")
    if not isinstance(minor, int):
        done["no minor version of the format"] += 1
        minor = _WITH_IDS
    minor = max(0, min(minor, _WITH_IDS))
    if minor < _WITH_IDS and any(isinstance(cell, dict) and "id" in cell for cell in cells):
        done[f"cells have ids, as they do not in format 4.{minor}"] += 1
        minor = _WITH_IDS
    ids: set[str] = set()
    kept: list[dict[str, Any]] = []
    left = MAX_KEPT_IN_ALL
    for number, cell in enumerate(cells, start=1):
        made = _cell(number, cell, done, left)
        left -= len(made.get("outputs", ()))
        if minor >= _WITH_IDS:
            made["id"] = _id(number, cell, ids, done)
        kept.append(made)
    if not isinstance(content.get("metadata"), dict):
        done["the notebook has no metadata"] += 1
    notebook = {"nbformat": 4, "nbformat_minor": minor, "metadata": _metadata(content.get("metadata")), "cells": kept}
    said = "; ".join(what if times == 1 else f"{what} ({times} times)" for what, times in done.items())
    return notebook, (f"Read after a repair: {said}.",) if said else ()


def in_format_4(content: Mapping[str, Any]) -> dict[str, Any]:
    """Convert a notebook of format 1 to 3 to format 4, with only the parts that the grader reads."""
    cells = [cell for sheet in (content, *_dicts(content.get("worksheets"))) for cell in _dicts(sheet.get("cells"))]
    return {
        "nbformat_minor": _WITH_IDS - 1,
        "metadata": content.get("metadata"),
        "cells": [_newer(cell) for cell in cells],
    }


def _newer(cell: Mapping[str, Any]) -> dict[str, Any]:
    kind = cell.get("cell_type")
    source = next((cell[name] for name in ("input", "source", "code", "text") if name in cell), None)
    if not isinstance(kind, str):
        return {}
    if kind == "code":
        return {"cell_type": kind, "metadata": {}, "source": source, "outputs": [], "execution_count": None}
    return {"cell_type": "markdown" if kind in {"heading", "html", "text"} else kind, "metadata": {}, "source": source}


def _cell(number: int, cell: Any, done: Counter[str], left: int) -> dict[str, Any]:
    if not isinstance(cell, dict):
        raise NotReadableError(f"cell {number} is no cell")
    kind = cell.get("cell_type")
    if not isinstance(kind, str) or kind not in _KINDS:
        raise NotReadableError(f"cell {number} is of an unknown type")
    source = _joined(cell.get("source"))
    if source is None:
        raise NotReadableError(f"cell {number} has no text")
    made: dict[str, Any] = {"cell_type": kind, "metadata": {}, "source": source}
    if not isinstance(cell.get("metadata"), dict):
        done["no metadata of a cell"] += 1
    if kind != "code":
        if {"outputs", "execution_count"} & cell.keys():
            done["outputs of a cell of text"] += 1
        if isinstance(cell.get("attachments"), dict):
            made["attachments"] = _attachments(cell["attachments"])
        return made
    if not isinstance(cell.get("outputs"), list):
        done["no list of outputs"] += 1
    if "execution_count" not in cell:
        done["no execution count"] += 1
    made["execution_count"] = None
    found = cell.get("outputs")
    looked_at = found[: min(MAX_KEPT, left)] if isinstance(found, list) else []
    made["outputs"] = [output for each in looked_at if (output := _output(each))]
    return made


def _output(output: Any) -> dict[str, Any] | None:
    """Return an output reduced to its small text, and to the kinds of its pictures; None if it has neither."""
    if not isinstance(output, dict):
        return None
    if output.get("output_type") == "stream":
        text = _small(output.get("text"))
        return {"output_type": "stream", "name": "stdout", "text": text} if text else None
    data = output.get("data")
    if output.get("output_type") not in ("execute_result", "display_data") or not isinstance(data, dict):
        return None
    kept = {_TEXT: text} if (text := _small(data.get(_TEXT))) else {}
    kept |= dict.fromkeys(_pictures(data), "")
    return {"output_type": "display_data", "metadata": {}, "data": kept} if kept else None


def _attachments(attachments: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Return the attachments of a text cell, by name, reduced to the kinds of their pictures."""
    some = list(attachments.items())[:MAX_KEPT]
    return {name[:MAX_TEXT]: dict.fromkeys(_pictures(data), "") for name, data in some if isinstance(data, dict)}


def _pictures(data: Mapping[str, Any]) -> list[str]:
    return [kind for kind in data if kind.startswith(_PICTURE) and len(kind) < MAX_KEPT][:MAX_KEPT]


def _id(number: int, cell: Mapping[str, Any], ids: set[str], done: Counter[str]) -> str:
    """Return the cell's own id if it is valid and unique so far, else a new one."""
    value = cell.get("id")
    found = value if isinstance(value, str) and _ID.fullmatch(value) else ""
    if "id" in cell and not found:
        done["an id that can be none"] += 1
    if found in ids:
        done["an id that another cell has"] += 1
        found = ""
    # A cell's own id may have the form of a new one: count on until it is unique.
    for more in count(number):
        if found and found not in ids:
            break
        found = f"repaired-{more}"
    ids.add(found)
    return found


def _metadata(metadata: Any) -> dict[str, Any]:
    """Return only the lab's part of the metadata: the grader needs nothing else."""
    found = metadata.get(METADATA) if isinstance(metadata, dict) else None
    return {METADATA: found} if isinstance(found, dict) else {}


def _joined(text: Any) -> str | None:
    """Return a text, also one that is given as a list of lines; None for anything else."""
    if isinstance(text, list) and all(isinstance(line, str) for line in text):
        return "".join(text)
    return text if isinstance(text, str) else None


def _small(text: Any) -> str:
    joined = _joined(text) or ""
    return joined if len(joined) <= MAX_TEXT else ""


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
