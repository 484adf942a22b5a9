"""The text of a page, or of a part of it."""

import json
import re

from .tree import Node

# The fields that are text, for each kind of element.
_FIELDS = {
    "alert": ("body",),
    "button": ("label",),
    "checkbox": ("label",),
    "code": ("code_text",),
    "exception": ("type", "message"),
    "heading": ("body",),
    "markdown": ("body",),
    "metric": ("label", "body"),
    "page_link": ("label",),
    "progress": ("text",),
    "toast": ("body",),
    "vega_lite_chart": (),
}
_BACKSLASH = re.compile(r"\\(.)")


def words(node: Node) -> str:
    """Return all text below a node, from top to bottom, without the backslashes that escape Markdown."""
    return "\n".join(filter(None, map(words_of_one, node.walk())))


def words_of_one(node: Node) -> str:
    """Return the text of one element."""
    if node.element is None:
        return ""
    text = " ".join(str(getattr(node.content, field)) for field in _FIELDS.get(node.kind, ()))
    return text if node.kind == "code" else _BACKSLASH.sub(r"\1", text)


def codes(node: Node) -> list[str]:
    """Return the code elements below a node: cells, and what they printed."""
    return [below.content.code_text for below in node.walk() if below.kind == "code"]


def metrics(node: Node) -> dict[str, str]:
    """Return the numbers of the stage, by their labels."""
    stages = (
        json.loads(below.content.json)
        for below in node.walk()
        if below.kind == "bidi_component" and below.content.component_name == "lab_stage"
    )
    return next((stage["facts"] for stage in stages), {})
