"""The creation of a bucket in S3 for the lab, and of the policies for its users; existing ones are not made again."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeVar

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from lab.bucket.address import S3Address
from lab.bucket.connection import REFUSED, TIMEOUTS, described
from lab.bucket.embedded import REGION
from lab.bucket.policy import policy
from lab.bucket.s3_errors import explain_s3
from lab.bucket.s3_storage import connect, is_aws
from lab.errors import LabError

# The most versions of a policy (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html).
MAX_VERSIONS: Final = 5
_BLOCKED: Final = dict.fromkeys(
    ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
)
# The error codes of servers other than AWS's for a request that they do not support.
_UNKNOWN: Final = {"NotImplemented", "MethodNotAllowed"}

T = TypeVar("T")


@dataclass(frozen=True)
class Plan:
    """A bucket with a prefix, in a region, and policies by name, each for everything below an address."""

    address: S3Address
    region: str
    policies: Mapping[str, S3Address]

    def document(self, name: str) -> dict[str, Any]:
        """Return the policy document for a name."""
        return policy(self.policies[name], self.region)


class Provisioner:
    """The executor of a plan, with the credentials, endpoints and, unless one is given, the region that boto3 finds.

    Its methods raise LabError when a request is refused; what was done before stays done.
    """

    def __init__(self, region: str = "") -> None:
        self._session = boto3.Session(region_name=region or None)
        self.region: str = self._session.region_name or REGION
        # With the default region set explicitly, so that the bucket is where the plan says.
        self._session = boto3.Session(region_name=self.region)
        # The ARNs of the policies that exist now, by name.
        self.arns: dict[str, str] = {}

    def carry_out(self, plan: Plan) -> Iterator[str]:
        """Carry out the plan; yield a sentence after each thing that is done."""
        place = str(plan.address)
        s3 = _asked(place, lambda: connect(self._session))
        yield from self._bucket(s3, plan.address.bucket, place)
        iam = _asked(place, lambda: self._session.client("iam", config=TIMEOUTS))
        if not is_aws(s3) and _is_aws_iam(iam):
            yield f"{s3.meta.endpoint_url} is not AWS's, so AWS was not asked to make a policy for it."
            return
        for name in plan.policies:
            yield self._policy(iam, name, plan.document(name))

    def _bucket(self, s3: Any, bucket: str, place: str) -> Iterator[str]:
        if self._is_there(s3, bucket, place):
            yield f"The bucket {bucket} is there already: its settings were left as they are."
            return
        # AWS's first region must not be named here:
        # https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
        where = {} if self.region == REGION else {"CreateBucketConfiguration": {"LocationConstraint": self.region}}
        create = partial(s3.create_bucket, Bucket=bucket, ObjectOwnership="BucketOwnerEnforced", **where)
        _asked(place, create, bucket)
        yield f"Created the bucket {bucket} in {self.region}, which its owner's account owns alone."
        try:
            s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=_BLOCKED)
        except ClientError as error:
            if _code(error) not in _UNKNOWN:
                raise _explained(error, place, bucket) from error
            yield "This server knows no block on public access; a new bucket is private all the same."
        else:
            yield "Blocked all public access to it."

    def _is_there(self, s3: Any, bucket: str, place: str) -> bool:
        try:
            s3.head_bucket(Bucket=bucket)
        except (BotoCoreError, ClientError) as error:
            if isinstance(error, ClientError) and _code(error) == "404":
                return False
            raise _explained(error, place, bucket) from error
        return True

    def _policy(self, iam: Any, name: str, document: Mapping[str, Any]) -> str:
        try:
            made = iam.create_policy(
                PolicyName=name, PolicyDocument=json.dumps(document), Description="The Spark Streaming lab"
            )
        except ClientError as error:
            if _code(error) == "EntityAlreadyExists":
                return _asked(name, lambda: self._bring_up_to_date(iam, name, document))
            if _is_aws_iam(iam):
                raise _explained(error, name) from error
            return f"{iam.meta.endpoint_url} does not make policies in the way of AWS ({_code(error)})."
        except BotoCoreError as error:
            raise _explained(error, name) from error
        self.arns[name] = made["Policy"]["Arn"]
        return f"Created the policy {name}."

    def _bring_up_to_date(self, iam: Any, name: str, document: Mapping[str, Any]) -> str:
        """Update an existing policy, and return a sentence; delete its oldest version only if there are too many."""
        pages = iam.get_paginator("list_policies").paginate(Scope="Local")
        arn = next(found["Arn"] for page in pages for found in page["Policies"] if found["PolicyName"] == name)
        self.arns[name] = arn
        versions: Sequence[dict[str, Any]] = iam.list_policy_versions(PolicyArn=arn)["Versions"]
        current = next(version["VersionId"] for version in versions if version["IsDefaultVersion"])
        if iam.get_policy_version(PolicyArn=arn, VersionId=current)["PolicyVersion"]["Document"] == document:
            return f"The policy {name} is there already, as it should be."
        if len(versions) >= MAX_VERSIONS:
            oldest = min((one for one in versions if not one["IsDefaultVersion"]), key=lambda one: one["CreateDate"])
            iam.delete_policy_version(PolicyArn=arn, VersionId=oldest["VersionId"])
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(document), SetAsDefault=True)
        return f"Brought the policy {name} up to date; its earlier version is kept beside it."


def _is_aws_iam(iam: Any) -> bool:
    return "amazonaws.com" in iam.meta.endpoint_url


def _asked(place: str, request: Callable[[], T], bucket: str = "") -> T:
    try:
        return request()
    except REFUSED as error:
        raise _explained(error, place, bucket) from error


def _code(error: ClientError) -> str:
    # An answer that is not from S3 or IAM has no code.
    code: str = error.response.get("Error", {}).get("Code", "no code")
    return code


def _explained(error: Exception, place: str, bucket: str = "") -> LabError:
    """Return a refusal as a LabError.

    Unlike `explain_s3`, say for a denial that the right to create is missing, or that the bucket may be somebody
    else's.
    """
    code = _code(error) if isinstance(error, ClientError) else ""
    if code == "BucketAlreadyExists":
        return LabError(
            f"The name {bucket} is taken, by a bucket of somebody else.",
            "Choose another: all of AWS shares these names.",
        )
    if bucket and code in {"403", "AccessDenied", "Forbidden"}:
        return LabError(
            f"You may neither look into the bucket {bucket} nor create it; it may be somebody else's.",
            "Choose another name, or use credentials with s3:CreateBucket, s3:PutBucketOwnershipControls, "
            "s3:PutBucketPublicAccessBlock and s3:ListBucket.",
        )
    if not bucket and code in {"AccessDenied", "AccessDeniedException"}:
        return LabError(
            f"You may not create the policy {place}.",
            "Ask whoever administers the account to: --print-policy prints it. Or use credentials with iam:CreatePolicy, "
            "iam:ListPolicies, iam:ListPolicyVersions, iam:GetPolicyVersion, iam:CreatePolicyVersion and "
            "iam:DeletePolicyVersion.",
        )
    if code in {"TooManyBuckets", "LimitExceeded"}:
        return LabError(f"The account has no room for {bucket or place}.", "Delete one that is not needed any more.")
    return explain_s3(described(error), place)
