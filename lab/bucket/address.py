"""The address of a place in S3, as `LAB_BUCKET` gives it: `s3://bucket/some/prefix`."""

import re
from dataclasses import dataclass
from typing import Final

from lab.errors import LabError

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
_NAME: Final = re.compile(r"[a-z0-9](?:[a-z0-9.-]{1,61})[a-z0-9]")
_NAME_RULES: Final = (
    "A bucket's name has 3 to 63 characters: small letters, digits, - and .; both ends a letter or digit."
)
# Other characters of a key would be a pattern for Spark, or would need URL encoding.
_PART: Final = re.compile(r"[\w.=-]+", re.ASCII)
_MAX_PREFIX: Final = 200


@dataclass(frozen=True)
class S3Address:
    """A bucket, and a prefix in it that is empty or ends in `/`."""

    bucket: str
    prefix: str = ""

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}"


def read_s3_address(text: str) -> S3Address:
    """Read `s3://bucket/some/prefix`; raise LabError that says which part is not valid, and why."""
    scheme, separator, rest = text.strip().partition("://")
    if not separator or scheme not in {"s3", "s3a"}:
        raise LabError(
            f"{text!r} is not an address in S3.", "It looks like s3://my-bucket/some/prefix, or is the word embedded."
        )
    name, _, path = rest.partition("/")
    if not _NAME.fullmatch(name) or ".." in name or re.fullmatch(r"[\d.]+", name):
        raise LabError(f"{name!r} in {text!r} is not the name of a bucket.", _NAME_RULES)
    parts = [part for part in path.split("/") if part]
    for part in parts:
        if not _PART.fullmatch(part) or part in {".", ".."}:
            raise LabError(
                f"{part!r} in {text!r} can not be part of the prefix.",
                "Use letters, digits, '-', '_', '.' and '=', with '/' between the parts.",
            )
    prefix = "".join(f"{part}/" for part in parts)
    if len(prefix) > _MAX_PREFIX:
        raise LabError(f"The prefix of {text[:60]!r}… is too long.", f"Use at most {_MAX_PREFIX} characters.")
    return S3Address(name, prefix)
