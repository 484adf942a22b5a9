"""The texts that identify a refusal of S3: from Spark's S3 client, which no test here provokes, and from boto3."""

import pytest

from lab.bucket.s3_errors import REFUSALS, AwayError, CredentialsError, explain_s3, is_of_s3, refusal_of
from lab.engine.failures import explain

S3A = "s3a://course/learner-1/LogDataLive"
# Messages of Spark, Hadoop's S3A or the AWS SDK for Java, shortened.
OF_SPARK = [
    ('org.apache.hadoop.fs.UnsupportedFileSystemException: No FileSystem for scheme "s3a"', "without its S3 client"),
    (
        "java.lang.ClassNotFoundException: Class org.apache.hadoop.fs.s3a.S3AFileSystem not found",
        "without its S3 client",
    ),
    (
        "org.apache.hadoop.fs.s3a.UnknownStoreException: `s3a://course/': Store does not exist: "
        "software.amazon.awssdk.services.s3.model.NoSuchBucketException: (Service: S3, Status Code: 404, Request ID: 1)",
        "no such bucket",
    ),
    (
        f"org.apache.hadoop.fs.s3a.AWSBadRequestException: getFileStatus on {S3A}: S3Exception: The specified bucket is not "
        "valid. (Service: S3, Status Code: 400, Request ID: 1):InvalidBucketName",
        "does not accept the name",
    ),
    (
        f"java.nio.file.AccessDeniedException: {S3A}: getFileStatus on {S3A}: software.amazon.awssdk.services.s3.model."
        "S3Exception: (Service: S3, Status Code: 403, Request ID: 1)",
        "denies access",
    ),
    (
        f"java.nio.file.AccessDeniedException: {S3A}: S3Exception: The difference between the request time and the current "
        "time is too large. (Service: S3, Status Code: 403, Request ID: 1):RequestTimeTooSkewed",
        "The clock",
    ),
    (
        f"java.nio.file.AccessDeniedException: {S3A}: S3Exception: The AWS Access Key Id you provided does not exist in our "
        "records. (Service: S3, Status Code: 403, Request ID: 1):InvalidAccessKeyId",
        "does not know the access key",
    ),
    (
        f"java.nio.file.AccessDeniedException: {S3A}: S3Exception: The request signature we calculated does not match the "
        "signature you provided. (Service: S3, Status Code: 403, Request ID: 1):SignatureDoesNotMatch",
        "secret key does not belong",
    ),
    (
        f"org.apache.hadoop.fs.s3a.AWSBadRequestException: getFileStatus on {S3A}: S3Exception: The provided token has "
        "expired. (Service: S3, Status Code: 400, Request ID: 1):ExpiredToken",
        "have expired",
    ),
    (
        f"java.nio.file.AccessDeniedException: {S3A}: org.apache.hadoop.fs.s3a.auth.NoAuthWithAWSException: No AWS "
        "Credentials provided by EnvironmentVariableCredentialsProvider : software.amazon.awssdk.core.exception."
        "SdkClientException: Unable to load credentials from system settings.",
        "No credentials were found",
    ),
    (
        f"java.nio.file.AccessDeniedException: {S3A}: software.amazon.awssdk.core.exception.SdkClientException: Failed to "
        "refresh process-based credentials.",
        "No credentials were found",
    ),
    (
        f"org.apache.hadoop.fs.s3a.AWSRedirectException: Received permanent redirect response to region eu-west-1 on {S3A}: "
        "S3Exception: (Service: S3, Status Code: 301, Request ID: 1)",
        "another region",
    ),
    (
        f"org.apache.hadoop.fs.s3a.AWSRedirectException: listing {S3A}: S3Exception: null (Service: S3, Status Code: 307)",
        "another region",
    ),
    (
        f"org.apache.hadoop.fs.s3a.RemoteFileChangedException: open `{S3A}/s115.csv': Change reported by S3 during open",
        "changed in place",
    ),
    (
        f"org.apache.hadoop.fs.s3a.AWSClientIOException: getFileStatus on {S3A}: SdkClientException: Unable to execute HTTP "
        "request: PKIX path building failed: unable to find valid certification path to requested target",
        "does not trust the certificate",
    ),
    (
        "software.amazon.awssdk.core.exception.SdkClientException: Unable to execute HTTP request: Connect to 127.0.0.1:9 "
        "[/127.0.0.1] failed: Connection refused (SDK Attempt Count: 2)",
        "cannot be reached",
    ),
    (
        f"java.net.UnknownHostException: getFileStatus on {S3A}: SdkClientException: Received an UnknownHostException when "
        "attempting to interact with a service.",
        "cannot be reached",
    ),
    (
        f"java.net.SocketTimeoutException: getFileStatus on {S3A}: SdkClientException: Unable to execute HTTP request: Read "
        "timed out (SDK Attempt Count: 2)",
        "did not answer in time",
    ),
    (
        f"java.io.InterruptedIOException: getFileStatus on {S3A}: software.amazon.awssdk.core.exception."
        "ApiCallTimeoutException: Client execution did not complete before the specified timeout: 15000 millis",
        "did not answer in time",
    ),
    (
        f"org.apache.hadoop.fs.s3a.AWSServiceThrottledException: getFileStatus on {S3A}: S3Exception: Please reduce your "
        "request rate. (Service: S3, Status Code: 503, Request ID: 1):SlowDown",
        "cannot serve",
    ),
    (
        f"org.apache.hadoop.fs.s3a.AWSStatus500Exception: getFileStatus on {S3A}: S3Exception: We encountered an internal "
        "error. (Service: S3, Status Code: 500, Request ID: 1):InternalError",
        "cannot serve",
    ),
    (
        f"org.apache.hadoop.fs.s3a.AWSClientIOException: getFileStatus on {S3A}: SdkClientException: Unable to execute HTTP "
        "request: Connection reset (SDK Attempt Count: 2)",
        "broke off",
    ),
    (
        "software.amazon.awssdk.core.exception.SdkClientException: Unable to execute HTTP request: The target server failed "
        "to respond: org.apache.http.NoHttpResponseException",
        "broke off",
    ),
    (f"java.io.FileNotFoundException: No such file or directory: {S3A}/s115.csv", "is not there"),
]
# Without these texts, the lab would say that the error is unknown; test_s3_errors provokes them with boto3.
OF_BOTO3 = [
    ("ProfileNotFound: The config profile (nobody) could not be found", "names a profile that is not there"),
    ("RecursionError: maximum recursion depth exceeded", "sends every request elsewhere"),
    ("ValueError: Invalid endpoint: localhost:9000", "is no address"),
    ("ResponseParserError: This is no list of objects.", "not an answer of S3"),
]


