"""The values of a page's widgets: like Streamlit's front end, send them with every request (WidgetStateManager)."""

from collections.abc import Iterable

from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates

from .tree import Node


class Widgets:
    """The values by the widgets' ids; every request carries them all."""

    def __init__(self) -> None:
        self._states: dict[str, WidgetState] = {}

    def shown(self, node: Node) -> None:
        """Add a widget of the page: with its default, or the value that the server sets."""
        if node.kind not in _VALUES or (node.id in self._states and not _is_set(node)):
            return
        value = _VALUES[node.kind](node.content, "value" if _is_set(node) else "default")
        self._states[node.id] = WidgetState(id=node.id, **value)

    def put(self, node: Node, value: str | float | bool) -> None:  # noqa: FBT001
        """Set what a person writes, chooses or switches."""
        name = {"checkbox": "bool_value", "number_input": "double_value"}.get(node.kind, "string_value")
        self._states[node.id] = WidgetState(id=node.id, **{name: value})

    def value(self, node: Node) -> object:
        """Return the value of a widget."""
        state = self._states[node.id]
        name = state.WhichOneof("value")
        return getattr(state, name) if name else None

    def keep(self, ids: Iterable[str]) -> None:
        """Forget the widgets that are no longer on the page."""
        wanted = set(ids)
        self._states = {key: state for key, state in self._states.items() if key in wanted}

    def message(self, trigger: WidgetState | None = None, only: frozenset[str] | None = None) -> WidgetStates:
        """Return what a request carries: all values or `only` these ids, and a trigger, such as a pressed button."""
        states = [state for key, state in self._states.items() if only is None or key in only]
        if trigger:
            states.append(trigger)
        return WidgetStates(widgets=states)


def _is_set(node: Node) -> bool:
    return bool(getattr(node.content, "set_value", False))


def _text(widget, field):
    return {"string_value": getattr(widget, field)} if widget.HasField(field) else {}


def _switch(widget, field):
    return {"bool_value": getattr(widget, field)}


def _number(widget, field):
    return {"double_value": getattr(widget, field)} if widget.HasField(field) else {}


def _choice(widget, field):
    if field == "value":
        return {"string_value": widget.raw_value} if widget.HasField("raw_value") else {}
    return {"string_value": widget.options[widget.default]} if widget.HasField("default") and widget.options else {}


def _nothing(_widget, _field):
    return {}


_VALUES = {
    "text_input": _text,
    "text_area": _text,
    "checkbox": _switch,
    "number_input": _number,
    "radio": _choice,
    "selectbox": _choice,
    "file_uploader": _nothing,
}
