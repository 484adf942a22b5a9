"""A bucket in S3, with boto3."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import islice
from typing import Any, Final

from botocore.parsers import ResponseParserError

from lab.bucket import FOLDERS, Copy, Entry
from lab.bucket.address import S3Address
from lab.bucket.connection import S3Connection
from lab.errors import LabError

# What one request can delete (https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html).
DELETE_AT_ONCE: Final = 1000


class S3Bucket:
    """A bucket whose objects are below a prefix in S3; see `lab.bucket.Bucket`.

    A folder exists when any object is below it, such as its marker: an empty object whose key ends in `/`. `list`
    leaves out markers, and emptying a folder keeps its marker. With `temporary`, `discard` deletes everything below the
    prefix.
    """

    def __init__(self, connection: S3Connection, address: S3Address, *, temporary: bool = False) -> None:
        self.address = address
        self._connection = connection
        self._temporary = temporary
        # Without a prefix, `discard` would empty the whole bucket.
        if not address.prefix:
            raise ValueError("a learner's part of a bucket has a prefix")

    def uri(self, prefix: str) -> str:
        return self._address(self._folder(prefix))

    def list(self, prefix: str) -> Sequence[Entry]:
        start = len(self.address.prefix)
        return [
            Entry(found["Key"][start:], found["Size"], found["LastModified"], found["ETag"])
            for found in self._listed(self._folder(prefix))
            if not found["Key"].endswith("/")
        ]

    def read(self, key: str) -> bytes:
        source = self._key(key)

        def request(s3: Any) -> bytes:
            body: bytes = s3.get_object(Bucket=self.address.bucket, Key=source)["Body"].read()
            return body

        return self._connection.ask(request, self._address(source))

    def write(self, key: str, data: bytes) -> None:
        self._put(self._key(key), data)

    def copy_together(self, copies: Sequence[Copy]) -> None:
        # In parallel: if the second copy waited for the first, Spark would more often see it in a separate batch.
        with ThreadPoolExecutor(max(1, len(copies))) as pool:
            attempts = [(copy, pool.submit(self._copy, copy)) for copy in copies]
        failed = [(copy, error) for copy, attempt in attempts if (error := attempt.exception())]
        if not failed:
            return
        error = failed[0][1]
        done = [copy.source.name for copy, attempt in attempts if attempt.exception() is None]
        if done and isinstance(error, LabError):
            raise type(error)(
                f"Of this delivery, only {', '.join(done)} arrived. {error.what}",
                f"{error.advice} Then deliver the rest.",
            )
        raise error

    def remove(self, key: str) -> None:
        target = self._key(key)
        self._connection.ask(lambda s3: s3.delete_object(Bucket=self.address.bucket, Key=target), self._address(target))

    def delete(self, prefix: str) -> int:
        folder = self._folder(prefix)
        there = [found["Key"] for found in self._listed(folder)]
        # The marker first: a stream that looks meanwhile must find the folder.
        if folder not in there:
            self._put(folder, b"")
        keys = [key for key in there if key != folder]
        self._delete(keys, folder)
        return sum(not key.endswith("/") for key in keys)

    def missing_folders(self) -> tuple[str, ...]:
        return tuple(prefix for prefix in FOLDERS if next(self._listed(self._folder(prefix), page=1), None) is None)

    def make_folders(self) -> None:
        for prefix in self.missing_folders():
            self._put(self._folder(prefix), b"")

    def discard(self) -> None:
        if self._temporary:
            whole = self.address.prefix
            self._delete([found["Key"] for found in self._listed(whole)], whole)

    def _put(self, target: str, data: bytes) -> None:
        self._connection.ask(
            lambda s3: s3.put_object(Bucket=self.address.bucket, Key=target, Body=data), self._address(target)
        )

    def _copy(self, copy: Copy) -> None:
        """Copy an object with one request, within S3, and only if it still has the listed version."""
        source, target = self._key(copy.source.key), self._key(copy.key)
        place = {"Bucket": self.address.bucket, "Key": source}
        self._connection.ask(
            lambda s3: s3.copy_object(
                Bucket=self.address.bucket, Key=target, CopySource=place, CopySourceIfMatch=copy.source.version
            ),
            self._address(source),
        )

    def _listed(self, folder: str, page: int = 1000) -> Iterator[dict[str, Any]]:
        """Yield every object below a folder with its full key, including markers; request `page` objects at a time."""
        token: dict[str, str] = {}
        while True:
            request = partial(list_page, self.address.bucket, folder, page, token)
            found = self._connection.ask(request, self._address(folder))
            yield from found.get("Contents", ())
            if not found.get("IsTruncated"):
                return
            token = {"ContinuationToken": found["NextContinuationToken"]}

    def _delete(self, keys: Iterable[str], folder: str) -> None:
        rest = iter(keys)
        while some := [*islice(rest, DELETE_AT_ONCE)]:
            answer = self._connection.ask(partial(_delete, self.address.bucket, some), self._address(folder))
            for refused in answer.get("Errors", ()):
                raise self._connection.refusal(
                    f"{refused['Code']}: {refused.get('Message', '')}", self._address(refused["Key"])
                )

    def _address(self, key: str) -> str:
        """Return the address of a full key, as a person finds it in the console of S3, for example."""
        return f"s3://{self.address.bucket}/{key}"

    def _folder(self, prefix: str) -> str:
        """Return the full key of a folder. It ends in a slash, as LogData would also be a prefix of LogDataLive/."""
        return f"{self._key(prefix).removesuffix('/')}/"

    def _key(self, key: str) -> str:
        """Return the full key for a learner's key; raise LabError if it leads out of their prefix."""
        parts = key.removesuffix("/").split("/")
        if not key or any(part in {"", ".", ".."} for part in parts):
            raise LabError(f"{key!r} is not inside your bucket.", "Name a file, without '..' or a leading '/'.")
        return self.address.prefix + key


def list_page(bucket: str, prefix: str, page: int, token: Mapping[str, str], s3: Any) -> dict[str, Any]:
    """Return one page of a list of objects; the first page for an empty token."""
    found: dict[str, Any] = s3.list_objects_v2(Bucket=bucket, Prefix=prefix, MaxKeys=page, **token)
    # boto3 reads an empty answer, or a page of HTML, as a list of nothing.
    if "IsTruncated" not in found:
        raise ResponseParserError("This is no list of objects.")
    return found


def _delete(bucket: str, keys: Iterable[str], s3: Any) -> dict[str, Any]:
    objects = {"Objects": [{"Key": key} for key in keys], "Quiet": True}
    answer: dict[str, Any] = s3.delete_objects(Bucket=bucket, Delete=objects)
    return answer
