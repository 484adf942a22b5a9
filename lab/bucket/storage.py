"""The place that the buckets of all learners are in; a folder of this machine is one."""

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

    `endpoint` is empty for AWS itself. `environment` is what the JVM's environment must have for it, None for a variable
    that it must not have; `profile` says that the credentials come from a profile in it, else from its variables. `fleeting`
    makes a part of the bucket that is deleted when it is left.
    """

    address: S3Address
    endpoint: str
    region: str
    profile: bool
    environment: Mapping[str, str | None] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    fleeting: Callable[[], Bucket] | None = field(default=None, repr=False, compare=False)


class Storage(Protocol):
    """The place that all buckets are in. Nothing is asked of it before a bucket is used."""

    @property
    def shown(self) -> str:
        """What it is, for a person; never a secret."""

    @property
    def asks(self) -> bool:
        """Whether it is a person's own, so that nothing is written into it before they say so."""

    def bucket(self, learner_id: str, folder: Path, *, fleeting: bool = False) -> Bucket:
        """Return a learner's part.

        `folder` is one of their own on this machine. A `fleeting` one is deleted when it is left.
        """

    def access(self, folder: Path) -> S3Access | None:
        """Return how Spark reaches it, None when it needs nothing for that; `folder` is where files for Spark may be made.

        Raises LabError when it cannot be reached.
        """

    def close(self) -> None:
        """End it with the lab."""


class FolderStorage:
    """Each bucket is a folder on this machine."""

    shown = "A folder on this machine, which goes when the lab is stopped."
    asks = False

    def bucket(self, learner_id: str, folder: Path, *, fleeting: bool = False) -> Bucket:
        del learner_id, fleeting
        return FolderBucket(folder)

    def access(self, folder: Path) -> None:
        del folder

    def close(self) -> None:
        pass


def folder_name(learner_id: str) -> str:
    """Return what a learner's part of a storage is called.

    It always is the same, and does not tell the id, which is a key.
    """
    return f"learner-{hashlib.sha256(learner_id.encode()).hexdigest()[:12]}"


def part_of(address: S3Address, learner_id: str) -> S3Address:
    """Return the part of a bucket that is a learner's."""
    return S3Address(address.bucket, f"{address.prefix}{folder_name(learner_id)}/")
