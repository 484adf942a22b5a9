"""What is kept of many learners: which documents have changed, and what stands in those that somebody wants to read.

Learners are named by the hashes under which they are kept. Nothing is written here.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from sqlalchemy import Row, select, tuple_

from lab.store.database import Database
from lab.store.tables import DOCUMENTS

# A database takes so many values in one statement at least: SQLite before 3.32, of which a document's place has three.
_AT_A_TIME: Final = 300
# Rows of one look; a class of 300 has some 6,000.
MAX_MARKS: Final = 20_000

# A learner's hash, the kind and the key of a document.
Spot = tuple[str, str, str]


@dataclass(frozen=True)
class Mark:
    """Where a document is, which version of it stands there, and since when (UTC, by the database's clock)."""

    learner: str
    kind: str
    key: str
    version: int
    changed_at: datetime

    @property
    def spot(self) -> Spot:
        """Where it is."""
        return self.learner, self.kind, self.key


class Survey:
    """All learners of a database. Every method raises LabError when it cannot be asked."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def changed(self, kinds: Collection[str], since: datetime) -> tuple[Mark, ...]:
        """Give the documents of some kinds that have changed since then, the newest first, MAX_MARKS at most."""
        table = DOCUMENTS.c
        query = (
            select(table.learner, table.kind, table.key, table.version, table.changed_at)
            .where(table.changed_at > since, table.kind.in_(kinds))
            .order_by(table.changed_at.desc())
            .limit(MAX_MARKS)
        )
        return self._marks([query])

    def of(self, learners: Sequence[str], kinds: Collection[str]) -> tuple[Mark, ...]:
        """Give all documents of some kinds that some learners have."""
        table = DOCUMENTS.c
        return self._marks(
            [
                select(table.learner, table.kind, table.key, table.version, table.changed_at).where(
                    table.learner.in_(some), table.kind.in_(kinds)
                )
                for some in _parts(learners)
            ]
        )

    def values(self, spots: Sequence[Spot]) -> Mapping[Spot, Any]:
        """Give what stands in some places; nothing for those in which nothing does."""
        table = DOCUMENTS.c
        place = tuple_(table.learner, table.kind, table.key)
        found = {}
        for some in _parts(spots):
            query = select(table.learner, table.kind, table.key, table.value).where(place.in_(some))
            rows = self._ask([query])
            found.update({(row.learner, row.kind, row.key): row.value for row in rows})
        return found

    def _marks(self, queries: Sequence[Any]) -> tuple[Mark, ...]:
        rows = self._ask(queries)
        return tuple(Mark(row.learner, row.kind, row.key, row.version, _utc(row.changed_at)) for row in rows)

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
