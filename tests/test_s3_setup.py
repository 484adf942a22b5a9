"""`python -m lab s3-setup`: what it creates, and that its policy is enough for the lab and for nothing else."""

import io
import json

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from policy_server import ROOT
from s3_servers import free_port, let_spark_reach

from lab.__main__ import main
from lab.bucket import FOLDERS, LOG_DATA, LOG_DATA_LIVE, OUTPUT, deliver
from lab.bucket.address import S3Address
from lab.bucket.policy import policy
from lab.bucket.provision import MAX_VERSIONS, _explained
from lab.bucket.s3_storage import S3Storage
from lab.bucket.setup import missing, set_up

PLACE = S3Address("class-2027", "streams/lab/")
OTHERS = "streams/other/secret.csv"


@pytest.fixture
def amazon(embedded, aws):
    """Let the embedded server, which has an IAM like AWS, stand in for AWS; return a function that makes clients."""
    endpoint = embedded.server.endpoint()
    aws({"AWS_ENDPOINT_URL": endpoint, "AWS_DEFAULT_REGION": "eu-west-1", **embedded.server.keys})
    return lambda service: boto3.client(service, config=Config(s3={"addressing_style": "path"}))


def set_up_command(*options):
    return main(["s3-setup", *options])


def documents(iam, stem):
    """Return the policies whose names begin with `stem`, in their default versions."""
    found = {}
    for known in iam.list_policies(Scope="Local")["Policies"]:
        if known["PolicyName"].startswith(stem):
            version = iam.get_policy_version(PolicyArn=known["Arn"], VersionId=known["DefaultVersionId"])
            found[known["PolicyName"]] = version["PolicyVersion"]["Document"]
    return found


def test_bucket_and_policy_are_made_and_a_second_time_nothing_is(amazon, capsys):
    name = "spark-streaming-lab-made-by-test+streams+lab"
    for times in ("first", "second"):
        assert set_up_command("s3://made-by-test/streams/lab", "--yes") == 0, times
        s3, iam = amazon("s3"), amazon("iam")
        assert (
            s3.head_bucket(Bucket="made-by-test")["ResponseMetadata"]["HTTPHeaders"]["x-amz-bucket-region"]
            == "eu-west-1"
        )
        blocked = s3.get_public_access_block(Bucket="made-by-test")["PublicAccessBlockConfiguration"]
        assert len(blocked) == 4
        assert all(blocked.values())
        rules = s3.get_bucket_ownership_controls(Bucket="made-by-test")["OwnershipControls"]["Rules"]
        assert rules == [{"ObjectOwnership": "BucketOwnerEnforced"}]
        assert documents(iam, name) == {name: policy(S3Address("made-by-test", "streams/lab/"))}
        printed = capsys.readouterr().out
        assert (f"Created the policy {name}" in printed) == (times == "first")
        assert ("as it should be" in printed) == (times == "second")
        assert f"--policy-arn arn:aws:iam::123456789012:policy/{name}" in printed
        assert "  LAB_BUCKET=s3://made-by-test/streams/lab\n" in printed
        assert all(f"s3://made-by-test/streams/lab/learner-……/{folder}" in printed for folder in FOLDERS)
    assert len(iam.list_policy_versions(PolicyArn=f"arn:aws:iam::123456789012:policy/{name}")["Versions"]) == 1


@pytest.mark.slow
def test_a_policy_that_says_something_else_is_brought_up_to_date_however_often(amazon, capsys):
    for number in range(MAX_VERSIONS + 1):
        assert set_up_command(f"s3://changed-by-test/{number}", "--policy-name", "changed", "--yes") == 0
        assert documents(amazon("iam"), "changed") == {"changed": policy(S3Address("changed-by-test", f"{number}/"))}
    versions = amazon("iam").list_policy_versions(PolicyArn="arn:aws:iam::123456789012:policy/changed")["Versions"]
    assert len(versions) == MAX_VERSIONS
    assert "its settings" not in capsys.readouterr().err


def test_each_learner_gets_a_policy_for_a_prefix_of_their_own(amazon, capsys):
    assert set_up_command("s3://learners-by-test/2027", "--learner", "ada", "grace", "ada", "--yes") == 0
    stem = "spark-streaming-lab-learners-by-test+2027"
    assert documents(amazon("iam"), stem) == {
        f"{stem}-{name}": policy(S3Address("learners-by-test", f"2027/{name}/")) for name in ("ada", "grace")
    }
    assert "  LAB_BUCKET=s3://learners-by-test/2027/grace\n" in capsys.readouterr().out


