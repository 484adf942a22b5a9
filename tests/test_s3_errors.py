"""S3's refusals, provoked for real, and the messages about them: what was wrong, where, and what to do."""

import hashlib
import json
import os
import subprocess
import sys
from datetime import timedelta

import pytest
from botocore import compat
from botocore.config import Config
from outage import SLOW_DOWN, OutageProxy
from s3_servers import free_port, untrusted_server

from lab.bucket import LOG_DATA, LOG_DATA_LIVE, OUTPUT, MissingObjectError, s3_storage
from lab.bucket.address import S3Address, read_s3_address
from lab.bucket.connection import S3Connection
from lab.bucket.s3 import S3Bucket
from lab.bucket.s3_errors import AwayError, CredentialsError
from lab.bucket.s3_storage import PATH_STYLE, S3Storage
from lab.errors import LabError


@pytest.fixture
def told(aws, versitygw, monkeypatch, tmp_path):
    """Return a function that opens the storage with these variables (None removes one), and returns the error."""
    aws(versitygw.environment())

    def told(address="s3://course/lab", **variables):
        for name, value in variables.items():
            monkeypatch.delenv(name) if value is None else monkeypatch.setenv(name, value)
        with pytest.raises(LabError) as caught:
            S3Storage(read_s3_address(address), os.environ).access(tmp_path)
        return caught.value

    return told


@pytest.fixture
def proxy(versitygw):
    with OutageProxy("127.0.0.1", versitygw.port) as proxy:
        yield proxy


NO_KEYS = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}


def error(code, more=""):
    """Return an error in S3's format, https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html."""
    text = f"<Error><Code>{code}</Code><Message>As AWS says it.</Message>{more}<RequestId>1</RequestId></Error>"
    return f'<?xml version="1.0" encoding="UTF-8"?>{text}'.encode()


# --- the bucket


def test_a_bucket_that_is_not_there(told):
    refused = told("s3://nonesuch/lab")
    assert refused.what == "There is no such bucket: s3://nonesuch/lab/."
    assert "correct LAB_BUCKET" in refused.advice


@pytest.mark.parametrize("name", ["No_Such", "ab", "a..b", "-ab", "ab-", "192.168.0.1", "a" * 64, "", "a b"])
def test_a_bucket_whose_name_is_not_valid_is_refused_before_anything_is_asked(name):
    with pytest.raises(LabError, match=r"is not the name of a bucket\. A bucket's name has 3 to 63") as caught:
        read_s3_address(f"s3://{name}/lab")
    assert repr(name) in caught.value.what


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("course", "'course' is not an address in S3. It looks like s3://"),
        ("https://course.s3.amazonaws.com", "is not an address in S3"),
        ("s3://course/a b", "'a b' in 's3://course/a b' can not be part of the prefix. Use letters"),
        ("s3://course/a/../b", "'..' in"),
        ("s3://course/a*", "'a*' in"),
        ("s3://course/" + "a/" * 101, "is too long. Use at most 200"),
    ],
)
def test_an_address_that_is_not_valid_says_which_part(text, words):
    with pytest.raises(LabError) as caught:
        read_s3_address(text)
    assert words in str(caught.value)


@pytest.mark.parametrize("text", ["s3://course/a/b", " s3a://course/a//b/ "])
def test_an_address_is_read_with_and_without_slashes_around_it(text):
    assert str(read_s3_address(text)) == "s3://course/a/b/"


# The server refuses the first name, boto3 the second.
@pytest.mark.parametrize("name", ["No_Such", "a b"])
def test_a_bucket_whose_name_the_server_does_not_accept(versitygw, name):
    connection = S3Connection(versitygw.client, f"s3://{name}/")
    with pytest.raises(
        LabError, match=rf"does not accept the name of the bucket in s3://{name}/lab/LogData/\. Correct"
    ):
        S3Bucket(connection, S3Address(name, "lab/")).list(LOG_DATA)


def test_a_wrong_region_is_found_out_and_spark_is_given_the_right_one(aws, versitygw, tmp_path):
    aws(versitygw.environment() | {"AWS_DEFAULT_REGION": "eu-west-1"})
    assert S3Storage(S3Address("course"), os.environ).access(tmp_path).region == versitygw.region


@pytest.mark.parametrize(
    ("status", "code"), [(301, "PermanentRedirect"), (400, "AuthorizationHeaderMalformed"), (400, "IncorrectEndpoint")]
)
def test_a_region_that_stays_wrong(told, proxy, status, code):
    region = "<Region>eu-west-1</Region>"
    proxy.answer(status, error(code, region), {"x-amz-bucket-region": "eu-west-1"})
    refused = told(AWS_ENDPOINT_URL=proxy.url)
    assert "s3://course/lab/ is in another region" in refused.what
    assert "AWS_DEFAULT_REGION" in refused.advice


