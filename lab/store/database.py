"""The database that the store is in: opened, asked within seconds, and found again when its file was deleted."""

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
# A write takes milliseconds. A database that does not answer is to be told of, not waited for.
BUSY_SECONDS: Final = 5
CONNECT_SECONDS: Final = 4
# A server that lives ends the request by itself, and says why.
DEADLINE_SLACK: Final = 1
# What has failed only after so long has waited in vain. Who asks in the next seconds is told so at once: a page asks several
# times, and would wait each time.
SLOW_SECONDS: Final = 2.0
PAUSE_SECONDS: Final = 5.0

T = TypeVar("T")
_log = logging.getLogger(__name__)


class Database:
    """A SQLite file or a PostgreSQL database, with the lab's tables in it; safe to use from any thread.

    `shown` is its address, without a password. `generation` counts how often its file had to be made anew since it was
    opened, and `lost` says in a sentence when that was.
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
        # A path as a person writes it, not as C%3A%5Clab.sqlite.
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
        """Give what an action gives, which is carried out in a transaction; raise LabError when it cannot be.

        An action that is carried out twice must do the same as once: a server that was restarted is asked again.
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
                # All connections that were open when the server was restarted are closed by now.
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
        """See whether the file is still there. If it was deleted or replaced, make it anew, and count that.

        A file that has no name any more is written to without an error, and everything is lost with the process.
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
            # Perhaps of the same number: that of the old one is free by now.
            self._mark = self._marked()
            self.generation += 1
            at = datetime.now().astimezone()
            self.lost = (
                f"The file {self.shown}, in which the lab keeps what is written, was deleted or replaced at {at:%H:%M}."
            )
            _log.error("%s It was made anew; what was kept of learners who are not here is lost.", self.lost)

    def close(self) -> None:
        """Close its connections."""
        self._engine.dispose()

    def _is_there_again(self) -> bool:
        """Return whether it only could not be looked at for a moment, on a file system of another machine say."""
        for pause in (0.0, 0.05, 0.2):
            time.sleep(pause)
            if self._marked() == self._mark:
                return True
        return False

    def _marked(self) -> tuple[int, int] | None:
        """Return which file it is; None if there is none."""
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
    """Read a database's URL, and load the driver that it names; raise LabError if there is no such, or asks for none.

    The database itself is not asked yet.
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
        # What somebody writes is for their own eyes.
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise LabError(
            f"The folder {folder}, in which the lab keeps what you write, cannot be made ({error.strerror}).",
            f"Make it, or set {STORE} to a database elsewhere, such as sqlite:////srv/lab.sqlite.",
        ) from error
    return URL.create("sqlite", database=str(folder / FILE_NAME))


def journal_of(file: Path) -> str:
    """Return SQLite's journal mode for a database file.

    With a write-ahead log, a reader and a writer, in two tabs say, do not wait for each other. Its memory is shared by the
    processes of one machine, so it is not for files on others: https://www.sqlite.org/wal.html.
    """
    return "DELETE" if is_on_network(file) else "WAL"


def _limits(url: URL) -> dict[str, Any]:
    """Return how a driver is told to give up in time; what the URL says counts before it."""
    if url.get_driver_name() not in {"psycopg", "psycopg2"}:
        return {}
    milliseconds = BUSY_SECONDS * 1000
    # A server in a transaction that hangs must not keep others from writing, so its transaction is ended, too.
    timeouts = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
    limits = {
        "connect_timeout": CONNECT_SECONDS,
        "options": " ".join(f"-c {name}={milliseconds}" for name in timeouts),
        # For a machine that is gone, of which nobody says that it is.
        "keepalives_idle": BUSY_SECONDS,
        "keepalives_interval": 1,
        "keepalives_count": 3,
        "tcp_user_timeout": milliseconds,
    }
    return {name: value for name, value in limits.items() if name not in url.query}


def _set_up_sqlite(journal: str, connection: Any, _: object) -> None:
    connection.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
    connection.execute(f"PRAGMA journal_mode={journal}")
    # In the other mode, NORMAL may lose the database when the machine loses power.
    connection.execute(f"PRAGMA synchronous={'NORMAL' if journal == 'WAL' else 'FULL'}")


def _reason(error: Exception) -> str:
    """Return the database's own words, without the SQL and its parameters."""
    own = getattr(error, "orig", None) or error
    return next(iter(str(own).splitlines()), type(own).__name__).rstrip(".")
