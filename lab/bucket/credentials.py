"""A `credential_process` of an AWS profile, for Spark's S3 client: it prints the credentials that boto3 finds.

So Spark uses the same credentials as boto3, including those that only AWS's own tools know, such as single sign-on. No
secret passes through the app, a file or a command line. The arguments are `NAME=value`: the variables that name the
person's own profile.
See https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-sourcing-external.html
"""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

# The variables that name a profile, and the files that define it.
PROFILE_VARIABLES: Final = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE")
# Credentials without an expiry time are asked for again after this time, as they may have been replaced.
AGAIN: Final = timedelta(minutes=5)


def find() -> Mapping[str, object]:
    """Return the credentials, in the form that AWS prescribes for such a process.

    Exit with a sentence if there are none.
    """
    # Not at the top: these modules read the environment, which `main` sets first.
    import boto3  # noqa: PLC0415
    from botocore.exceptions import BotoCoreError, NoCredentialsError  # noqa: PLC0415

    try:
        found = boto3.Session().get_credentials()
        if found is None:
            raise NoCredentialsError
        keys = found.get_frozen_credentials()
    except BotoCoreError as error:
        # One line, which Spark's S3 client includes in its error; `s3_errors` recognises the class name in it.
        sys.exit(" ".join(f"{type(error).__name__}: {error}".split()))
    # botocore has no public attribute for it; AWS's own export-credentials command reads it like this.
    ends = getattr(found, "_expiry_time", None) or datetime.now(UTC) + AGAIN
    return {
        "Version": 1,
        "AccessKeyId": keys.access_key,
        "SecretAccessKey": keys.secret_key,
        **({"SessionToken": keys.token} if keys.token else {}),
        "Expiration": ends.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def main(arguments: Sequence[str]) -> None:
    """Print the credentials that boto3 finds with the given variables only, and no others of PROFILE_VARIABLES."""
    for name in PROFILE_VARIABLES:
        os.environ.pop(name, None)
    os.environ.update((name, value) for name, _, value in (argument.partition("=") for argument in arguments))
    print(json.dumps(find()))


if __name__ == "__main__":
    main(sys.argv[1:])