def test_a_region_that_is_none(told):
    assert "in another region" in told(AWS_DEFAULT_REGION="no region!").what


# --- rights


def test_access_denied_to_a_user_without_rights(told, versitygw):
    refused = told(**versitygw.add_user("without-rights"))
    assert refused.what == "S3 denies access to s3://course/lab/."
    assert "policy" in refused.advice
    assert not isinstance(refused, AwayError | CredentialsError)


@pytest.fixture
def may_not_delete(versitygw):
    """A client of a user who may do everything except delete."""
    keys = versitygw.add_user("may-not-delete")
    actions = ["s3:ListBucket", "s3:GetObject", "s3:PutObject"]
    allowed = {"Effect": "Allow", "Principal": ["may-not-delete"], "Action": actions}
    client = versitygw.client()
    resource = ["arn:aws:s3:::course", "arn:aws:s3:::course/*"]
    client.put_bucket_policy(Bucket="course", Policy=json.dumps({"Statement": [allowed | {"Resource": resource}]}))
    yield lambda: versitygw.client(keys=keys)
    client.delete_bucket_policy(Bucket="course")


def test_one_object_that_may_not_be_deleted_is_named(versitygw, may_not_delete):
    bucket = S3Bucket(S3Connection(may_not_delete, "s3://course/"), S3Address("course", "policy/"))
    bucket.write(OUTPUT + "x", b"x")
    for delete in (lambda: bucket.delete(OUTPUT), lambda: bucket.remove(OUTPUT + "x")):
        with pytest.raises(LabError, match=r"S3 denies access to s3://course/policy/Lab9Output/x\."):
            delete()
    assert len(bucket.list(OUTPUT)) == 1
    S3Bucket(versitygw.connection, bucket.address, temporary=True).discard()


# --- credentials


def test_a_wrong_access_key(told):
    refused = told(AWS_ACCESS_KEY_ID="AKIAIOSFODNN7EXAMPLE")
    assert isinstance(refused, CredentialsError)
    assert "does not know the access key that is in use for s3://course/lab/" in refused.what
    assert "AKIA" not in str(refused)


def test_a_wrong_secret_key(told):
    refused = told(AWS_SECRET_ACCESS_KEY="not-the-secret")  # noqa: S106 - it is not a real secret
    assert isinstance(refused, CredentialsError)
    assert "The secret key does not belong to the access key" in refused.what
    assert "not-the-secret" not in str(refused)


def test_no_credentials_at_all(told):
    refused = told(**NO_KEYS)
    assert isinstance(refused, CredentialsError)
    assert "No credentials were found for s3://course/lab/" in refused.what
    assert "environment, a profile, a role or single sign-on" in refused.advice


def test_half_of_the_credentials(told):
    assert "No credentials were found" in told(AWS_SECRET_ACCESS_KEY=None).what


def test_a_profile_that_does_not_exist(told):
    refused = told(**NO_KEYS, AWS_PROFILE="nobody")
    assert isinstance(refused, CredentialsError)
    assert "AWS_PROFILE names a profile that is not there" in refused.what


@pytest.mark.parametrize("code", ["ExpiredToken", "TokenRefreshRequired"])
def test_credentials_that_have_expired(told, proxy, code):
    proxy.answer(400, error(code))
    refused = told(AWS_ENDPOINT_URL=proxy.url)
    assert isinstance(refused, CredentialsError)
    assert "have expired" in refused.what
    assert "aws sso login" in refused.advice


@pytest.mark.parametrize("cached", [True, False])
def test_a_single_sign_on_that_has_expired(aws, versitygw, tmp_path, cached):
    """In its own process, since boto3 looks for the home folder only once."""
    aws(versitygw.environment() | {"AWS_PROFILE": "school"})
    config = tmp_path / "home" / ".aws" / "config"
    cache = config.parent / "sso" / "cache"
    cache.mkdir(parents=True)
    config.write_text(
        "[profile school]\nsso_session = school\nsso_account_id = 1\nsso_role_name = teacher\n"
        "[sso-session school]\nsso_region = us-east-1\nsso_start_url = https://school.invalid/start\n"
    )
    token = {"startUrl": "https://school.invalid/start", "region": "us-east-1", "accessToken": "the-token"}
    if cached:
        name = hashlib.sha1(b"school", usedforsecurity=False).hexdigest()
        (cache / f"{name}.json").write_text(json.dumps(token | {"expiresAt": "2020-01-01T00:00:00Z"}))
    code = (
        "import pathlib\nfrom lab.bucket.choice import choose\nfrom lab.bucket.s3_errors import CredentialsError\n"
        "try: choose().access(pathlib.Path('.'))\nexcept CredentialsError as error: print(error)"
    )
    environment = {name: value for name, value in os.environ.items() if name not in NO_KEYS}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment | {"LAB_BUCKET": "s3://course/lab"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert "The credentials for s3://course/lab/ have expired. Renew them, with aws sso login" in done.stdout
    assert "the-token" not in done.stdout


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_that_is_wrong(told, monkeypatch, hours):
    now = compat.get_current_datetime
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda *args: now(*args) + timedelta(hours=hours))
    refused = told()
    assert "The clock of this machine is not that of S3" in refused.what
    assert "Set the clock" in refused.advice


