"""`python -m lab doctor` with a bucket in S3: each link is tested, and a broken one is named."""

import os
import subprocess
import sys

import pytest
from policy_server import ROOT
from s3_servers import free_port

from lab.__main__ import main
from lab.bucket.address import S3Address
from lab.bucket.policy import policy
from lab.bucket.s3_storage import S3Storage

PLACE = S3Address("doctors", "lab/")
LINKS = (
    "LAB_BUCKET",
    "boto3",
    "S3 client",
    "Endpoint",
    "Access",
    "Bucket",
    "Region",
    "Write",
    "Read",
    "Copy",
    "Delete",
)


@pytest.fixture
def doctor(aws, monkeypatch, capsys):
    """Return a function that runs the doctor without Spark; it returns the exit code, the states, and the output."""

    def doctor(bucket=str(PLACE), **variables):
        aws({"LAB_BUCKET": bucket, **variables})
        code = main(["doctor", "--no-start"])
        printed = capsys.readouterr().out
        return code, states(printed), printed

    return doctor


def states(printed):
    """Return the state of each link; "not tried" for one that was not tried."""
    found = {}
    for line in printed.splitlines():
        if line[:7].strip() in {"ok", "note", "MISSING"}:
            found[line[9:19].strip()] = "not tried" if "not tried" in line else line[:7].strip()
    return found


@pytest.fixture(scope="module")
def bucket(gateway):
    """The gateway, with a bucket that root owns."""
    gateway.client("s3").create_bucket(Bucket=PLACE.bucket)
    return gateway


def keys_left(gateway):
    return [found["Key"] for found in gateway.client("s3").list_objects_v2(Bucket=PLACE.bucket).get("Contents", ())]


@pytest.mark.slow
def test_all_links_to_the_embedded_server_are_whole_and_spark_reads_from_it(without_s3_client):
    if without_s3_client:
        pytest.skip(without_s3_client)
    # In its own process, as a person starts it: a process has one Spark, and the tests already have theirs.
    done = subprocess.run(
        [sys.executable, "-m", "lab", "doctor"],
        env={**os.environ, "LAB_BUCKET": "embedded"},
        capture_output=True,
        text=True,
        check=False,
    )
    found = states(done.stdout)
    assert {found[link] for link in (*LINKS, "moto", "Spark", "Spark S3")} == {"ok"}, done.stdout
    assert (done.returncode, done.stderr) == (0, "")


def test_without_a_setting_nothing_of_s3_is_imported_or_said():
    code = (
        "import sys, lab.__main__ as lab; lab.main(['doctor', '--no-start']); print({'boto3', 'moto'} & {*sys.modules})"
    )
    environment = {name: value for name, value in os.environ.items() if name != "LAB_BUCKET"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.endswith("set()\n")
    assert "S3" not in done.stdout


def test_a_policy_for_the_prefix_is_enough_and_nothing_is_left(doctor, bucket):
    keys = bucket.user("doctor", policy(PLACE))
    code, found, printed = doctor(**bucket.environment(keys))
    assert code == 0, printed
    assert {found[link] for link in LINKS} == {"ok"}, printed
    assert f"found by env, access key {keys['AWS_ACCESS_KEY_ID'][:4]}…" in printed
    assert keys["AWS_ACCESS_KEY_ID"] not in printed
    assert keys["AWS_SECRET_ACCESS_KEY"] not in printed
    assert keys_left(bucket) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("action", "broken", "sentence"),
    [
        ("s3:ListBucket", "Bucket", "S3 denies access to s3://doctors/lab/."),
        ("s3:PutObject", "Write", "S3 denies access to s3://doctors/lab/doctor-"),
        ("s3:GetObject", "Read", "S3 denies access to s3://doctors/lab/doctor-"),
        ("s3:DeleteObject", "Delete", "by hand."),
    ],
)
def test_the_link_that_needs_a_denied_action_is_the_broken_one(doctor, bucket, action, broken, sentence):
    document = policy(PLACE)
    document["Statement"].append({"Effect": "Deny", "Action": action, "Resource": "*"})
    code, found, printed = doctor(**bucket.environment(bucket.user(f"no-{broken}", document)))
    assert code == 1
    assert next(what for what, state in found.items() if state == "MISSING") == broken
    assert sentence in printed
    left = keys_left(bucket)
    assert bool(left) == (action == "s3:DeleteObject")
    # The doctor names the objects that it could not delete.
    for key in left:
        assert action != "s3:DeleteObject" or "Delete s3://doctors/lab/doctor-" in printed
        bucket.client("s3").delete_object(Bucket=PLACE.bucket, Key=key)


