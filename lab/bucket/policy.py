"""The policy that the lab needs in S3, no wider than that; docs/s3.md gives the reason for each action."""

from typing import Any, Final

from lab.bucket.address import S3Address

VERSION: Final = "2012-10-17"
# Nothing else is asked for: a copy is a GET and a PUT to S3, and no object of the lab is so large that it is sent in parts.
OBJECT_ACTIONS: Final = ("s3:GetObject", "s3:PutObject", "s3:DeleteObject")


def policy(address: S3Address, region: str = "") -> dict[str, Any]:
    """Return everything the lab does below an address, and nothing elsewhere; of AWS's partitions, that of the region."""
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
    """Return the part of AWS that a region is in; most are in the one that is called like the whole."""
    return next((f"aws-{start}" for start in ("cn", "us-gov") if region.startswith(f"{start}-")), "aws")
