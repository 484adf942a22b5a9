"""The page as a browser keeps it: blocks and elements, which the server's messages change.

It follows Streamlit's front end (AppRoot, SetNodeByDeltaPathVisitor and ClearStaleNodeVisitor of 1.67). What a run has
not drawn again is stale, and is removed when the run has finished. A run of a fragment changes only what belongs to the
fragment.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from streamlit.proto.Block_pb2 import Block
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

# An id that Streamlit makes; it ends with the key that the app set.
_ID = re.compile(r"\$\$ID-[0-9a-f]+-(?P<key>.*)", re.DOTALL)
_ROOTS = 4  # main, sidebar, event, bottom


class PageError(Exception):
    """What a browser would show as broken, or what a person would not find on the page."""


@dataclass(eq=False)
class Node:
    """A block or an element. `passing` are elements, such as spinners, that stand in front of it for a while.

    `run` is the run of the script that drew it, `script` the file that drew it: the page's, or the app's frame.
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
        """The kind of an element; empty for a block."""
        return (self.element.WhichOneof("type") or "") if self.element else ""

    @property
    def content(self):
        """The content of an element, without what all elements have in common."""
        return getattr(self.element, self.kind)

    @property
    def id(self) -> str:
        """The id of a widget, or of a block that has a key."""
        return self.block.id if self.block else getattr(self.content, "id", "") if self.kind else ""

    @property
    def key(self) -> str:
        """The key that the app set; empty if it set none."""
        found = _ID.fullmatch(self.id)
        key = found["key"] if found else ""
        return "" if key == "None" else key

    @property
    def is_there(self) -> bool:
        """Whether there is a block or an element, and not only passing ones."""
        return self.block is not None or self.element is not None

    def walk(self) -> Iterator["Node"]:
        """Yield this node and all nodes below it, from top to bottom."""
        yield self
        for child in self.children:
            yield from child.walk()


class Tree:
    """One page. A message that does not fit it raises PageError, as it would break a browser's page."""

    def __init__(self) -> None:
        self.run = ""
        self.root = _emptied()

    def begin(self, run: str, fragments: Sequence[str]) -> None:
        """Begin a run: remove the passing elements of the one before."""
        self.run = run
        _end_passing(self.root, frozenset(fragments))

    def change_page(self, main_script: str) -> None:
        """Change the page: keep only the app's frame of the old one."""
        for child in self.root.children:
            _keep_script(child, main_script)

    def apply(self, message: ForwardMsg) -> Node:
        """Apply one change; return its node."""
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
        """Finish a run: remove what it has not drawn again."""
        wanted = frozenset(fragments)
        for position, child in enumerate(self.root.children):
            if not _keep_fresh(child, run, wanted, inside=False):
                self.root.children[position] = Node(block=Block(allow_empty=True))

    def walk(self) -> Iterator[Node]:
        """Return all nodes of the page."""
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
    """Remove stale nodes below a node; return whether it stays itself. `inside`: within a fragment of the run."""
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