@pytest.mark.parametrize("answer", ["", "\n", "no\n", "yeah\n"])
def test_nothing_is_made_without_a_yes(amazon, monkeypatch, capsys, answer):
    monkeypatch.setattr("sys.stdin", io.StringIO(answer))
    assert set_up_command("s3://never-made") == 1
    printed = capsys.readouterr().out
    assert "- the bucket never-made in eu-west-1: private" in printed
    assert printed.endswith("Nothing was done.\n")
    with pytest.raises(ClientError, match="404"):
        amazon("s3").head_bucket(Bucket="never-made")


def test_a_yes_is_enough(amazon, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    assert set_up_command("s3://made-after-all", "--region", "us-east-1") == 0
    assert amazon("s3").get_bucket_location(Bucket="made-after-all")["LocationConstraint"] is None


def test_printing_the_policy_needs_nobody_and_prints_nothing_else(aws, capsys):
    aws({"AWS_ENDPOINT_URL": f"http://127.0.0.1:{free_port()}"})
    assert set_up_command(str(PLACE), "--print-policy") == 0
    assert json.loads(capsys.readouterr().out) == policy(PLACE)
    assert set_up_command(str(PLACE), "--print-policy", "--learner", "ada", "grace") == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed == {name: policy(S3Address(PLACE.bucket, f"{PLACE.prefix}{name}/")) for name in ("ada", "grace")}


def test_a_policy_is_for_the_partition_of_its_region_and_a_whole_bucket_needs_no_condition():
    china, whole = policy(PLACE, "cn-north-1"), policy(S3Address("mine"))
    assert china["Statement"][0]["Resource"] == "arn:aws-cn:s3:::class-2027"
    assert policy(PLACE, "us-gov-west-1")["Statement"][1]["Resource"].startswith("arn:aws-us-gov:s3:::")
    assert "Condition" not in whole["Statement"][0]
    assert whole["Statement"][1]["Resource"] == "arn:aws:s3:::mine/*"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["s3://No"], "'No' in 's3://No' is not the name of a bucket."),
        (["mine"], "'mine' is not an address in S3."),
        (["s3://mine", "--learner", "a b"], "'a b' in 's3://mine/a b' can not be part of the prefix."),
        (["s3://mine", "--policy-name", "a/b"], "'a/b' is not a name for a policy."),
        (["s3://mine/" + "long/" * 30], "is not a name for a policy. Set --policy-name"),
        (["s3://mine"], "No credentials were found for s3://mine/."),
    ],
)
def test_what_can_not_be_done_is_said_in_a_sentence(aws, capsys, arguments, sentence):
    assert set_up_command(*arguments, "--yes") == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert sentence in line


@pytest.mark.parametrize(
    ("code", "bucket", "sentence"),
    [
        ("BucketAlreadyExists", "mine", "The name mine is taken, by a bucket of somebody else."),
        ("AccessDenied", "mine", "You may neither look into the bucket mine nor create it"),
        ("AccessDenied", "", "You may not create the policy lab."),
        ("TooManyBuckets", "mine", "The account has no room for mine."),
        ("IllegalLocationConstraintException", "mine", "lab is in another region than the one that is in use."),
        ("InvalidBucketName", "mine", "S3 does not accept the name of the bucket in lab."),
    ],
)
def test_a_refusal_of_amazons_is_a_sentence(code, bucket, sentence):
    refused = ClientError({"Error": {"Code": code, "Message": "No."}, "ResponseMetadata": {}}, "CreateSomething")
    assert str(_explained(refused, "lab", bucket)).startswith(sentence)


def test_a_server_without_policies_gets_its_bucket_and_is_said_to_have_none(gateway, aws, capsys):
    aws(gateway.environment())
    assert set_up_command("s3://on-the-gateway", "--yes") == 0
    printed = capsys.readouterr().out
    assert "knows no block on public access" in printed
    assert "does not make policies in the way of AWS (InvalidAction)" in printed
    assert "--print-policy prints spark-streaming-lab-on-the-gateway" in printed
    gateway.client("s3").head_bucket(Bucket="on-the-gateway")


def test_a_server_that_does_not_know_what_a_policy_is_gets_its_bucket_all_the_same(gateway, aws, capsys):
    aws({**ROOT, "AWS_ENDPOINT_URL": gateway.s3})
    assert set_up_command("s3://without-policies", "--yes") == 0
    assert "does not make policies in the way of AWS (no code)" in capsys.readouterr().out


