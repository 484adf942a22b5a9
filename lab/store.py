"""What is kept of a learner beyond this process: JSON documents, each under a kind and a key, in a database."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

from platformdirs import user_data_path
from sqlalchemy import (
    JSON,
    URL,
    Column,
    DateTime,
    MetaData,
    String,
    Table,
    create_engine,
    delete,
    event,
    insert,
    make_url,
    select,
    update,
)
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from lab.errors import LabError
from lab.system import is_on_network

VARIABLE: Final = "LAB_STORE"
FILE_NAME: Final = "lab.sqlite"
BUSY_SECONDS: Final = 10

_METADATA: Final = MetaData()
_DOCUMENTS: Final = Table(
    "documents",
    _METADATA,
    Column("learner_id", String(64), primary_key=True),
    Column("kind", String(32), primary_key=True),
    Column("key", String(64), primary_key=True),
    Column("value", JSON, nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
)


class Store:
    """Documents by learner, kind and key; safe to use from any thread. Every method raises LabError when it cannot."""

    def __init__(self, url: str = "") -> None:
        """Open the database of a URL (as SQLAlchemy writes them), by default that of `LAB_STORE` or a SQLite file."""
        try:
            parsed = make_url(url or os.environ.get(VARIABLE) or _file_of_this_user())
            is_sqlite = parsed.get_backend_name() == "sqlite"
            # The address of the database, without a password; a path as a person writes it, not as C%3A%5Clab.sqlite.
            shown = parsed.render_as_string(hide_password=True)
            self.shown = unquote(shown) if is_sqlite else shown
            self._engine = create_engine(parsed)
        except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
            raise LabError(
                f"{VARIABLE} names no database that can be used ({_reason(error)}).",
                "Unset it, or set it to a URL such as sqlite:////srv/lab.sqlite or postgresql+psycopg://host/lab "
                '(and install the driver that it names: pip install "psycopg[binary]").',
            ) from error
        if is_sqlite:
            if not parsed.database or parsed.database == ":memory:":
                raise LabError(f"{VARIABLE} names a database in memory, which keeps nothing.", "Name a file.")
            event.listen(self._engine, "connect", partial(_set_up_sqlite, journal_of(Path(parsed.database))))
        try:
            _METADATA.create_all(self._engine)
        except SQLAlchemyError as error:
            raise self._explained(error) from error

    def load(self, learner_id: str) -> Mapping[tuple[str, str], Any]:
        """Everything of a learner, by kind and key."""
        table = _DOCUMENTS.c
        try:
            with self._engine.connect() as connection:
                rows = connection.execute(
                    select(table.kind, table.key, table.value).where(table.learner_id == learner_id)
                )
                return {(kind, key): value for kind, key, value in rows}
        except (SQLAlchemyError, ValueError) as error:
            raise self._explained(error) from error

    def save(self, learner_id: str, kind: str, key: str, value: Any) -> None:
        """Keep a document in place of the one that stands under the same kind and key."""
        table = _DOCUMENTS.c
        place = {"learner_id": learner_id, "kind": kind, "key": key}
        content = {"value": value, "changed_at": datetime.now(UTC)}
        here = (table.learner_id == learner_id) & (table.kind == kind) & (table.key == key)
        try:
            with self._engine.begin() as connection:
                if connection.execute(update(_DOCUMENTS).where(here).values(content)).rowcount == 0:
                    connection.execute(insert(_DOCUMENTS).values(place | content))
        except SQLAlchemyError as error:
            raise self._explained(error) from error

    def forget(self, learner_id: str) -> None:
        """Delete everything of a learner."""
        try:
            with self._engine.begin() as connection:
                connection.execute(delete(_DOCUMENTS).where(_DOCUMENTS.c.learner_id == learner_id))
        except SQLAlchemyError as error:
            raise self._explained(error) from error

    def close(self) -> None:
        """Close its connections."""
        self._engine.dispose()

    def _explained(self, error: Exception) -> LabError:
        return LabError(
            f"What you write cannot be kept in {self.shown} ({_reason(error)}).",
            f"See to that database, or set {VARIABLE} to another one, then reload the page.",
        )


def _file_of_this_user() -> URL:
    folder = user_data_path("spark-streaming-lab", appauthor=False)
    try:
        # Whoever knows a learner's id is that learner, so the ids are for this user's eyes only.
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise LabError(
            f"The folder {folder}, in which the lab keeps what you write, cannot be made ({error.strerror}).",
            f"Make it, or set {VARIABLE} to a database elsewhere, such as sqlite:////srv/lab.sqlite.",
        ) from error
    return URL.create("sqlite", database=str(folder / FILE_NAME))


def journal_of(file: Path) -> str:
    """Return SQLite's journal mode for a database file.

    With a write-ahead log, a reader and a writer, in two tabs say, do not wait for each other. Its memory is shared by the
    processes of one machine, so it is not for files on others: https://www.sqlite.org/wal.html.
    """
    return "DELETE" if is_on_network(file) else "WAL"


def _set_up_sqlite(journal: str, connection: Any, _: object) -> None:
    connection.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
    connection.execute(f"PRAGMA journal_mode={journal}")
    # In the other mode, NORMAL may lose the database when the machine loses power.
    connection.execute(f"PRAGMA synchronous={'NORMAL' if journal == 'WAL' else 'FULL'}")


def _reason(error: Exception) -> str:
    """The database's own words, without the SQL and its parameters."""
    own = getattr(error, "orig", None) or error
    return next(iter(str(own).splitlines()), type(own).__name__).rstrip(".")