def test_credentials_that_were_renewed_are_used_without_a_new_start(aws, versitygw):
    aws(versitygw.environment() | {"AWS_SECRET_ACCESS_KEY": "an old one"})
    bucket = S3Storage(S3Address("course"), os.environ).bucket("a learner", None)
    with pytest.raises(CredentialsError):
        bucket.list(LOG_DATA)
    aws(versitygw.environment())
    assert bucket.list(LOG_DATA) == []


# --- the way to S3


def test_an_endpoint_that_refuses(told):
    refused = told(AWS_ENDPOINT_URL=f"http://127.0.0.1:{free_port()}")
    assert isinstance(refused, AwayError)
    assert refused.what == "S3 cannot be reached at s3://course/lab/."
    assert "AWS_ENDPOINT_URL" in refused.advice


def test_an_endpoint_whose_name_does_not_resolve(told):
    assert "S3 cannot be reached" in told(AWS_ENDPOINT_URL="http://nowhere.invalid").what


@pytest.mark.parametrize("url", ["localhost:9000", "http://", "htp://localhost:9000"])
def test_an_endpoint_that_is_no_address(told, url):
    refused = told(AWS_ENDPOINT_URL=url)
    assert "AWS_ENDPOINT_URL is no address" in refused.what
    assert "https://s3.example.org" in refused.advice


def test_an_endpoint_that_sends_every_request_elsewhere(told, proxy):
    proxy.answer(301, b"<html>Moved</html>", {"Location": "https://s3.example.org/"})
    refused = told(AWS_ENDPOINT_URL=proxy.url)
    assert "What answers for s3://course/lab/ sends every request elsewhere" in refused.what


@pytest.mark.parametrize("status", [200, 404])
def test_an_endpoint_that_is_another_web_server(told, proxy, status):
    proxy.answer(status, b"<html><p>Hello</p></html>", {"Content-Type": "text/html"})
    assert "is not an answer of S3" in told(AWS_ENDPOINT_URL=proxy.url).what


def test_a_certificate_that_is_not_trusted(told, tmp_path):
    with untrusted_server(tmp_path) as url:
        refused = told(AWS_ENDPOINT_URL=url)
    assert "does not trust the certificate that it was shown on the way to s3://course/lab/" in refused.what
    assert "AWS_CA_BUNDLE" in refused.advice


@pytest.mark.parametrize(
    ("status", "answer"), [(503, SLOW_DOWN), (500, error("InternalError")), (503, error("ServiceUnavailable"))]
)
def test_a_server_that_cannot_serve_for_the_moment(told, proxy, status, answer):
    proxy.answer(status, answer)
    refused = told(AWS_ENDPOINT_URL=proxy.url)
    assert isinstance(refused, AwayError)
    assert refused.what == "S3 says that it cannot serve s3://course/lab/ for the moment."
    assert "nothing is lost" in refused.advice


def test_a_server_that_does_not_answer(told, proxy, monkeypatch):
    once = Config(read_timeout=0.5, retries={"total_max_attempts": 1})
    monkeypatch.setattr(s3_storage, "PATH_STYLE", PATH_STYLE.merge(once))
    proxy.hang()
    refused = told(AWS_ENDPOINT_URL=proxy.url)
    assert isinstance(refused, AwayError)
    assert "did not answer in time about s3://course/lab/" in refused.what


def test_a_connection_that_breaks_off(told, proxy):
    proxy.reset()
    assert "The connection to S3 broke off at s3://course/lab/" in told(AWS_ENDPOINT_URL=proxy.url).what


def test_a_refusal_that_nobody_knows_is_shown(told, proxy):
    proxy.answer(409, error("OperationAborted"))
    refused = told(AWS_ENDPOINT_URL=proxy.url)
    assert refused.what.startswith("S3 refused s3://course/lab/: OperationAborted (Status Code: 409)")
    assert "As AWS says it." in refused.what
    assert "doctor" in refused.advice


# --- objects: see also test_bucket_delivery, for those that were changed or vanished before they were copied


def test_an_object_that_has_vanished_is_named_by_its_whole_address(s3_part):
    bucket = s3_part("learner-abc")
    with pytest.raises(MissingObjectError) as caught:
        bucket.read(LOG_DATA_LIVE + "s115.csv")
    assert caught.value.what == f"{bucket.uri(LOG_DATA_LIVE)}s115.csv is not there."
    assert "start over" in caught.value.advice
