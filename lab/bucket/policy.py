"""The S3 policy with exactly the rights that the lab needs; docs/s3.md gives the reason for each action."""

from typing import Any, Final

from lab.bucket.address import S3Address

VERSION: Final = "2012-10-17"
# No other action is needed: for S3, a copy is a GET and a PUT, and no object of the lab is large enough for a multipart
# upload.
OBJECT_ACTIONS: Final = ("s3:GetObject", "s3:PutObject", "s3:DeleteObject")


def policy(address: S3Address, region: str = "") -> dict[str, Any]:
    """Return a policy for what the lab does below an address, and nothing else, in the AWS partition of the region."""
    bucket = f"arn:{partition(region)}:s3:::{address.bucket}"
    below: dict[str, Any] = {"Condition": {"StringLike": {"s3:prefix": f"{address.prefix}*"}}} if address.prefix else {}
    return {
        "Version": VERSION,
        "Statement": [
            {"Sid": "List", "Effect": "Allow", "Action": "s3:ListBucket", "Resource": bucket, **below},
            {
                "Sid": "ReadWriteDelete",
                "Effect": "Allow",
                "Action": [*OBJECT_ACTIONS],
                "Resource": f"{bucket}/{address.prefix}*",
            },
        ],
    }


def partition(region: str) -> str:
    """Return the AWS partition of a region; most regions are in the partition `aws`."""
    return next((f"aws-{start}" for start in ("cn", "us-gov") if region.startswith(f"{start}-")), "aws")
