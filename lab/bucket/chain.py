"""The links between the lab and a bucket in S3, which `python -m lab doctor` tests one by one."""

import contextlib
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from lab.bucket import LOG_DATA, LOG_DATA_LIVE, Copy, MissingObjectError, files_in
from lab.bucket.address import S3Address
from lab.bucket.choice import choose
from lab.bucket.connection import described
from lab.bucket.s3 import S3Bucket
from lab.bucket.s3_errors import CredentialsError, explain_s3
from lab.bucket.s3_storage import EmbeddedStorage, S3Storage, regions
from lab.errors import LabError
from lab.settings import BUCKET, Settings

_NAME: Final = "probe.csv"
_ABSENT: Final = "absent.csv"
_CONTENT: Final = b"doctor,0,1\n"
_SHOWN: Final = 4  # characters of an access key: enough to recognise the key, and its kind


@dataclass(frozen=True)
class Link:
    """One link. `look` returns what it finds, or raises LabError; call it only if the links in `needs` work."""

    what: str
    needs: tuple[str, ...]
    look: Callable[[], str]


class Chain:
    """The links to one storage, from the endpoint to the deletion of an object. It writes below a prefix of its own.

    `notes` are hints, by the names of links that work.
    """

    def __init__(self, settings: Settings) -> None:
        storage = choose(settings)
        if not isinstance(storage, EmbeddedStorage | S3Storage):
            raise LabError(f"{BUCKET} names no bucket.", "Set it to s3://bucket/prefix.")
        self.storage = storage
        self.notes: dict[str, str] = {}
        address = storage.address
        self.bucket = S3Bucket(
            storage.connection, S3Address(address.bucket, f"{address.prefix}doctor-{secrets.token_hex(6)}/")
        )

    def links(self) -> Iterator[Link]:
        """Yield every link, in order."""
        yield Link("Endpoint", (), self._endpoint)
        yield Link("Access", ("Endpoint",), self._credentials)
        yield Link("Bucket", ("Endpoint", "Access"), self._list)
        yield Link("Region", ("Bucket",), self._region)
        yield Link("Write", ("Bucket",), self.write)
        yield Link("Read", ("Write",), self._read)
        yield Link("Copy", ("Write",), self._copy)
        yield Link("Delete", ("Write",), self.delete)

    def write(self) -> str:
        """Write an object into the bucket."""
        self.bucket.write(LOG_DATA + _NAME, _CONTENT)
        return f"wrote {self.bucket.uri(LOG_DATA)}{_NAME}"

    def delete(self) -> str:
        """Delete the objects that were written, if they exist."""
        for folder in (LOG_DATA, LOG_DATA_LIVE):
            try:
                self.bucket.remove(folder + _NAME)
            except LabError as error:
                raise LabError(
                    error.what, f"{error.advice} Delete {self.bucket.uri(folder)}{_NAME} by hand."
                ) from error
        if files_in(self.bucket, LOG_DATA):
            raise LabError(
                f"{self.bucket.uri(LOG_DATA)} was deleted, but is still listed.", "Is this a server that lists late?"
            )
        return "deleted what was written"

    def clear(self) -> None:
        """Delete whatever was written, and ignore errors."""
        for folder in (LOG_DATA, LOG_DATA_LIVE):
            with contextlib.suppress(LabError):
                self.bucket.remove(folder + _NAME)

    def _endpoint(self) -> str:
        """Test whether the endpoint answers. Any answer counts, because the request is not signed."""
        try:
            meta = self.storage.connection.ask(lambda s3: s3.meta)
        except CredentialsError as error:
            raise LabError(
                f"{error.__cause__}.", "Correct AWS_PROFILE, or describe it: aws configure --profile NAME"
            ) from error
        unsigned = Config(
            signature_version=UNSIGNED, connect_timeout=2, read_timeout=4, retries={"total_max_attempts": 1}
        )
        client = boto3.client("s3", endpoint_url=meta.endpoint_url, region_name=meta.region_name, config=unsigned)
        try:
            client.list_buckets()
        except BotoCoreError as error:
            raise explain_s3(described(error), meta.endpoint_url) from error
        except ClientError:
            pass
        return f"{meta.endpoint_url} answers"

    def _credentials(self) -> str:
        if isinstance(self.storage, EmbeddedStorage):
            return "made up for this server alone"
        try:
            found = boto3.Session().get_credentials()
            keys = found and found.get_frozen_credentials()
        except (BotoCoreError, ClientError) as error:
            raise explain_s3(described(error), str(self.storage.address)) from error
        if found is None or keys is None:
            raise explain_s3("NoCredentialsError", str(self.storage.address))
        return f"found by {found.method}, access key {keys.access_key[:_SHOWN]}…"

    def _list(self) -> str:
        address = self.storage.address
        found = self.storage.connection.ask(
            lambda s3: s3.list_objects_v2(Bucket=address.bucket, Prefix=address.prefix, MaxKeys=1)
        )
        return f"{address} may be listed" + ("" if found.get("KeyCount") else "; nothing is in it yet")

    def _region(self) -> str:
        region, configured = self.storage.connection.ask(lambda s3: regions(s3, self.storage.address.bucket))
        if not region:
            return f"{configured}, as it is set; the server does not say"
        if region != configured:
            self.notes["Region"] = (
                f"{configured} is set; the lab uses {region}. AWS_DEFAULT_REGION={region} spares it the detour."
            )
        return region

    def _read(self) -> str:
        if self.bucket.read(LOG_DATA + _NAME) != _CONTENT:
            raise LabError(
                f"{self.bucket.uri(LOG_DATA)}{_NAME} reads otherwise than it was written.", "Look at the server."
            )
        # Spark asks for many objects that do not exist yet. Without the right to list them, S3 answers "denied" instead
        # of "not found".
        try:
            self.bucket.read(LOG_DATA + _ABSENT)
        except MissingObjectError:
            pass
        except LabError as error:
            raise LabError(
                f"Of an object that is not there, S3 does not say so. {error.what}",
                "Allow s3:ListBucket for the prefix; some servers want it without the condition on s3:prefix.",
            ) from error
        return "read it again, as it was written"

    def _copy(self) -> str:
        self.bucket.copy_together([Copy(entry, LOG_DATA_LIVE + _NAME) for entry in files_in(self.bucket, LOG_DATA)])
        return "copied it within S3, as a delivery does"
