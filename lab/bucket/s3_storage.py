"""Buckets in S3: on the embedded server, or in a person's own bucket."""

import re
import secrets
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from lab.bucket import credentials
from lab.bucket.address import S3Address
from lab.bucket.connection import TIMEOUTS, S3Connection
from lab.bucket.embedded import BUCKET, REGION, EmbeddedServer
from lab.bucket.s3 import S3Bucket, list_page
from lab.bucket.storage import S3Access, part_of
from lab.system import command_line

PATH_STYLE: Final = TIMEOUTS.merge(Config(s3={"addressing_style": "path"}))
# boto3's own endpoints of AWS; any other endpoint was set by somebody.
_AWS: Final = re.compile(r"https://s3(\.[a-z0-9-]+)?\.amazonaws\.com(\.cn)?")


def connect(session: boto3.Session) -> Any:
    """Return an S3 client with the endpoint and the credentials that the session finds."""
    client = session.client("s3", config=TIMEOUTS)
    # Servers other than AWS's seldom have a host name for each bucket.
    return client if is_aws(client) else session.client("s3", config=PATH_STYLE)


def is_aws(client: Any) -> bool:
    """Return whether an S3 client of boto3 uses AWS itself."""
    return _AWS.fullmatch(client.meta.endpoint_url) is not None


def regions(client: Any, bucket: str) -> tuple[str, str]:
    """Return a bucket's region as the server reports it, empty if it does not, and the configured region."""
    try:
        answer = client.head_bucket(Bucket=bucket)
    except ClientError as error:
        # A policy may allow only the prefix; AWS names the region even in its refusal.
        answer = error.response
    said = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("x-amz-bucket-region", "")
    configured = client.meta.region_name
    return said, REGION if configured in {None, "aws-global"} else configured


class EmbeddedStorage:
    """Buckets on the lab's own server, which is started with the first request."""

    shown = "The lab's own S3 server, on this machine. What it holds goes when the lab is stopped."
    asks = False

    def __init__(self) -> None:
        self.server = EmbeddedServer()
        self.address = S3Address(BUCKET)
        self.connection = S3Connection(self._connect, str(self.address))

    def bucket(self, learner_id: str, folder: Path, *, temporary: bool = False) -> S3Bucket:
        del temporary  # all of it goes with the server
        # Beside the learners' own folders: all of these are deleted when the lab ends.
        self.server.keep_in(folder.parent)
        # The folder is part of the name, because objects of an earlier learner with the same id may not be deleted yet.
        return S3Bucket(self.connection, part_of(self.address, f"{learner_id} {folder}"), temporary=True)

    def access(self, folder: Path) -> S3Access:
        self.server.keep_in(folder)
        self.connection.ask(lambda s3: s3.head_bucket(Bucket=BUCKET))
        unset = dict.fromkeys(("AWS_SESSION_TOKEN", *credentials.PROFILE_VARIABLES))
        return S3Access(
            self.address, self.server.endpoint(), REGION, profile=False, environment={**unset, **self.server.keys}
        )

    def close(self) -> None:
        self.server.stop()

    def _connect(self) -> Any:
        client = boto3.client(
            "s3",
            endpoint_url=self.server.endpoint(),
            region_name=REGION,
            aws_access_key_id=self.server.keys["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.server.keys["AWS_SECRET_ACCESS_KEY"],
            config=PATH_STYLE,
        )
        client.create_bucket(Bucket=BUCKET)
        return client


class S3Storage:
    """Buckets below a prefix of a person's own bucket, accessed as AWS's own tools would do it.

    Endpoint, region and credentials are those that boto3 finds: in the environment, a profile or a role.
    """

    asks = True

    def __init__(self, address: S3Address, environment: Mapping[str, str]) -> None:
        self.address = address
        self._profile = {name: environment[name] for name in credentials.PROFILE_VARIABLES if environment.get(name)}
        self.connection = S3Connection(self._connect, str(address))

    @property
    def shown(self) -> str:
        return f"Your bucket in S3: {self.address}. Everything stays there when the lab is stopped."

    def bucket(self, learner_id: str, folder: Path, *, temporary: bool = False) -> S3Bucket:
        del folder
        return S3Bucket(self.connection, part_of(self.address, learner_id), temporary=temporary)

    def access(self, folder: Path) -> S3Access:
        # List first: a refused list request has a reason, but a refused HEAD, which finds the region, has none.
        self.connection.ask(partial(list_page, self.address.bucket, self.address.prefix, 1, {}))
        endpoint, region = self.connection.ask(self._where)
        config = folder / "aws-config"
        command = command_line(
            [sys.executable, credentials.__file__, *(f"{name}={value}" for name, value in self._profile.items())],
            folder,
        )
        config.write_text(f"[default]\ncredential_process = {command}\n", encoding="utf-8")
        environment: dict[str, str | None] = dict.fromkeys(credentials.PROFILE_VARIABLES)
        environment |= {"AWS_CONFIG_FILE": str(config), "AWS_SHARED_CREDENTIALS_FILE": str(config)}
        return S3Access(
            self.address,
            endpoint,
            region,
            profile=True,
            environment=MappingProxyType(environment),
            temporary_bucket=lambda: self.bucket(secrets.token_hex(16), folder, temporary=True),
        )

    def close(self) -> None:
        pass

    def _connect(self) -> Any:
        return connect(boto3.Session())

    def _where(self, client: Any) -> tuple[str, str]:
        """Return the endpoint, empty for AWS itself, and the region of the bucket."""
        # boto3 finds the right region if the configured one is wrong; Spark's client needs it as a setting.
        said, configured = regions(client, self.address.bucket)
        return "" if is_aws(client) else client.meta.endpoint_url, said or configured