@pytest.mark.parametrize(("text", "words"), OF_SPARK + OF_BOTO3)
def test_a_text_is_told_as_what_it_means_and_where(text, words):
    told = explain_s3(text, "s3://course/")
    assert words in told.what
    assert "s3://course/" in told.what
    assert told.advice


@pytest.mark.parametrize(("text", "words"), OF_SPARK)
def test_what_fails_in_spark_is_explained_by_the_same_sentence(text, words):
    assert is_of_s3(text)
    failure = explain(f"pyspark.errors.exceptions.captured.StreamingQueryException: [STREAM_FAILED]\n{text}")
    assert words in failure.sentence
    assert failure.outside == issubclass(refusal_of(text).kind, AwayError | CredentialsError)


def test_every_refusal_is_told_by_one_of_these_texts():
    assert {refusal_of(text) for text, _ in OF_SPARK + OF_BOTO3} == set(REFUSALS)


@pytest.mark.parametrize(
    "text",
    [
        "java.io.FileNotFoundException: File file:/tmp/x does not exist",
        "AnalysisException: [UNRESOLVED_COLUMN] A column `severty` cannot be resolved.",
        "Py4JNetworkError: Answer from Java side is empty",
    ],
)
def test_what_is_not_about_s3_is_left_to_others(text):
    assert not is_of_s3(text)