def test_a_policy_for_another_server_is_never_made_at_amazon(gateway, aws, monkeypatch, capsys):
    aws(gateway.environment())
    monkeypatch.delenv("AWS_ENDPOINT_URL_IAM")
    assert set_up_command("s3://not-of-amazon", "--yes") == 0
    assert "AWS was not asked to make a policy for it" in capsys.readouterr().out


# --- is the policy enough, and no more than that


@pytest.fixture(scope="module")
def keys(gateway):
    """The keys of a user with the policy for PLACE; another user's object is in the same bucket."""
    gateway.client("s3").create_bucket(Bucket=PLACE.bucket)
    gateway.client("s3").put_object(Bucket=PLACE.bucket, Key=OTHERS, Body=b"s1,0,1\n")
    return gateway.user("lab", policy(PLACE))


@pytest.fixture
def storage(gateway, keys, aws):
    """The lab's storage, with no other rights than the policy's."""
    aws(gateway.environment(keys))
    return S3Storage(PLACE, {})


def test_the_policy_is_enough_for_the_lab_itself(storage, tmp_path):
    bucket = storage.bucket("somebody", tmp_path)
    set_up(bucket)
    assert not missing(bucket)
    deliver(bucket, ["s115.csv", "s215.csv"], lambda _: None)
    assert [entry.name for entry in bucket.list(LOG_DATA_LIVE)] == ["s115.csv", "s215.csv"]
    bucket.remove(LOG_DATA + "s115.csv")
    assert bucket.delete(LOG_DATA_LIVE) == 2
    assert not bucket.list(OUTPUT)


@pytest.mark.slow
def test_the_policy_is_enough_for_spark(storage, keys, classroom, without_s3_client, monkeypatch, tmp_path):
    if without_s3_client:
        pytest.skip(without_s3_client)
    # These settings are for this bucket only, so the tests' Spark can be used, although its environment has other keys.
    let_spark_reach(
        classroom.engine.root,
        storage.access(tmp_path),
        aws_credentials_provider="org.apache.hadoop.fs.s3a.SimpleAWSCredentialsProvider",
        access_key=keys["AWS_ACCESS_KEY_ID"],
        secret_key=keys["AWS_SECRET_ACCESS_KEY"],
    )
    monkeypatch.setattr(classroom, "_storage", storage)
    learner = classroom.enter("5" * 32)
    try:
        learner.set_up_bucket()
        learner.run_everything()
        place = learner.workspace.names["s3_log_data_uri"]
        assert place.startswith(str(PLACE))
        # If the lab asked for an object elsewhere, S3 itself would refuse.
        with pytest.raises(Exception, match="AccessDenied"):
            classroom.engine.root.read.text(f"s3://{PLACE.bucket}/{OTHERS}").count()
        learner.start_over()
        assert not learner.workspace.bucket.list(OUTPUT)
    finally:
        learner.close()


@pytest.mark.parametrize(
    ("method", "options"),
    [
        ("list_objects_v2", {}),
        ("list_objects_v2", {"Prefix": ""}),
        ("list_objects_v2", {"Prefix": "streams/"}),
        ("list_objects_v2", {"Prefix": "streams/lab"}),
        ("list_objects_v2", {"Prefix": "streams/other/"}),
        ("get_object", {"Key": OTHERS}),
        ("put_object", {"Key": OTHERS, "Body": b""}),
        ("put_object", {"Key": "streams/labs", "Body": b""}),
        ("delete_object", {"Key": OTHERS}),
        ("copy_object", {"Key": PLACE.prefix + "stolen", "CopySource": {"Bucket": PLACE.bucket, "Key": OTHERS}}),
        ("get_bucket_policy", {}),
        ("put_bucket_policy", {"Policy": "{}"}),
        ("delete_bucket", {}),
    ],
)
def test_the_policy_refuses_everything_else(gateway, keys, method, options):
    with pytest.raises(ClientError, match="AccessDenied"):
        getattr(gateway.client("s3", keys), method)(Bucket=PLACE.bucket, **options)


def test_deleting_several_objects_of_others_is_refused_one_by_one(gateway, keys):
    answer = gateway.client("s3", keys).delete_objects(Bucket=PLACE.bucket, Delete={"Objects": [{"Key": OTHERS}]})
    assert [refused["Code"] for refused in answer["Errors"]] == ["AccessDenied"]


def test_who_may_not_make_a_bucket_is_told_so(gateway, keys, aws, capsys):
    aws(gateway.environment(keys))
    assert set_up_command("s3://made-by-nobody", "--yes") == 1
    assert "You may neither look into the bucket made-by-nobody nor create it" in capsys.readouterr().err
