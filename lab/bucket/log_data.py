"""The source of a course's own log files: the folder on this machine, or the place in S3, that `LAB_LOG_DATA` names."""

import os
from functools import lru_cache, partial
from itertools import islice
from pathlib import Path
from typing import Any, Final

from lab.bucket.address import S3Address, read_s3_address
from lab.course_files import course_of, is_log_file, require_names
from lab.dataset import SHIPPED, Dataset
from lab.errors import LabError
from lab.extras import needing
from lab.records import MAX_BYTES
from lab.settings import LOG_DATA, Settings, read_settings

# The largest number of files that are looked at in a folder.
_LOOKED_AT: Final = 1_000
_NAME_ONE: Final = "Name a folder with the four log files."


def log_data(settings: Settings | None = None) -> Dataset:
    """Return the log files that everybody has: the course's own if `LAB_LOG_DATA` names some, else the shipped ones.

    They are read once; later changes have no effect. Raise LabError if they do not fit.
    """
    place = (settings or read_settings()).log_data
    return read_log_data(place) if place else SHIPPED


@lru_cache(maxsize=8)
def read_log_data(place: str) -> Dataset:
    """Return the log files of a course in a folder or below `s3://…`.

    Raise LabError that says what does not fit, and what to do.
    """
    contents = _of_s3(place) if "://" in place else _of_folder(place)
    return course_of(contents, place)


def _of_folder(place: str) -> dict[str, bytes]:
    try:
        folder = Path(place).expanduser()
        with os.scandir(folder) as entries:
            found = {entry.name: entry for entry in islice(entries, _LOOKED_AT) if is_log_file(entry.name)}
        require_names(list(found), place)
        contents = {}
        for name, entry in found.items():
            if not entry.is_file():
                raise LabError(f"{name} in {place} is no file.", "Put a log file in its place.")
            _require_size(name, entry.stat().st_size, place)
            with Path(entry.path).open("rb") as file:
                # The file may have grown since its size was checked.
                contents[name] = file.read(MAX_BYTES + 1)
            _require_size(name, len(contents[name]), place)
    except OSError as error:
        raise LabError(f"{error.filename or place}: {error.strerror}.", _NAME_ONE) from error
    except (RuntimeError, ValueError) as error:
        # An unknown user after `~`, or a NUL byte.
        raise LabError(f"{place!r} is no folder: {error}.", _NAME_ONE) from error
    return contents


def _of_s3(place: str) -> dict[str, bytes]:
    address = read_s3_address(place)
    # boto3 takes a third of a second to import, and is not needed for a folder.
    with needing("s3", f"{LOG_DATA}={place}"):
        from lab.bucket.s3_storage import S3Storage  # noqa: PLC0415

    connection = S3Storage(address, os.environ).connection
    listed: dict[str, int] = connection.ask(lambda s3: _sizes(s3, address), str(address))
    found = {name: size for name, size in listed.items() if is_log_file(name)}
    require_names(list(found), place)
    contents = {}
    for name, size in found.items():
        _require_size(name, size, place)
        key = f"{address.prefix}{name}"
        contents[name] = connection.ask(partial(_beginning, address.bucket, key), f"s3://{address.bucket}/{key}")
        _require_size(name, len(contents[name]), place)
    return contents


def _sizes(s3: Any, address: S3Address) -> dict[str, int]:
    """Return the sizes in bytes of the objects directly below an address, by name."""
    found = s3.list_objects_v2(Bucket=address.bucket, Prefix=address.prefix, Delimiter="/", MaxKeys=_LOOKED_AT)
    start = len(address.prefix)
    return {each["Key"][start:]: each["Size"] for each in found.get("Contents", ()) if each["Key"][start:]}


def _beginning(bucket: str, key: str, s3: Any) -> bytes:
    """Return an object's content, but at most MAX_BYTES + 1 bytes: it may have grown since it was listed."""
    data: bytes = s3.get_object(Bucket=bucket, Key=key)["Body"].read(MAX_BYTES + 1)
    return data


def _require_size(name: str, size: int, place: str) -> None:
    if size > MAX_BYTES:
        raise LabError(
            f"{name} in {place} has {size:,} bytes, more than the {MAX_BYTES:,} that a log file of this lab may have.",
            "Shorten it, then start again.",
        )
