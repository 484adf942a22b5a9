"""Script runs that lose no request of a browser.

Streamlit 1.67 stops a script run when the next request of its browser arrives (`AppSession.request_rerun`). On a busy
server, that can happen before the run has taken in its own request, or in the middle of a callback. Then a press is
lost, or has half of its effect. Here a run takes in its request as a whole, and leaves a request that it has not taken
in to the next run.
"""

from threading import RLock
from typing import Any, Final
from weakref import WeakKeyDictionary

from streamlit.runtime import app_session
from streamlit.runtime.fragment import FragmentStorage
from streamlit.runtime.scriptrunner import RerunData, ScriptRunner, ScriptRunnerEvent, StopException
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequest, ScriptRequests, ScriptRequestType
from streamlit.runtime.state.safe_session_state import SafeSessionState

from lab.ui.press import PRESSED

# More than a person sends while a busy server begins one run; a script that sends more loses the oldest.
MAX_LEFT: Final = 20


def lose_no_request() -> None:
    """Make all sessions of this server use `WholeScriptRunner`."""
    app_session.ScriptRunner = WholeScriptRunner  # type: ignore[assignment, attr-defined]  # Streamlit has no setting for it


class _Requests(ScriptRequests):
    """The requests of a run. It also remembers those not taken in yet: left by an earlier run, or its own."""

    def __init__(self, left: list[RerunData]) -> None:
        super().__init__()
        # Reentrant, since the methods here hold the lock while they call those of the base class, which take it again.
        self._lock = RLock()  # type: ignore[assignment]
        self._left = left
        self._given: RerunData | None = None
        self._is_taking_in = False

    def on_scriptrunner_ready(self) -> ScriptRequest:
        with self._lock:
            return self._noted(super().on_scriptrunner_ready())

    def on_scriptrunner_yield(self) -> ScriptRequest | None:
        if self._is_taking_in:
            return None
        with self._lock:
            request = super().on_scriptrunner_yield()
            return request and self._noted(request)

    def _noted(self, request: ScriptRequest) -> ScriptRequest:
        self._given = request.rerun_data if request.type is ScriptRequestType.RERUN else None
        return request

    def take_in(self) -> list[RerunData]:
        """Begin to take in the run's own request; return the earlier ones that were left to it.

        Raise StopException if the run was stopped: then all of them are left to the next run.
        """
        with self._lock:
            if self._state is ScriptRequestType.STOP:
                raise StopException
            left, self._left = self._left, []
            self._given, self._is_taking_in = None, True
            return left

    def taken_in(self) -> None:
        """Look at other requests again."""
        self._is_taking_in = False

    @property
    def is_stopped(self) -> bool:
        """Whether the run was told to stop."""
        return self._state is ScriptRequestType.STOP

    def leave(self) -> list[RerunData]:
        """Stop, and return the requests that were not taken in, in the order in which they came."""
        with self._lock:
            waiting = self._rerun_data if self._state is ScriptRequestType.RERUN else None
            self.request_stop()
            left = [*self._left, *(each for each in (self._given, waiting) if each)]
            self._left, self._given = [], None
            return left


class _Session:
    """What the runs of one session share: the lock to take in a request, and the requests left by a stopped run."""

    def __init__(self) -> None:
        self.turn: Final = RLock()
        self.left: list[RerunData] = []


class _WholeState(SafeSessionState):
    """The state of a session, as one run sees it."""

    def __init__(self, runner: "WholeScriptRunner", state: Any, requests: _Requests, session: _Session) -> None:
        super().__init__(state, yield_callback=runner._maybe_handle_execution_control_request)
        # Streamlit would store an attribute that is set in the usual way in the session state.
        object.__setattr__(self, "_requests", requests)
        object.__setattr__(self, "_session", session)

    def on_script_will_rerun(self, *args: Any, **kwargs: Any) -> None:
        """Take in what the browser has sent, and call the callbacks of changed widgets."""
        with self._session.turn:
            left = self._requests.take_in()
            try:
                for data in left:
                    super().on_script_will_rerun(data.widget_states)
                super().on_script_will_rerun(*args, **kwargs)
            finally:
                self._requests.taken_in()


class WholeScriptRunner(ScriptRunner):
    """Streamlit's script runner, but it takes in each request as a whole."""

    # Keyed by the fragment storage: of a run's arguments, it is one for each session, and allows a weak reference.
    _sessions: Final[WeakKeyDictionary[FragmentStorage, _Session]] = WeakKeyDictionary()

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self._session = self._sessions.setdefault(given["fragment_storage"], _Session())
        left, self._session.left = self._session.left, []
        self._requests: _Requests = _Requests(left)
        self._requests.request_rerun(given["initial_rerun_data"])
        self._session_state = _WholeState(self, given["session_state"], self._requests, self._session)

    def _on_script_finished(self, ctx: Any, event: ScriptRunnerEvent, *args: Any) -> None:
        super()._on_script_finished(ctx, event, *args)
        # The presses of the next run are noted in its turn, and that run begins by stopping this one.
        with self._session.turn:
            is_whole = event is not ScriptRunnerEvent.SCRIPT_STOPPED_FOR_RERUN and not self._requests.is_stopped
            if is_whole and PRESSED in self._session_state:
                # Their buttons are not there any more.
                self._session_state[PRESSED].clear()

    def request_stop(self) -> None:
        """Stop at the next opportunity, and leave the requests not taken in yet to the next run."""
        self._session.left = [*self._session.left, *self._requests.leave()][-MAX_LEFT:]
        super().request_stop()
