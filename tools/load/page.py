"""One tab of a browser: it speaks Streamlit's websocket protocol, and keeps the page that a person would see.

It does what the front end of Streamlit 1.67 does (App.tsx): every request carries the state of all widgets and the
hashes of the cached messages. The timers of fragments and the lab's follower tell it that something has changed.
"""

import asyncio
import contextlib
import json
import time
from collections.abc import Callable
from itertools import count

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from .browser import Browser
from .cache import Cache
from .follower import NAME, Follower
from .timers import Timers
from .tree import Node, PageError, Tree
from .widgets import Widgets
from .words import words

# A person waits so long for something, and then says that it does not work.
PATIENCE_SECONDS = 120.0
_FULL = ""  # in place of a fragment's id: the whole page


class NotShownError(PageError):
    """A wait timed out."""


class Page:
    """A page; open it with `Page.open`. Methods raise PageError when it is broken or lacks what is asked for."""

    def __init__(
        self, browser: Browser, socket: ClientConnection, see: Callable[["Page", Node, tuple[str, ...]], None]
    ):
        """`see` is called for every element that arrives, with the keys of the blocks around it."""
        self.tree = Tree()
        self._browser = browser
        self._socket = socket
        self._see = see
        self._widgets = Widgets()
        self._cache = Cache()
        self._timers = Timers(lambda fragment: self._ask(fragment, by_timer=True))
        self._touched = 0.0
        # The last text written into each field: the page may not be drawn with it yet.
        self._typed: dict[tuple[str, str], str] = {}
        self._follower = Follower(browser, self._told, lambda: self._touched, lambda: not self._is_drawing)
        self._changed = asyncio.Condition()
        self._broken: Exception | None = None
        self._page_hash = self._main_script = ""
        self._pages: dict[str, str] = {}
        # Runs are numbered as they begin; kept is the last finished one of each fragment and of the whole page.
        self._numbers = count(1)
        self._begun: dict[str, tuple[int, tuple[str, ...]]] = {}
        self._number = 0
        self._finished: dict[str, int] = {}
        self._sending: set[asyncio.Task] = set()
        # Like the front end's state of the script: true from each request until a run has finished.
        self._is_drawing = False
        # The newest run that had begun at the last request for the whole page.
        self._asked_at = 0
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def open(cls, browser: Browser, path: str, see: Callable[["Page", Node, tuple[str, ...]], None]) -> "Page":
        """Load a page and wait until it is drawn."""
        await browser.load(path)
        page = cls(browser, await browser.connect_to_streamlit(), see)
        page._send(ClientState(page_name=path, widget_states=page._widgets.message()))
        await page._wait(lambda: page._finished.get(_FULL), "the page", PATIENCE_SECONDS)
        return page

    async def close(self, *, politely: bool = True) -> None:
        """Close the tab; if not `politely`, drop the connection, as when a laptop's lid is shut."""
        self._stop_asking()
        self._reader.cancel()
        if politely:
            await self._socket.close()
        else:
            self._socket.transport.abort()
            await self._socket.wait_closed()
        with contextlib.suppress(asyncio.CancelledError):
            await self._reader

    # --- what a person does

    async def write(self, key: str, value: str | float | bool) -> None:  # noqa: FBT001
        """Write into a field, choose or switch, and leave the field; do not wait for the effect."""
        node = self.find(key)
        if node.kind == "bidi_component":
            await self._type(node, str(value))
            return
        self._widgets.put(node, value)
        # A form sends its fields with its button.
        if not getattr(node.content, "form_id", ""):
            self._ask(node.fragment)
        # Let the sending task run, so that requests leave in their order, as in a browser.
        await asyncio.sleep(0)

    async def _type(self, node: Node, text: str) -> None:
        """Send a text as `lab/ui/editor/drafts.js` does: over HTTP, and before any later press."""
        self._touched = time.monotonic()
        field = json.loads(node.content.json)
        known = {field["text"], self._typed.get(key := (field["channel"], field["name"]), field["text"])}
        message = {"text": text, "known": list(known), "keep": False}
        await self._browser.post(f"lab/texts/{field['name']}", message, {"Lab-Channel": field["channel"]})
        self._typed[key] = text

    async def press(self, key: str) -> float:
        """Press a button, and wait until the page is drawn; return the seconds that this took."""
        node = self.find(key)
        if not self.can_press(key):
            raise PageError(f"{key} is no button that can be pressed")
        begin, before = time.monotonic(), self._number
        self._ask(node.fragment, WidgetState(id=node.id, trigger_value=True))
        await self._drawn(before, f"the page after {key} was pressed")
        return time.monotonic() - begin

    async def go(self, title: str) -> float:
        """Open another page by its link, and wait until it is drawn; return the seconds that this took."""
        begin, before = time.monotonic(), self._number
        if title not in self._pages:
            raise PageError(f"there is no link to {title}")
        self._timers.stop()
        frame = frozenset(node.id for node in self.tree.walk() if node.script == self._main_script)
        self._send(ClientState(widget_states=self._widgets.message(only=frame), page_script_hash=self._pages[title]))
        wanted = self._pages[title]
        # A fragment of the old page may finish in between.
        await self._wait(
            lambda: self._page_hash == wanted and self._finished.get(_FULL, 0) > before,
            f"the page {title}",
            PATIENCE_SECONDS,
        )
        return time.monotonic() - begin

    # --- what a person sees

    def find(self, key: str) -> Node:
        """Return the widget with this key or label, or the block with this key; raise PageError if there is none."""
        found = self.look(key)
        if found is None:
            raise PageError(f"there is no {key} on the page")
        return found

    def look(self, key: str) -> Node | None:
        """Return the same as `find`, or None if there is none."""
        for node in self.tree.walk():
            if node.key == key or (node.kind in _LABELLED and node.content.label == key):
                return node
        return None

    def value(self, key: str) -> object:
        """Return the value of a field."""
        node = self.find(key)
        return json.loads(node.content.json)["text"] if node.kind == "bidi_component" else self._widgets.value(node)

    def words(self, key: str = "") -> str:
        """Return all text on the page, or in one of its blocks; empty if the block is not there."""
        node = self.look(key) if key else self.tree.root
        return words(node) if node else ""

    @property
    def is_settled(self) -> bool:
        """Whether a run has finished since the last request for the whole page, as far as a browser can know."""
        return max(self._finished.values(), default=0) > self._asked_at

    def can_press(self, key: str) -> bool:
        """Return whether a button is there and enabled."""
        node = self.look(key)
        return node is not None and node.kind == "button" and not node.content.disabled

    async def until(self, shown: Callable[[], object], what: str) -> None:
        """Wait until the page shows something, while its timers and the server update it."""
        await self._wait(shown, what, PATIENCE_SECONDS)

    async def shows(self, shown: Callable[[], object], seconds: float) -> bool:
        """Return whether the page shows something within `seconds`."""
        try:
            await self._wait(shown, "", seconds)
        except NotShownError:
            return False
        return True

    # --- the protocol

    async def _wait(self, shown: Callable[[], object], what: str, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds), self._changed:
                await self._changed.wait_for(lambda: self._broken or shown())
        except TimeoutError:
            raise NotShownError(f"{what} did not show within {seconds:.0f} seconds") from None
        if self._broken:
            raise PageError(f"{what} did not show, the page broke: {self._broken}") from self._broken

    async def _drawn(self, before: int, what: str) -> None:
        """Wait until a run that has begun since `before` has finished.

        Which run that is, is unknown: when a run of a fragment follows at once, Streamlit may not report the first one
        as finished (`AppSession.request_rerun`).
        """
        await self._wait(lambda: max(self._finished.values(), default=0) > before, what, PATIENCE_SECONDS)

    def _told(self, trigger: str, value: str, fragment: str) -> None:
        """Ask for a fragment, because the server said beside Streamlit that something has changed."""
        state = WidgetState(id=trigger, json_trigger_value=value)
        self._ask(fragment, state, told=True)

    def _stop_asking(self) -> None:
        self._timers.stop()
        self._follower.stop()

    def _ask(
        self, fragment: str, trigger: WidgetState | None = None, *, by_timer: bool = False, told: bool = False
    ) -> None:
        self._send(
            ClientState(
                widget_states=self._widgets.message(trigger),
                page_script_hash=self._page_hash,
                fragment_id=fragment,
                is_auto_rerun=by_timer,
            ),
            told=told,
        )

    def _send(self, state: ClientState, *, told: bool = False) -> None:
        if not state.is_auto_rerun and not told:
            self._touched = time.monotonic()
        self._is_drawing = True
        if not state.fragment_id:
            self._asked_at = self._number
        state.cached_message_hashes.extend(self._cache.hashes)
        state.context_info.timezone = "Europe/Berlin"
        state.context_info.timezone_offset = -60
        state.context_info.locale = "en-GB"
        state.context_info.url = self._browser.url
        state.context_info.color_scheme = "light"
        data = BackMsg(rerun_script=state).SerializeToString()
        sending = asyncio.create_task(self._hand_over(data))
        self._sending.add(sending)
        sending.add_done_callback(self._sending.discard)

    async def _hand_over(self, data: bytes) -> None:
        # If the connection is closed, the reader tells everybody who waits for the page.
        with contextlib.suppress(ConnectionClosed):
            await self._socket.send(data)

    async def _read(self) -> None:
        try:
            async for data in self._socket:
                message = self._cache.resolve(ForwardMsg.FromString(data))
                if self._take(message):
                    async with self._changed:
                        self._changed.notify_all()
            raise PageError("the server closed the connection")
        except (ConnectionClosed, PageError, ValueError) as error:
            self._broken = error
            self._stop_asking()
            async with self._changed:
                self._changed.notify_all()

    def _take(self, message: ForwardMsg) -> bool:
        """Apply one message; return whether a person now sees the complete page."""
        match message.WhichOneof("type"):
            case "delta":
                node = self.tree.apply(message)
                self._widgets.shown(node)
                if node.kind == "bidi_component" and node.content.component_name == NAME:
                    self._follower.shown(node)
                self._see(self, node, self.tree.containers(message.metadata.delta_path[:-1]))
            case "new_session":
                self._begin(message)
            case "script_finished":
                return self._finish(message)
            case "navigation":
                self._page_hash = message.navigation.page_script_hash
                self._pages = {page.page_name: page.page_script_hash for page in message.navigation.app_pages}
            case "auto_rerun":
                self._timers.start(message.auto_rerun.fragment_id, message.auto_rerun.interval)
            case "stop_auto_rerun":
                self._timers.stop(*message.stop_auto_rerun.fragment_ids)
            case "page_not_found":
                raise PageError("Page not found")
            case "session_event" if message.session_event.WhichOneof("type") == "script_compilation_exception":
                raise PageError(message.session_event.script_compilation_exception.message)
        return False

    def _begin(self, message: ForwardMsg) -> None:
        run, session = message.metadata.run, message.new_session
        fragments = tuple(run.fragment_ids)
        self._number = next(self._numbers)
        self._begun = {run.script_run_id: (self._number, fragments)}
        self.tree.begin(run.script_run_id, fragments)
        if fragments:
            return
        self._timers.stop()
        if self._main_script and session.page_script_hash != self._page_hash:
            self.tree.change_page(session.main_script_hash)
            self._follower.stop()
        self._main_script, self._page_hash = session.main_script_hash, session.page_script_hash

    def _finish(self, message: ForwardMsg) -> bool:
        run = message.metadata.run
        number, fragments = self._begun.get(run.script_run_id, (0, ()))
        if message.script_finished not in _DONE or not number:
            return False
        self._is_drawing = False
        self.tree.finish(run.script_run_id, fragments)
        self._widgets.keep(node.id for node in self.tree.walk())
        self._cache.age(frozenset(fragments))
        for fragment in fragments or (_FULL,):
            self._finished[fragment] = number
        return True


_LABELLED = frozenset({"text_input", "text_area", "number_input", "radio", "selectbox", "checkbox", "button"})
_DONE = frozenset({ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY})
