"""The persistent data of learners: JSON documents, each under a kind and a key, in a database.

Each write names the version of the document that the writer has seen, so nobody overwrites a version that they do not
know.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Connection, Insert, Select, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from lab.errors import LabError
from lab.store.database import Database
from lab.store.survey import Survey
from lab.store.tables import DOCUMENTS, VERSIONS, hashed, now
from lab.store.values import NEVER, Conflict, Document, Version, new_version

__all__ = ["NEVER", "Conflict", "Document", "DocumentKey", "Store", "Survey", "Version"]

# The kind of a document, and its name among those of the kind; empty for the only one.
DocumentKey = tuple[str, str]

# Far more than a page writes, and far less than what would fill a disk.
MAX_BYTES: Final = 1_000_000
MAX_VERSIONS: Final = 10


class Store:
    """Documents by learner, kind and key; safe to use from any thread. Every method raises LabError when it fails."""

    def __init__(self, url: str = "") -> None:
        """Open the database of a URL (as SQLAlchemy writes them), by default that of `LAB_STORE` or a SQLite file."""
        self._database = Database(url)

    @property
    def survey(self) -> Survey:
        """The documents of all learners, for a teacher who looks at a class."""
        return Survey(self._database)

    @property
    def shown(self) -> str:
        """The address of the database, without a password."""
        return self._database.shown

    @property
    def lost(self) -> str:
        """A sentence about the loss of the database's file while the lab was running; empty if it was not lost."""
        return self._database.lost

    def generation(self) -> int:
        """Return how often the database's file was lost and made again since the store was opened."""
        self._database.look()
        return self._database.generation

    def load(self, learner_id: str) -> Mapping[DocumentKey, Document]:
        """Return all documents of a learner, by kind and key."""
        table = DOCUMENTS.c
        query = select(table.kind, table.key, table.value, table.version).where(table.learner == hashed(learner_id))
        rows = self._database.ask(lambda connection: connection.execute(query).all())
        return {(row.kind, row.key): Document(row.value, row.version) for row in rows}

    def versions_of(self, learner_id: str) -> Mapping[DocumentKey, int]:
        """Return the current version of each document of a learner, by kind and key."""
        table = DOCUMENTS.c
        query = select(table.kind, table.key, table.version).where(table.learner == hashed(learner_id))
        rows = self._database.ask(lambda connection: connection.execute(query).all())
        return {(row.kind, row.key): row.version for row in rows}

    def save(self, learner_id: str, key: DocumentKey, value: Any, seen: int = NEVER) -> Document | Conflict:
        """Replace the document of the version `seen`, which is NEVER for a new document; return what was written.

        If the database has another version, write nothing and return that version in a Conflict.
        """
        _require_small(value)
        kept = Document(value, new_version())
        where = _where(learner_id, key)

        def write(connection: Connection) -> Document | Conflict:
            content = {"value": value, "version": kept.version, "changed_at": now(connection)}
            if seen == NEVER:
                # In one statement, because two servers may do it at the same time.
                made: Any = _insert(connection, where | content).on_conflict_do_nothing()
            else:
                made = update(DOCUMENTS).where(*_here(where), DOCUMENTS.c.version == seen).values(content)
            if connection.execute(made.returning(DOCUMENTS.c.version)).first():
                return kept
            query: Select[Any] = select(DOCUMENTS.c.value, DOCUMENTS.c.version).where(*_here(where))
            row = connection.execute(query).one_or_none()
            return Conflict(Document(row.value, row.version) if row else Document())

        return self._database.ask(write)

    def bring_back(self, learner_id: str, documents: Mapping[DocumentKey, Document]) -> None:
        """Write documents again, some of which the database may have lost; each one replaces the stored document."""

        def write(connection: Connection) -> None:
            for key, document in documents.items():
                content = {"value": document.value, "version": document.version, "changed_at": now(connection)}
                made = _insert(connection, _where(learner_id, key) | content)
                keys = list(DOCUMENTS.primary_key)
                connection.execute(made.on_conflict_do_update(index_elements=keys, set_=content))

        self._database.ask(write)

    def keep_version(self, learner_id: str, key: DocumentKey, text: str) -> None:
        """Keep an earlier text of a document, in addition to its current value; keep the newest MAX_VERSIONS.

        Do not keep an empty text, or one that equals the newest version.
        """
        _require_small(text)
        where, table = _where(learner_id, key), VERSIONS.c
        newest = select(table.id, table.text).where(*_here(where, VERSIONS)).order_by(table.id.desc())

        def write(connection: Connection) -> None:
            there = connection.execute(newest).all()
            if not text.strip() or (there and there[0].text == text):
                return
            connection.execute(VERSIONS.insert().values(where | {"text": text, "at": datetime.now(UTC)}))
            if surplus := [row.id for row in there[MAX_VERSIONS - 1 :]]:
                connection.execute(delete(VERSIONS).where(table.id.in_(surplus)))

        self._database.ask(write)

    def versions(self, learner_id: str, key: DocumentKey) -> tuple[Version, ...]:
        """Return the earlier texts of a document, the newest first."""
        table = VERSIONS.c
        query = select(table.text, table.at).where(*_here(_where(learner_id, key), VERSIONS)).order_by(table.id.desc())
        rows = self._database.ask(lambda connection: connection.execute(query.limit(MAX_VERSIONS)).all())
        # SQLite knows no time zones.
        return tuple(Version(row.text, row.at if row.at.tzinfo else row.at.replace(tzinfo=UTC)) for row in rows)

    def forget(self, learner_id: str) -> None:
        """Delete all data of a learner."""

        def write(connection: Connection) -> None:
            for table in (DOCUMENTS, VERSIONS):
                connection.execute(delete(table).where(table.c.learner == hashed(learner_id)))

        self._database.ask(write)

    def close(self) -> None:
        """Close the connections to the database."""
        self._database.close()


def _where(learner_id: str, key: DocumentKey) -> dict[str, Any]:
    kind, name = key
    return {"learner": hashed(learner_id), "kind": kind, "key": name}


def _here(where: Mapping[str, Any], table: Any = DOCUMENTS) -> list[Any]:
    return [table.c[name] == value for name, value in where.items()]


def _insert(connection: Connection, values: Mapping[str, Any]) -> Any:
    """Return an INSERT to which a conflict clause can be added; SQL has no common syntax for that."""
    make: Any = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    made: Insert = make(DOCUMENTS).values(values)
    return made


def _require_small(value: Any) -> None:
    size = len(json.dumps(value))
    if size > MAX_BYTES:
        raise LabError(
            f"What you wrote is {size:,} bytes long, and the lab keeps at most {MAX_BYTES:,} of one field.",
            "Shorten it.",
        )