def test_a_server_that_denies_what_is_not_there_is_found_out(doctor, bucket):
    document = policy(PLACE)
    document["Statement"].append({"Effect": "Deny", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::*/absent.csv"})
    _, found, printed = doctor(**bucket.environment(bucket.user("nosy", document)))
    assert found["Read"] == "MISSING"
    assert "Of an object that is not there, S3 does not say so." in printed


def test_a_setting_that_is_not_valid_is_where_it_ends(doctor):
    code, found, printed = doctor("s3://No/lab")
    assert code == 1
    assert found["LAB_BUCKET"] == "MISSING"
    assert found["boto3"] == "ok"
    assert found["Bucket"] == "not tried"
    assert "not tried, for it needs: LAB_BUCKET" in printed


@pytest.mark.slow
@pytest.mark.parametrize(
    ("variables", "broken", "sentence"),
    [
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:{port}"}, "Endpoint", "S3 cannot be reached at http://127.0.0.1:"),
        ({"AWS_ENDPOINT_URL": "nonsense"}, "Endpoint", "AWS_ENDPOINT_URL is no address"),
        ({"AWS_PROFILE": "nobody"}, "Endpoint", "The config profile (nobody) could not be found."),
        ({"AWS_ACCESS_KEY_ID": ""}, "Access", "No credentials were found for s3://doctors/lab/."),
        ({"AWS_SECRET_ACCESS_KEY": "wrong"}, "Bucket", "The secret key does not belong to the access key"),
        ({"AWS_ACCESS_KEY_ID": "unknown"}, "Bucket", "S3 does not know the access key"),
        ({"LAB_BUCKET": "s3://not-there/lab"}, "Bucket", "There is no such bucket: s3://not-there/lab/."),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)
def test_the_broken_link_is_named_and_those_after_it_are_not_tried(doctor, bucket, variables, broken, sentence):
    variables = {name: value.format(port=free_port()) for name, value in variables.items()}
    surroundings = {"AWS_ENDPOINT_URL": bucket.s3, "AWS_DEFAULT_REGION": "us-east-1", **ROOT, "LAB_BUCKET": str(PLACE)}
    surroundings |= variables
    code, found, printed = doctor(surroundings.pop("LAB_BUCKET"), **surroundings)
    assert code == 1
    assert found[broken] == "MISSING", printed
    assert sentence in printed.replace("\n" + " " * 21, " ")
    assert {found[link] for link in LINKS[LINKS.index(broken) + 1 :]} <= {"not tried", "ok"}
    assert found["Bucket"] in {"MISSING", "not tried"}
    assert found["Write"] == "not tried"
    assert "1 thing missing" in printed


def test_another_region_than_the_one_that_is_set_is_a_note(doctor, bucket):
    """boto3 follows the redirect, and Spark gets the bucket's real region."""
    variables = bucket.environment(ROOT) | {"AWS_DEFAULT_REGION": "eu-west-1"}
    code, found, printed = doctor(**variables)
    assert (code, found["Region"], found["Delete"]) == (0, "note", "ok")
    assert "AWS_DEFAULT_REGION=us-east-1" in printed


def test_spark_gets_the_region_of_the_bucket(bucket, aws, tmp_path):
    aws(bucket.environment(ROOT) | {"AWS_DEFAULT_REGION": "eu-west-1"})
    assert S3Storage(PLACE, {}).access(tmp_path).region == "us-east-1"


def test_a_client_that_is_not_kept_yet_is_announced(doctor, embedded, tmp_path):
    code, found, printed = doctor("embedded", LAB_CACHE=str(tmp_path))
    assert (code, found["S3 client"], found["Delete"]) == (0, "note", "ok")
    assert "will be fetched, 14 MB, once" in printed
