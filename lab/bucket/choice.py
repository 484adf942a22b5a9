"""The choice of the storage for the learners' buckets by `LAB_BUCKET`: a folder, the embedded S3 server, or S3."""

import os
from collections.abc import Mapping
from typing import Final

from lab.bucket.address import read_s3_address
from lab.bucket.storage import FolderStorage, Storage
from lab.extras import needing
from lab.settings import BUCKET, Settings, read_settings

EMBEDDED: Final = "embedded"


def choose(settings: Settings | None = None, environment: Mapping[str, str] = os.environ) -> Storage:
    """Return the storage that `LAB_BUCKET` names; raise LabError when its value is not valid.

    `environment` holds the variables that name a profile for AWS's tools.
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
