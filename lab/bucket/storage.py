"""The storage that holds the buckets of all learners; a folder on this machine is one kind."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from lab.bucket import Bucket
from lab.bucket.address import S3Address
from lab.bucket.folder import FolderBucket


@dataclass(frozen=True)
class S3Access:
    """How Spark reaches a bucket in S3.

    `endpoint` is empty for AWS itself. `environment` has variables for the JVM's environment, None for one to remove.
    `profile` says that the credentials come from a profile named there, else from variables. `temporary_bucket` makes a
    temporary part of the bucket, which `discard` deletes.
    """

    address: S3Address
    endpoint: str
    region: str
    profile: bool
    environment: Mapping[str, str | None] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    temporary_bucket: Callable[[], Bucket] | None = field(default=None, repr=False, compare=False)


class Storage(Protocol):
    """The storage that holds all buckets. It gets no request before a bucket is used."""

    @property
    def shown(self) -> str:
        """A description for a person, without any secret."""

    @property
    def asks(self) -> bool:
        """Whether it belongs to a person, so that the lab must ask before it writes anything."""

    def bucket(self, learner_id: str, folder: Path, *, temporary: bool = False) -> Bucket:
        """Return a learner's bucket.

        `folder` is the learner's folder on this machine. `discard` deletes everything in a `temporary` bucket.
        """

    def access(self, folder: Path) -> S3Access | None:
        """Return how Spark reaches the storage; None if it needs no S3. `folder` is where files for Spark may be made.

        Raise LabError when the storage cannot be reached.
        """

    def close(self) -> None:
        """Close the storage when the lab ends."""


class FolderStorage:
    """A storage in which each bucket is a folder on this machine."""

    shown = "A folder on this machine, which goes when the lab is stopped."
    asks = False

    def bucket(self, learner_id: str, folder: Path, *, temporary: bool = False) -> Bucket:
        del learner_id, temporary
        return FolderBucket(folder)

    def access(self, folder: Path) -> None:
        del folder

    def close(self) -> None:
        pass


def folder_name(learner_id: str) -> str:
    """Return the name of a learner's part of a storage.

    It is always the same for an id, and does not reveal the id, which is a secret key.
    """
    return f"learner-{hashlib.sha256(learner_id.encode()).hexdigest()[:12]}"


def part_of(address: S3Address, learner_id: str) -> S3Address:
    """Return the address of a learner's part of a bucket."""
    return S3Address(address.bucket, f"{address.prefix}{folder_name(learner_id)}/")
