"""Settings of Hadoop's S3A, with which Spark reaches a bucket in S3; each with its reason."""

from typing import Final

from lab.bucket.storage import S3Access
from lab.engine.settings import Setting

_SCHEME: Final = "org.apache.hadoop.fs.s3a.S3AFileSystem"
_CREDENTIALS: Final = "software.amazon.awssdk.auth.credentials"
_PROFILE: Final = f"{_CREDENTIALS}.ProfileCredentialsProvider"
_ENVIRONMENT: Final = f"{_CREDENTIALS}.EnvironmentVariableCredentialsProvider"
# The lab uses its profile; executors use their own profile, or the environment of their worker, or their machine's
# role.
_OF_A_CLUSTER: Final = (
    _PROFILE,
    _ENVIRONMENT,
    f"{_CREDENTIALS}.WebIdentityTokenFileCredentialsProvider",
    "org.apache.hadoop.fs.s3a.auth.IAMInstanceCredentialsProvider",
)


def s3_settings(access: S3Access, *, cluster: bool = False) -> tuple[Setting, ...]:
    """Return Spark's properties for a bucket. They apply to it only, so that no other bucket gets its credentials.

    With `cluster`, they also suit executors that have their own credentials.
    """
    alone = (_PROFILE if access.profile else _ENVIRONMENT,)
    providers = _OF_A_CLUSTER if cluster and access.profile else alone
    options = [
        ("endpoint.region", access.region, "the region of the bucket, with which requests are signed"),
        ("aws.credentials.provider", ",".join(providers), "what boto3 has found; no secret is a setting"),
        ("fast.upload.buffer", "array", "a log file fits into memory, and the disk buffer wants Hadoop's checksums"),
        (
            "attempts.maximum",
            "1",
            "an outage is to be told in seconds, by default it is in minutes: repeat a request once",
        ),
        ("retry.limit", "1", "likewise, for what S3A itself repeats"),
        ("retry.interval", "200ms", "likewise"),
        ("retry.throttle.limit", "3", "likewise, when S3 says that it is asked too often"),
        ("connection.establish.timeout", "2s", "likewise, when nobody answers"),
        ("connection.timeout", "4s", "likewise, when an answer breaks off"),
        ("connection.acquisition.timeout", "5s", "likewise"),
        ("connection.request.timeout", "10s", "likewise, for one request as a whole"),
    ]
    if access.endpoint:
        secure = access.endpoint.startswith("https:")
        options += [
            ("endpoint", access.endpoint, "a server that is not AWS's"),
            ("path.style.access", "true", "such a server seldom has a name of its own for each bucket"),
            ("connection.ssl.enabled", str(secure).lower(), "as its address says"),
            ("change.detection.mode", "none", "not every server understands a condition on what is read"),
        ]
    return (
        Setting("spark.sql.streaming.pollingDelay", "100ms", "each look of a query that is awake is a request"),
        Setting("spark.hadoop.fs.s3.impl", _SCHEME, "the handout's s3:// addresses, besides s3a://"),
        *(
            Setting(f"spark.hadoop.fs.s3a.bucket.{access.address.bucket}.{name}", value, reason)
            for name, value, reason in options
        ),
    )
