"""The tables of the store, and their creation, with the migration from earlier versions of the lab."""

import hashlib
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Connection,
    DateTime,
    Engine,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    func,
    insert,
    inspect,
    select,
    text,
)

from lab.store.values import new_version

_METADATA: Final = MetaData()
_HASH: Final = String(64)

# `learner` is the hash of a learner's id, so that nobody who reads the store can continue as one of the learners.
DOCUMENTS: Final = Table(
    "kept_documents",
    _METADATA,
    Column("learner", _HASH, primary_key=True),
    Column("kind", String(32), primary_key=True),
    Column("key", String(64), primary_key=True),
    Column("value", JSON, nullable=False),
    Column("version", BigInteger, nullable=False),
    # By the clock of the database: several servers may write into it, and their clocks may differ.
    Column("changed_at", DateTime(timezone=True), nullable=False),
    Index("kept_documents_changed", "changed_at"),
)
VERSIONS: Final = Table(
    "kept_versions",
    _METADATA,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("learner", _HASH, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("key", String(64), nullable=False),
    Column("text", JSON, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Index("kept_versions_of", "learner", "kind", "key"),
)
# The table of earlier versions, which contained the ids themselves.
_EARLIER: Final = Table(
    "documents",
    MetaData(),
    Column("learner_id", String),
    Column("kind", String),
    Column("key", String),
    Column("value", JSON),
    Column("changed_at", DateTime(timezone=True)),
)
# The number of the advisory lock: any number that no other program uses in the same database.
_LOCK: Final = 0x6C61_6273_746F_7265


def hashed(learner_id: str) -> str:
    """Return the hash that identifies a learner in the tables.

    SHA-256 without a salt is enough: an id has 128 random bits, so nobody can find it by trying.
    """
    return hashlib.sha256(learner_id.encode()).hexdigest()


def make_tables(engine: Engine) -> None:
    """Create missing tables and indexes, and move the rows of the earlier table. Other processes wait for this one."""
    with engine.connect() as connection:
        known = inspect(connection)
        names = set(known.get_table_names())
        whole = names >= set(_METADATA.tables) and all(
            known.has_index(table.name, str(index.name))
            for table in _METADATA.tables.values()
            for index in table.indexes
        )
    if whole and _EARLIER.name not in names:
        return
    sqlite = engine.dialect.name == "sqlite"
    with engine.connect() as connection:
        if sqlite:
            # Overwrite deleted data with zeros; otherwise the ids would still be in the file.
            connection.exec_driver_sql("PRAGMA secure_delete=ON")
            connection.commit()
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        _METADATA.create_all(connection)
        for table in _METADATA.tables.values():
            for index in table.indexes:
                index.create(connection, checkfirst=True)
        moved = inspect(connection).has_table(_EARLIER.name)
        if moved:
            _move(connection)
        connection.commit()
        if moved and sqlite:
            # Until the write-ahead log is applied, the file still contains the deleted data.
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def now(connection: Connection) -> Any:
    """Return the current time by the clock of the database, as a value to write. SQLite uses this machine's clock."""
    return datetime.now(UTC) if connection.dialect.name == "sqlite" else func.clock_timestamp()


def _move(connection: Connection) -> None:
    rows = [
        {
            "learner": hashed(row.learner_id),
            "kind": row.kind,
            "key": row.key,
            "value": row.value,
            "version": new_version(),
            "changed_at": row.changed_at,
        }
        for row in connection.execute(select(_EARLIER))
    ]
    if rows:
        connection.execute(insert(DOCUMENTS), rows)
    _EARLIER.drop(connection)
