"""The process that passes boto3's credentials to Spark's S3 client; and no secret appears anywhere else."""

import json
import logging
import os
import shlex
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lab.bucket import LOG_DATA, credentials
from lab.bucket.address import S3Address
from lab.bucket.credentials import AGAIN
from lab.bucket.s3_errors import refusal_of
from lab.bucket.s3_storage import EmbeddedStorage, S3Storage
from lab.errors import LabError

KEYS = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "a/secret+key"}
PROFILE = "[{}]\naws_access_key_id = AKIDPROFILE\naws_secret_access_key = of-the-profile\n"


def run(*arguments):
    return subprocess.run(
        [sys.executable, credentials.__file__, *arguments], capture_output=True, text=True, check=False
    )


def given(*arguments):
    done = run(*arguments)
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    ends = datetime.strptime(found.pop("Expiration"), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert ends > datetime.now(UTC)
    return found, ends


@pytest.fixture
def home(aws, tmp_path):
    """The folder of the files that `aws configure` writes."""
    folder = tmp_path / "home" / ".aws"
    folder.mkdir(parents=True)
    return folder


def test_the_keys_of_the_environment_are_given_for_some_minutes(aws):
    aws(KEYS)
    found, ends = given()
    assert found == {"Version": 1, "AccessKeyId": "AKIDEXAMPLE", "SecretAccessKey": "a/secret+key"}
    assert ends <= datetime.now(UTC) + AGAIN + timedelta(seconds=1)


def test_a_session_token_is_given_too(aws):
    aws(KEYS | {"AWS_SESSION_TOKEN": "the-token"})
    assert given()[0]["SessionToken"] == "the-token"


def test_a_profile_is_named_by_an_argument(home):
    (home / "credentials").write_text(PROFILE.format("school"))
    assert given("AWS_PROFILE=school")[0]["AccessKeyId"] == "AKIDPROFILE"


def test_a_file_with_spaces_in_its_name_is_found(aws, tmp_path):
    file = tmp_path / "my credentials"
    file.write_text(PROFILE.format("default"))
    assert given(f"AWS_SHARED_CREDENTIALS_FILE={file}")[0]["SecretAccessKey"] == "of-the-profile"


def test_the_profile_that_spark_is_started_with_is_not_taken_for_the_persons(aws, home, tmp_path):
    (home / "credentials").write_text(PROFILE.format("default"))
    # Spark's profile runs this process, so the process would start itself again and again.
    aws({"AWS_CONFIG_FILE": str(tmp_path / "aws-config"), "AWS_PROFILE": "spark"})
    assert given()[0]["AccessKeyId"] == "AKIDPROFILE"


def test_credentials_that_end_are_given_with_their_end(home):
    ends = (datetime.now(UTC) + timedelta(hours=1)).replace(microsecond=0)
    inner = {"Version": 1, "AccessKeyId": "A", "SecretAccessKey": "S", "SessionToken": "T"}
    printed = json.dumps(inner | {"Expiration": ends.isoformat()})
    script = home / "inner.py"
    script.write_text(f"print({printed!r})")
    (home / "config").write_text(f"[profile inner]\ncredential_process = {shlex.join([sys.executable, str(script)])}\n")
    assert given("AWS_PROFILE=inner") == (inner, ends)


@pytest.mark.parametrize(
    ("config", "arguments", "words"),
    [
        ("", (), "NoCredentialsError"),
        ("", ("AWS_PROFILE=nobody",), "ProfileNotFound: The config profile (nobody) could not be found"),
        ("[default]\ncredential_process = false\n", (), "CredentialRetrievalError"),
        ("[default]\nsso_account_id = 1\nsso_role_name = r\nsso_start_url = x\nsso_region = r\n", (), "SSO"),
        ("[default\n", (), "ConfigParseError"),
    ],
)
def test_without_credentials_it_ends_with_one_line_that_says_why(home, config, arguments, words):
    (home / "config").write_text(config)
    done = run(*arguments)
    assert done.returncode != 0
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert words in done.stderr


def test_what_it_says_is_known_to_who_explains_sparks_errors(home):
    assert refusal_of(run().stderr).what.startswith("No credentials")
    assert "profile" in refusal_of(run("AWS_PROFILE=nobody").stderr).what


# --- what Spark is started with


def test_spark_gets_what_boto3_finds_by_a_file_without_a_secret(aws, home, versitygw, tmp_path):
    """The AWS SDK for Java gets boto3's result by a configuration file; botocore reads such a file the same way."""
    (home / "credentials").write_text(
        f"[school]\naws_access_key_id = {versitygw.keys['AWS_ACCESS_KEY_ID']}\n"
        f"aws_secret_access_key = {versitygw.keys['AWS_SECRET_ACCESS_KEY']}\n"
    )
    aws({"AWS_PROFILE": "school", "AWS_ENDPOINT_URL": versitygw.url, "AWS_DEFAULT_REGION": "us-east-1"})
    aws({"AWS_CONFIG_FILE": str(home / "config"), "AWS_SHARED_CREDENTIALS_FILE": str(home / "credentials")})
    access = S3Storage(S3Address("course"), os.environ).access(tmp_path)
    assert (access.endpoint, access.region, access.profile) == (versitygw.url, "us-east-1", True)
    (file,) = {access.environment["AWS_CONFIG_FILE"], access.environment["AWS_SHARED_CREDENTIALS_FILE"]}
    text = Path(file).read_text(encoding="utf-8")
    assert not [value for value in versitygw.keys.values() if value in text + repr(access)]
    command = text.partition("credential_process = ")[2]
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["SecretAccessKey"] == versitygw.keys["AWS_SECRET_ACCESS_KEY"]


def test_no_key_is_seen_in_what_is_shown_logged_or_raised(aws, versitygw, embedded, tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    secrets = {*versitygw.keys.values(), "a-wrong-secret"}
    aws(versitygw.environment())
    own = S3Storage(S3Address("course"), os.environ)
    shown = [repr(own.access(tmp_path)), repr(embedded.access(tmp_path))]
    for storage in (own, embedded):
        bucket = storage.bucket("a learner", tmp_path)
        bucket.make_folders()
        shown += map(repr, (storage, storage.connection, bucket, storage.shown, vars(bucket)))
        with pytest.raises(LabError) as caught:
            bucket.read(LOG_DATA + "x")
        shown += [repr(caught.value), str(caught.value.__cause__)]
    for wrong in ({"AWS_SECRET_ACCESS_KEY": "a-wrong-secret"}, {"AWS_ACCESS_KEY_ID": "AKIDWRONG"}):
        aws(versitygw.environment() | wrong)
        with pytest.raises(LabError) as caught:
            S3Storage(S3Address("course"), os.environ).access(tmp_path)
        shown += [repr(caught.value), str(caught.value.__cause__)]
    text = "\n".join(shown)
    assert not [value for value in secrets if value in text]
    # At this level, botocore logs what it signs, including the access key, which is no secret. The lab itself logs
    # nothing.
    hidden = {keys["AWS_SECRET_ACCESS_KEY"] for keys in (versitygw.keys, embedded.server.keys)} | {"a-wrong-secret"}
    assert not [value for value in hidden if value in caplog.text]
    assert not [record for record in caplog.records if record.name.startswith("lab")]


def test_no_key_is_seen_in_the_list_of_processes():
    storage = EmbeddedStorage()
    try:
        pid = storage.server.endpoint() and storage.server._process.pid
        listed = subprocess.run(["ps", "-eo", "pid,args"], capture_output=True, text=True, check=True).stdout
        assert f"{pid} " in listed
        assert not [value for value in storage.server.keys.values() if value in listed]
        assert not [value for value in storage.server.keys.values() if value in repr(vars(storage.server._process))]
    finally:
        storage.close()


def test_the_lab_leaves_the_environment_of_its_own_process_alone(embedded, tmp_path):
    before = dict(os.environ)
    embedded.access(tmp_path)
    assert dict(os.environ) == before
