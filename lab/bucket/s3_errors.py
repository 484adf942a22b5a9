"""Refusals of S3 as sentences, recognised by the texts of the errors of boto3 and of Spark's S3 client."""

import re
from dataclasses import dataclass
from typing import Final

from lab.bucket import ChangedObjectError, MissingObjectError
from lab.errors import LabError


class AwayError(LabError):
    """S3 does not answer, or says that it cannot at the moment: a retry may succeed later."""


class CredentialsError(LabError):
    """The credentials are missing, wrong or expired."""


@dataclass(frozen=True)
class Refusal:
    """A kind of refusal: the `pattern` that recognises it, and its sentences; `{place}` in `what` is where it was."""

    pattern: str
    what: str
    advice: str
    kind: type[LabError] = LabError


_LOOK: Final = "Set them where AWS's own tools look: the environment, a profile, a role or single sign-on."
_AGAIN: Final = "Try again in a moment; nothing is lost."

# The first match counts. The codes are those of https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html,
# which both clients pass on; the rest are class names of botocore, of the AWS SDK for Java and of Hadoop's S3A.
REFUSALS: Final = (
    Refusal(
        r"No FileSystem for scheme|ClassNotFoundException: .*s3a\.S3AFileSystem|Class \S*s3a\.S3AFileSystem not found",
        "Spark was started without its S3 client, so it cannot reach {place}.",
        "Start the lab with LAB_BUCKET set.",
    ),
    Refusal(
        r"NoSuchBucket|UnknownStoreException",
        "There is no such bucket: {place}.",
        "Create it, or correct LAB_BUCKET and start the lab again.",
    ),
    Refusal(
        r"InvalidBucketName|Invalid bucket name",
        "S3 does not accept the name of the bucket in {place}.",
        "Correct LAB_BUCKET, then start the lab again.",
    ),
    Refusal(
        r"RequestTimeTooSkewed|RequestInTheFuture|RequestExpired|Signature not yet current",
        "The clock of this machine is not that of S3, so S3 refuses what it signs for {place}.",
        "Set the clock, by the network if you can, then try again.",
    ),
    Refusal(
        r"ExpiredToken|TokenRefreshRequired|SSOTokenLoadError|UnauthorizedSSOToken|TokenRetrievalError|LoginRefreshRequired"
        r"|(?i:token|credentials|session)[^.\n]{0,60} expired",
        "The credentials for {place} have expired.",
        "Renew them, with aws sso login for example, then try again.",
        CredentialsError,
    ),
    Refusal(
        r"InvalidAccessKeyId|InvalidClientTokenId|UnrecognizedClient|InvalidToken",
        "S3 does not know the access key that is in use for {place}.",
        _LOOK,
        CredentialsError,
    ),
    Refusal(
        r"SignatureDoesNotMatch",
        "The secret key does not belong to the access key that is in use for {place}.",
        _LOOK,
        CredentialsError,
    ),
    Refusal(
        r"ProfileNotFound",
        "AWS_PROFILE names a profile that is not there, so there are no credentials for {place}.",
        "Correct AWS_PROFILE, or write the profile with aws configure, then start the lab again.",
        CredentialsError,
    ),
    Refusal(
        r"NoCredentialsError|PartialCredentials|CredentialRetrievalError|NoAuthWithAWSException"
        r"|Unable to load credentials|InfiniteLoopConfigError|Failed to refresh process-based credentials",
        "No credentials were found for {place}.",
        _LOOK,
        CredentialsError,
    ),
    Refusal(
        r"PermanentRedirect|AuthorizationHeaderMalformed|IllegalLocationConstraint|IncorrectEndpoint|AWSRedirectException"
        r"|NoRegionError|InvalidRegionError|the region '[^']*' is wrong",
        "{place} is in another region than the one that is in use.",
        "Set AWS_DEFAULT_REGION to the region of the bucket, then start the lab again.",
    ),
    Refusal(
        r"RecursionError|maximum recursion depth|Status Code: 30\d",
        "What answers for {place} sends every request elsewhere.",
        "Set AWS_ENDPOINT_URL to where the server really is, https:// for http:// say, then start the lab again.",
    ),
    Refusal(
        r"Invalid endpoint|not a valid URI",
        "AWS_ENDPOINT_URL is no address, so {place} cannot be reached.",
        "It looks like https://s3.example.org. Correct it, or unset it for AWS itself, then start the lab again.",
    ),
    Refusal(
        r"AccessDenied|AllAccessDisabled|AccountProblem|Status Code: 403|403 Forbidden|Forbidden",
        "S3 denies access to {place}.",
        "Give the user or role in use the policy of docs/s3.md, then try again.",
    ),
    Refusal(
        r"PreconditionFailed|RemoteFileChangedException|Status Code: 412",
        "{place} was changed in place while it was being read or copied.",
        "Try again. A log file should be written once, under a name of its own.",
        ChangedObjectError,
    ),
    Refusal(
        r"CERTIFICATE_VERIFY_FAILED|SSLError|PKIX path|SSLHandshakeException|SSLPeerUnverified",
        "This machine does not trust the certificate that it was shown on the way to {place}.",
        "Is it that of a proxy? Set AWS_CA_BUNDLE to a file that has it, and JAVA_HOME to a Java that does.",
    ),
    Refusal(
        r"EndpointConnectionError|UnknownHostException|ConnectionRefused|Connection refused"
        r"|Could not connect to the endpoint|Name or service not known|NoRouteToHost|Network is unreachable",
        "S3 cannot be reached at {place}.",
        "Look at the network and at AWS_ENDPOINT_URL, then try again; nothing is lost.",
        AwayError,
    ),
    Refusal(
        r"ConnectTimeout|ReadTimeout|timed out|ApiCallTimeout|SocketTimeout|RequestTimeout|AcquireTimeout",
        "S3 did not answer in time about {place}.",
        _AGAIN,
        AwayError,
    ),
    Refusal(
        r"SlowDown|ServiceUnavailable|InternalError|AWSServiceThrottled|AWSServiceIOException|AWSStatus500"
        r"|Status Code: 5\d\d|TooManyRequests|ThrottlingException",
        "S3 says that it cannot serve {place} for the moment.",
        _AGAIN,
        AwayError,
    ),
    Refusal(
        r"ResponseParserError|NoCodeOfS3",
        "What came back about {place} is not an answer of S3.",
        "Look at AWS_ENDPOINT_URL, and whether this network wants a login or a proxy, then try again.",
        AwayError,
    ),
    Refusal(
        r"ConnectionClosed|Connection reset|ConnectionError|ResponseStreamingError|IncompleteRead|ProxyConnection"
        r"|Unable to execute HTTP request|AWSClientIOException|SdkClientException|HTTPClientError|NoHttpResponse",
        "The connection to S3 broke off at {place}.",
        _AGAIN,
        AwayError,
    ),
    Refusal(
        r"NoSuchKey|Status Code: 404|FileNotFoundException|NotFound",
        "{place} is not there.",
        "It may have been deleted after it was listed. Put it back, or start over to get your files back.",
        MissingObjectError,
    ),
)

# These strings occur only in texts about S3.
_OF_S3: Final = re.compile(r"s3a|amazonaws|awssdk|S3Exception|for scheme \"s3|s3://", re.IGNORECASE)


def is_of_s3(text: str) -> bool:
    """Return whether the text of an error from Spark is about S3."""
    return _OF_S3.search(text) is not None


def refusal_of(text: str) -> Refusal | None:
    """Return the known refusal that a text matches; None if there is none."""
    return next((refusal for refusal in REFUSALS if re.search(refusal.pattern, text)), None)


def explain_s3(text: str, place: str) -> LabError:
    """Return a refusal at a place as a LabError; for an unknown one, use the first line of its text."""
    if refusal := refusal_of(text):
        return refusal.kind(refusal.what.format(place=place), refusal.advice)
    return LabError(
        f"S3 refused {place}: {text.splitlines()[0][:300].rstrip('.')}.",
        "python -m lab doctor says which link is broken.",
    )
