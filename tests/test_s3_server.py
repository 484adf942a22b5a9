"""The embedded S3 server: who gets an answer, and how it ends."""

import http.client
import signal
import subprocess
import sys
import time

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from s3_servers import is_open

from lab.bucket.embedded import EmbeddedServer
from lab.bucket.s3_storage import BUCKET, PATH_STYLE
from lab.errors import LabError

# A script that prints the address, then waits to be killed.
PARENT = """
import sys
from pathlib import Path
from lab.bucket.embedded import EmbeddedServer
server = EmbeddedServer()
server.keep_in(Path(sys.argv[1]))
print(server.endpoint(), flush=True)
input()
"""


def client(embedded, access_key, secret_key, **config):
    return boto3.client(
        "s3",
        endpoint_url=embedded.server.endpoint(),
        region_name="us-east-1",
        aws_access_key_id=access_key,
        aws_secret_access_key=secret_key,
        config=PATH_STYLE.merge(Config(**config)),
    )


@pytest.fixture
def owner(embedded):
    """A client with the server's keys; create the bucket."""
    owner = client(embedded, *embedded.server.keys.values())
    owner.create_bucket(Bucket=BUCKET)
    return owner


def port_of(endpoint):
    return int(endpoint.rpartition(":")[2])


def answer(embedded, method, path, headers):
    connection = http.client.HTTPConnection("127.0.0.1", port_of(embedded.server.endpoint()), timeout=10)
    try:
        connection.request(method, path, headers=headers)
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), response.read()
    finally:
        connection.close()


@pytest.mark.parametrize("keys", [("AKIDWRONG", "secret"), ("embedded-", "secret")])
def test_who_signs_with_another_key_is_denied(embedded, keys):
    other = client(embedded, *keys)
    for request in (
        lambda: other.list_objects_v2(Bucket=BUCKET),
        lambda: other.put_object(Bucket=BUCKET, Key="x", Body=b"x" * 100_000),
        lambda: other.create_bucket(Bucket="another"),
    ):
        with pytest.raises(ClientError, match="AccessDenied"):
            request()


def test_who_does_not_sign_is_denied(embedded):
    with pytest.raises(ClientError, match="AccessDenied"):
        client(embedded, "A", "B", signature_version=UNSIGNED).list_objects_v2(Bucket=BUCKET)


def test_a_key_in_an_address_is_no_signature(embedded, owner):
    url = owner.generate_presigned_url("list_objects_v2", Params={"Bucket": BUCKET})
    assert answer(embedded, "GET", url.partition(str(port_of(url.partition("/lab")[0])))[2], {})[0] == 403


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"])
def test_a_page_in_the_browser_is_denied_and_not_allowed_to_read_the_answer(embedded, method):
    origin = {"Origin": "https://example.org", "Access-Control-Request-Method": "PUT"}
    for path in ("/", f"/{BUCKET}?list-type=2", "/moto-api/data.json"):
        status, headers, _ = answer(embedded, method, path, origin)
        assert status == 403
        assert not [name for name in headers if name.lower().startswith("access-control")]


def test_a_page_that_has_the_key_is_denied_too(owner):
    owner.list_objects_v2(Bucket=BUCKET)
    owner.meta.events.register("before-sign.s3", lambda request, **_: request.headers.add_header("Origin", "null"))
    with pytest.raises(ClientError, match="AccessDenied"):
        owner.list_objects_v2(Bucket=BUCKET)


def test_it_answers_at_one_address_of_this_machine_only(embedded):
    port = port_of(embedded.server.endpoint())
    assert is_open(port)
    # A server that listens on all addresses would answer here.
    assert not is_open(port, "127.0.0.2")


def test_it_copies_only_what_was_listed(embedded, owner):
    owner.put_object(Bucket=BUCKET, Key="copy/a", Body=b"1")
    tag = owner.head_object(Bucket=BUCKET, Key="copy/a")["ETag"]
    source = {"Bucket": BUCKET, "Key": "copy/a"}
    owner.copy_object(Bucket=BUCKET, Key="copy/b", CopySource=source, CopySourceIfMatch=tag)
    owner.put_object(Bucket=BUCKET, Key="copy/a", Body=b"2")
    with pytest.raises(ClientError, match="PreconditionFailed"):
        owner.copy_object(Bucket=BUCKET, Key="copy/b", CopySource=source, CopySourceIfMatch=tag)
    assert owner.get_object(Bucket=BUCKET, Key="copy/b")["Body"].read() == b"1"


def test_it_ends_with_the_lab_however_the_lab_ends(tmp_path):
    command = [sys.executable, "-c", PARENT, str(tmp_path)]
    parent = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with parent:
        port = port_of(parent.stdout.readline().strip())
        assert is_open(port)
        parent.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 20
    while is_open(port):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_one_that_can_not_start_says_why(embedded):
    server = EmbeddedServer()
    server._port = port_of(embedded.server.endpoint())  # a port that is taken
    with pytest.raises(LabError, match=r"The embedded S3 server could not start: .*in use") as caught:
        server.endpoint()
    assert not [value for value in server.keys.values() if value in str(caught.value)]
    server.stop()


def test_stopping_twice_or_before_it_was_started_is_nothing():
    server = EmbeddedServer()
    server.stop()
    server.stop()
    assert server._process is None
