"""The database of the store: each request ends within seconds, and a deleted file is made again."""

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import unquote

from platformdirs import user_data_path
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from lab.errors import LabError
from lab.extras import needing
from lab.settings import STORE, read_settings
from lab.store.deadline import deadline
from lab.store.tables import make_tables
from lab.system import is_on_network

FILE_NAME: Final = "lab.sqlite"
# A write takes milliseconds. If the database does not answer, the lab reports that instead of waiting.
BUSY_SECONDS: Final = 5
CONNECT_SECONDS: Final = 4
# A server that still works ends the request itself within this time, and says why.
DEADLINE_SLACK: Final = 1
# A request that failed after SLOW_SECONDS was a timeout. For the next PAUSE_SECONDS, further requests fail at once: a
# page sends several, and would wait for each.
SLOW_SECONDS: Final = 2.0
PAUSE_SECONDS: Final = 5.0

T = TypeVar("T")
_log = logging.getLogger(__name__)


class Database:
    """A SQLite file or a PostgreSQL database, with the lab's tables in it; safe to use from any thread.

    `shown` is its address without a password. `generation` counts how often its file had to be made again since it was
    opened, and `lost` is a sentence that says when.
    """

    def __init__(self, url: str = "") -> None:
        """Open the database of a URL (as SQLAlchemy writes them), by default that of `LAB_STORE` or a SQLite file."""
        self.generation = 0
        self.lost = ""
        self._lock = threading.Lock()
        self._paused_until = 0.0
        self._file: Path | None = None
        self._engine = engine_of(url or read_settings().store or _file_of_this_user())
        parsed = self._engine.url
        # A path as a person writes it, not URL-encoded like C%3A%5Clab.sqlite.
        shown = parsed.render_as_string(hide_password=True)
        is_file = parsed.get_backend_name() == "sqlite"
        self.shown = unquote(shown) if is_file else shown
        if is_file:
            self._file = Path(parsed.database or "")
            event.listen(self._engine, "connect", partial(_set_up_sqlite, journal_of(self._file)))
        try:
            make_tables(self._engine)
        except SQLAlchemyError as error:
            raise self._explained(error) from error
        self._mark = self._marked()

    def ask(self, action: Callable[[Connection], T]) -> T:
        """Run an action in a transaction and return its result; raise LabError when it fails.

        The action must be idempotent, because it is retried if the server was restarted.
        """
        if time.monotonic() < self._paused_until:
            raise self._too_slow("it did not answer just now")
        began = time.monotonic()
        try:
            self.look()
            try:
                return self._carry_out(action)
            except DBAPIError as error:
                if not error.connection_invalidated or time.monotonic() - began > SLOW_SECONDS:
                    raise
                # By now, the pool has closed all connections from before the restart.
                return self._carry_out(action)
        except (SQLAlchemyError, ValueError) as error:
            if (now := time.monotonic()) - began > SLOW_SECONDS:
                self._paused_until = now + PAUSE_SECONDS
                raise self._too_slow(_reason(error)) from error
            raise self._explained(error) from error

    def _carry_out(self, action: Callable[[Connection], T]) -> T:
        with (
            self._engine.connect() as connection,
            deadline(connection, BUSY_SECONDS + DEADLINE_SLACK),
            connection.begin(),
        ):
            return action(connection)

    def look(self) -> None:
        """Test whether the file still exists. If it was deleted or replaced, make the tables again, and count that.

        Without this test, writes to a deleted file raise no error, and all data is lost when the process ends.
        """
        if self._file is None or self._marked() == self._mark:
            return
        with self._lock:
            if self._is_there_again():
                return
            self._engine.dispose()
            try:
                make_tables(self._engine)
            except SQLAlchemyError as error:
                raise self._explained(error) from error
            # The new file may have the same inode number, which is free again by now.
            self._mark = self._marked()
            self.generation += 1
            at = datetime.now().astimezone()
            self.lost = (
                f"The file {self.shown}, in which the lab keeps what is written, was deleted or replaced at {at:%H:%M}."
            )
            _log.error("%s It was made anew; what was kept of learners who are not here is lost.", self.lost)

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    def _is_there_again(self) -> bool:
        """Return whether the file was unreachable only for a moment, for example on a network file system."""
        for pause in (0.0, 0.05, 0.2):
            time.sleep(pause)
            if self._marked() == self._mark:
                return True
        return False

    def _marked(self) -> tuple[int, int] | None:
        """Return the identity of the file: device and inode number; None if there is no file."""
        try:
            stat = self._file.stat() if self._file else None
        except OSError:
            return None
        return (stat.st_dev, stat.st_ino) if stat else None

    def _explained(self, error: Exception) -> LabError:
        return LabError(
            f"What you write cannot be kept in {self.shown} ({_reason(error)}).",
            f"See to that database, or set {STORE} to another one, then reload the page.",
        )

    def _too_slow(self, reason: str) -> LabError:
        return LabError(
            f"What you write cannot be kept: {self.shown} does not answer in time ({reason}).",
            "What you wrote is still on the page: do it again in a moment. If this lasts, see to that database.",
        )


