"""The page as a browser keeps it: blocks and elements, changed by what the server sends.

It follows Streamlit's own front end (AppRoot, SetNodeByDeltaPathVisitor and ClearStaleNodeVisitor of 1.67): what a run has
not drawn again is stale and goes when the run has finished, and a run of a fragment touches only what is the fragment's.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from streamlit.proto.Block_pb2 import Block
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

# An id that Streamlit makes, with the key that the app gave.
_ID = re.compile(r"\$\$ID-[0-9a-f]+-(?P<key>.*)", re.DOTALL)
_ROOTS = 4  # main, sidebar, event, bottom


class PageError(Exception):
    """What a browser would show as broken, or what a person would look for in vain."""


@dataclass(eq=False)
class Node:
    """A block or an element. `passing` are elements, such as spinners, that stand before it for a while.

    `run` is the run of the script that has drawn it, `script` the file that has: the page's, or the app's frame.
    """

    run: str = ""
    script: str = ""
    fragment: str = ""
    block: Block | None = None
    element: Element | None = None
    children: list["Node"] = field(default_factory=list)
    passing: list["Node"] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """What kind of element it is; empty for a block."""
        return (self.element.WhichOneof("type") or "") if self.element else ""

    @property
    def content(self):
        """The element itself, without what all of them have."""
        return getattr(self.element, self.kind)

    @property
    def id(self) -> str:
        """The id of a widget, or of a block that has a key."""
        return self.block.id if self.block else getattr(self.content, "id", "") if self.kind else ""

    @property
    def key(self) -> str:
        """The key that the app gave; empty if it gave none."""
        found = _ID.fullmatch(self.id)
        key = found["key"] if found else ""
        return "" if key == "None" else key

    @property
    def is_there(self) -> bool:
        """Whether there is more than a place for what passes."""
        return self.block is not None or self.element is not None

    def walk(self) -> Iterator["Node"]:
        """It and everything below it, from the top of the page."""
        yield self
        for child in self.children:
            yield from child.walk()


class Tree:
    """One page; messages that do not fit what is there raise PageError, as they break a browser's page."""

    def __init__(self) -> None:
        self.run = ""
        self.root = _emptied()

    def begin(self, run: str, fragments: Sequence[str]) -> None:
        """A run has begun: spinners of the one before are gone."""
        self.run = run
        _end_passing(self.root, frozenset(fragments))

    def change_page(self, main_script: str) -> None:
        """Another page is opened: of the old one only the app's frame stays."""
        for child in self.root.children:
            _keep_script(child, main_script)

    def apply(self, message: ForwardMsg) -> Node:
        """Take over one change; gives the node that it is about."""
        delta, meta = message.delta, message.metadata
        node = Node(self.run, meta.active_script_hash, delta.fragment_id)
        change = delta.WhichOneof("type")
        if change == "new_element":
            node.element = delta.new_element
        elif change == "add_block":
            node.block = delta.add_block
        elif change == "new_transient":
            node.passing = [replace(node, element=element) for element in delta.new_transient.elements]
        else:
            raise PageError(f"a change of an unknown kind, {change}")
        self._put(tuple(meta.delta_path), node)
        return node

    def finish(self, run: str, fragments: Sequence[str]) -> None:
        """A run has finished: what it would have drawn again, had it still been there, goes."""
        wanted = frozenset(fragments)
        for position, child in enumerate(self.root.children):
            if not _keep_fresh(child, run, wanted, inside=False):
                self.root.children[position] = Node(block=Block(allow_empty=True))

    def walk(self) -> Iterator[Node]:
        """Return everything that is on the page."""
        return self.root.walk()

    def containers(self, path: Iterable[int]) -> tuple[str, ...]:
        """Return the keys of the blocks around a place, the outermost first."""
        node, keys = self.root, []
        for index in path:
            if index >= len(node.children):
                break
            node = node.children[index]
            if node.block and node.key:
                keys.append(node.key)
        return tuple(keys)

    def _put(self, path: tuple[int, ...], node: Node) -> None:
        parent = self.root
        for index in path[:-1]:
            parent = parent.children[index] if index < len(parent.children) else Node()
            if parent.block is None:
                raise PageError(f"a change at {path}, where no block is")
            parent.run = self.run
        last = path[-1]
        if last > len(parent.children):
            raise PageError(f"a change at {path}, past the end of its block")
        if last == len(parent.children):
            parent.children.append(node)
            return
        old = parent.children[last]
        if not node.is_there:
            old.passing = node.passing
            return
        if node.block and old.block and old.block.WhichOneof("type") == node.block.WhichOneof("type"):
            node.children = old.children
        node.passing = [passing for passing in old.passing if passing.run == self.run]
        parent.children[last] = node


def _emptied() -> Node:
    return Node(block=Block(), children=[Node(block=Block(allow_empty=True)) for _ in range(_ROOTS)])


def _end_passing(node: Node, fragments: frozenset[str]) -> None:
    if fragments and node.fragment and node.fragment not in fragments:
        return
    for child in node.children:
        child.passing = []
        _end_passing(child, fragments)
    node.children = [child for child in node.children if child.is_there]


def _keep_script(node: Node, script: str) -> None:
    node.children = [child for child in node.children if child.script == script]
    for child in node.children:
        child.passing = []
        _keep_script(child, script)


def _keep_fresh(node: Node, run: str, fragments: frozenset[str], *, inside: bool) -> bool:
    """Take out what is stale below a node; gives whether the node itself stays. `inside`: within a fragment of the run."""
    node.passing = [passing for passing in node.passing if passing.run == run or (fragments and not inside)]
    if node.element is not None:
        if node.kind == "toast" or node.run == run:
            return True
        return bool(fragments) and not (node.fragment and inside)
    if node.block is None:
        return bool(node.passing)
    if fragments:
        if inside and node.run != run:
            return False
        inside = inside or (node.fragment in fragments and node.run == run)
    elif node.run != run:
        return False
    node.children = [child for child in node.children if _keep_fresh(child, run, fragments, inside=inside)]
    return True
