"""Which place the buckets of the learners are in: a folder, the embedded S3 server or S3, as `LAB_BUCKET` says."""

import hashlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final, Protocol

from lab.bucket import Bucket
from lab.bucket.address import S3Address, read_s3_address
from lab.bucket.folder import FolderBucket
from lab.extras import needing
from lab.settings import BUCKET, Settings, read_settings

EMBEDDED: Final = "embedded"


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


def choose(settings: Settings | None = None, environment: Mapping[str, str] = os.environ) -> Storage:
    """Return the storage that `LAB_BUCKET` names; raises LabError when its value is not valid.

    In `environment` stands the profile that AWS's tools are to use.
    """
    setting = (settings or read_settings()).bucket
    if not setting:
        return FolderStorage()
    # boto3 takes a third of a second to import, and is not needed for a folder.
    with needing("s3", f"{BUCKET}={setting}"):
        from lab.bucket.s3_storage import EmbeddedStorage, S3Storage  # noqa: PLC0415

    if setting.lower() == EMBEDDED:
        return EmbeddedStorage()
    return S3Storage(read_s3_address(setting), environment)