def engine_of(url: str | URL) -> Engine:
    """Return an engine for a database's URL, with its driver loaded; raise LabError if the URL or driver is unusable.

    This sends no request to the database yet.
    """
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
        if backend not in {"sqlite", "postgresql"}:
            raise ArgumentError(f"{backend} is neither SQLite nor PostgreSQL")
        if backend == "sqlite" and parsed.database in {None, "", ":memory:"}:
            raise LabError(f"{STORE} names a database in memory, which keeps nothing.", "Name a file.")
        with needing("postgres", f"{STORE}={parsed.drivername}://…"):
            return create_engine(parsed, pool_timeout=BUSY_SECONDS, connect_args=_limits(parsed))
    except (ArgumentError, NoSuchModuleError, ValueError) as error:
        raise LabError(
            f"{STORE} names no database that can be used ({_reason(error)}).",
            "Unset it, or set it to a URL such as sqlite:////srv/lab.sqlite or postgresql+psycopg://host/lab.",
        ) from error


def _file_of_this_user() -> URL:
    folder = user_data_path("spark-streaming-lab", appauthor=False)
    try:
        # No access for other users: what somebody writes is private.
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise LabError(
            f"The folder {folder}, in which the lab keeps what you write, cannot be made ({error.strerror}).",
            f"Make it, or set {STORE} to a database elsewhere, such as sqlite:////srv/lab.sqlite.",
        ) from error
    return URL.create("sqlite", database=str(folder / FILE_NAME))


def journal_of(file: Path) -> str:
    """Return SQLite's journal mode for a database file.

    With a write-ahead log, a reader and a writer, for example in two tabs, do not wait for each other. The log needs
    memory that processes on one machine share, so it does not work on a network file system:
    https://www.sqlite.org/wal.html.
    """
    return "DELETE" if is_on_network(file) else "WAL"


def _limits(url: URL) -> dict[str, Any]:
    """Return the driver's arguments for timeouts; parameters in the URL take precedence."""
    if url.get_driver_name() not in {"psycopg", "psycopg2"}:
        return {}
    milliseconds = BUSY_SECONDS * 1000
    # If a lab server hangs in a transaction, others must still be able to write, so idle transactions are ended, too.
    timeouts = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
    limits = {
        "connect_timeout": CONNECT_SECONDS,
        "options": " ".join(f"-c {name}={milliseconds}" for name in timeouts),
        # To detect a machine that disappears without closing the connection.
        "keepalives_idle": BUSY_SECONDS,
        "keepalives_interval": 1,
        "keepalives_count": 3,
        "tcp_user_timeout": milliseconds,
    }
    return {name: value for name, value in limits.items() if name not in url.query}


def _set_up_sqlite(journal: str, connection: Any, _: object) -> None:
    connection.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
    connection.execute(f"PRAGMA journal_mode={journal}")
    # In the mode DELETE, NORMAL could corrupt the database when the machine loses power.
    connection.execute(f"PRAGMA synchronous={'NORMAL' if journal == 'WAL' else 'FULL'}")


def _reason(error: Exception) -> str:
    """Return the first line of the database's own error message, without the SQL and its parameters."""
    own = getattr(error, "orig", None) or error
    return next(iter(str(own).splitlines()), type(own).__name__).rstrip(".")
