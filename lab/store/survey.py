"""The documents of many learners: which have changed, and the values of some.

Learners are identified by their hashes, as in the tables. Nothing is written here.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from sqlalchemy import Row, select, tuple_

from lab.store.database import Database
from lab.store.tables import DOCUMENTS

# A statement with so many ids, of three values each, is within the limit of every database: SQLite before 3.32 has
# the lowest.
_AT_A_TIME: Final = 300
# The most rows of one query; a class of 300 has about 6,000.
MAX_ROWS: Final = 20_000

# The id of a document among those of all learners: a learner's hash, and the kind and the key of a document.
DocumentId = tuple[str, str, str]


@dataclass(frozen=True)
class DocumentVersion:
    """A document's id, its version, and the time of its last change (UTC, by the database's clock)."""

    learner: str
    kind: str
    key: str
    version: int
    changed_at: datetime

    @property
    def id(self) -> DocumentId:
        """The document's id."""
        return self.learner, self.kind, self.key


class Survey:
    """Queries for the documents of all learners. Every method raises LabError when the database cannot be asked."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def changed(self, kinds: Collection[str], since: datetime) -> tuple[DocumentVersion, ...]:
        """Return the version of each document of some kinds that has changed since, newest first, at most MAX_ROWS."""
        table = DOCUMENTS.c
        query = (
            select(table.learner, table.kind, table.key, table.version, table.changed_at)
            .where(table.changed_at > since, table.kind.in_(kinds))
            .order_by(table.changed_at.desc())
            .limit(MAX_ROWS)
        )
        return self._versions([query])

    def of(self, learners: Sequence[str], kinds: Collection[str]) -> tuple[DocumentVersion, ...]:
        """Return the version of each document of some kinds that some learners have."""
        table = DOCUMENTS.c
        return self._versions(
            [
                select(table.learner, table.kind, table.key, table.version, table.changed_at).where(
                    table.learner.in_(some), table.kind.in_(kinds)
                )
                for some in _parts(learners)
            ]
        )

    def values(self, ids: Sequence[DocumentId]) -> Mapping[DocumentId, Any]:
        """Return the values of some documents by their ids; leave out documents that do not exist."""
        table = DOCUMENTS.c
        id_columns = tuple_(table.learner, table.kind, table.key)
        found = {}
        for some in _parts(ids):
            query = select(table.learner, table.kind, table.key, table.value).where(id_columns.in_(some))
            rows = self._ask([query])
            found.update({(row.learner, row.kind, row.key): row.value for row in rows})
        return found

    def _versions(self, queries: Sequence[Any]) -> tuple[DocumentVersion, ...]:
        rows = self._ask(queries)
        return tuple(DocumentVersion(row.learner, row.kind, row.key, row.version, _utc(row.changed_at)) for row in rows)

    def _ask(self, queries: Sequence[Any]) -> Sequence[Row[Any]]:
        if not queries:
            return ()
        return self._database.ask(lambda connection: [row for query in queries for row in connection.execute(query)])


_T = TypeVar("_T")


def _parts(values: Sequence[_T]) -> Iterator[Sequence[_T]]:
    return (values[at : at + _AT_A_TIME] for at in range(0, len(values), _AT_A_TIME))


def _utc(at: datetime) -> datetime:
    # SQLite knows no time zones.
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
