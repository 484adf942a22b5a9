"""Spark on a cluster: a real standalone master and worker on loopback do the lab."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from s3_servers import free_port

from lab.__main__ import main
from lab.bucket.address import S3Address
from lab.bucket.storage import S3Access
from lab.engine.cluster import HERE, Cluster, find_cluster
from lab.engine.master import LOCAL, Master, reach, read_master
from lab.engine.properties import FILE, OWNED, read_properties
from lab.engine.settings import spark_settings
from lab.errors import LabError
from lab.lesson.results import GROUPS
from lab.lesson.steps import EXERCISES
from lab.settings import Settings, read_settings
from tools.standalone import StandaloneCluster, find_whole_java

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent
ELSEWHERE = Master("spark://192.0.2.1:7077", (("192.0.2.1", 7077),))


@pytest.fixture(scope="module")
def java_home():
    try:
        return find_whole_java()
    except LabError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def standalone(tmp_path_factory, java_home):
    with StandaloneCluster(tmp_path_factory.mktemp("cluster"), java_home) as cluster:
        cluster.add_worker()
        yield cluster


@pytest.fixture
def properties(tmp_path):
    """Return a function that writes spark-defaults properties, and returns the environment that names them."""

    def write(text):
        folder = tmp_path / "conf"
        folder.mkdir(exist_ok=True)
        (folder / FILE).write_text(text, encoding="utf-8")
        return {"SPARK_CONF_DIR": str(folder)}

    return write


def lab_on(variables, *arguments):
    """Return the output of tests/lab_on_cluster.py."""
    kept = {name: value for name, value in os.environ.items() if name not in {"LAB_BUCKET", "SPARK_LOCAL_IP"}}
    done = subprocess.run(
        [sys.executable, ROOT / "tests" / "lab_on_cluster.py", *arguments],
        env={**kept, "PYTHONPATH": str(ROOT), **variables},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


def test_a_standalone_cluster_does_the_lab(standalone, properties):
    own = properties("# a small one\nspark.executor.memory 512m\nspark.sql.restrictedMode.enabled=false\n")
    found = lab_on({"SPARK_MASTER": standalone.url, **own}, "solutions", "results", "after_its_end")
    assert "error" not in found
    assert (found["master"], found["executors"]) == (standalone.url, 1)
    assert found["live"].startswith("file:///")
    assert found["solutions"] == {step.id: "passed" for step in EXERCISES}
    assert found["results"] == {group.id: "passed" for group in GROUPS}
    assert found["after_its_end"] == "DIED"
    assert f"It works on the cluster {standalone.url}." in found["note"]
    assert "sets spark.sql.restrictedMode.enabled, which the lab keeps at true: SQL text may not" in found["note"]


def test_executors_reach_the_embedded_s3_server(standalone, without_s3_client):
    if without_s3_client:
        pytest.skip(without_s3_client)
    found = lab_on({"SPARK_MASTER": standalone.url, "LAB_BUCKET": "embedded"}, "results")
    assert "error" not in found
    assert (found["master"], found["executors"]) == (standalone.url, 1)
    assert found["live"].startswith("s3://lab/learner-")
    assert found["results"] == {group.id: "passed" for group in GROUPS}


def test_a_cluster_without_a_worker_that_is_free_is_a_sentence_and_no_wait_for_ever(standalone, properties):
    own = properties("spark.executor.memory 64g\n")
    found = lab_on({"SPARK_MASTER": standalone.url, **own}, "impatient")
    assert f"The cluster {standalone.url} gave the lab no executor" in found["error"]
    assert "Start a worker that has a core and the memory of spark.executor.memory" in found["error"]


def test_a_master_that_is_away_is_a_sentence_and_nothing_is_started(monkeypatch, capsys, tmp_path):
    url = f"spark://127.0.0.1:{free_port()}"
    monkeypatch.setenv("SPARK_MASTER", url)
    with pytest.raises(LabError, match=rf"The Spark master {url} cannot be reached \(127.*connection refused\)"):
        find_cluster(None)
    assert main(["doctor", "--no-start"]) == 1
    assert f"MISSING  Master      The Spark master {url} cannot be reached" in capsys.readouterr().out
    assert lab_on({"SPARK_MASTER": url})["error"].endswith("Without SPARK_MASTER, the lab's own Spark does the work.")


@pytest.mark.parametrize(
    ("url", "elsewhere"),
    [
        ("spark://127.0.0.1:7077", False),
        ("spark://localhost:7077", False),
        ("spark://[::1]:7077", False),
        ("spark://one:7077,two:7077", True),
        ("spark://10.0.0.5:7077", True),
        ("yarn", True),
        ("k8s://https://127.0.0.1:6443", True),
        ("k8s://kubernetes.default.svc", True),
    ],
)
def test_the_masters_of_spark_are_known(url, elsewhere):
    master = read_master(url)
    assert master.is_cluster
    assert master.elsewhere is elsewhere


@pytest.mark.parametrize("url", ["", "local", "local[2]", "local[*]", "local[2, 3]"])
def test_what_is_local_is_no_cluster(url):
    master = read_master(url)
    assert master.url == (url or LOCAL)
    assert not master.is_cluster
    assert not master.elsewhere


@pytest.mark.parametrize(
    "url", ["spark", "spark://", "spark://host", "spark://host:port", "mesos://host:5050", "10.0.0.5:7077", "k8s://"]
)
def test_what_names_no_master_is_a_sentence(url):
    with pytest.raises(LabError, match=r"It is spark://host:7077 .* Correct SPARK_MASTER"):
        read_master(url)


def test_yarn_needs_the_folder_that_says_where_it_is(tmp_path):
    with pytest.raises(LabError, match=r"nothing says where that is.*HADOOP_CONF_DIR or YARN_CONF_DIR"):
        reach(Master("yarn"), Settings())
    settings = Settings(yarn_conf=tmp_path)
    assert reach(Master("yarn"), settings) == ""
    assert Cluster(Master("yarn")).classpath(settings) == (tmp_path,)
    assert HERE.classpath(settings) == ()


def test_a_cluster_elsewhere_needs_a_bucket_that_it_reaches(monkeypatch):
    monkeypatch.setattr("lab.engine.cluster.reach", lambda *_: "192.0.2.7")
    settings = Settings(spark_master=ELSEWHERE.url)
    with pytest.raises(LabError, match=r"do not see the folders of this one.*Set LAB_BUCKET to a bucket in S3"):
        find_cluster(None, settings)
    here = S3Access(S3Address("lab"), "http://127.0.0.1:9000", "us-east-1", profile=True)
    with pytest.raises(LabError, match=r"do not reach http://127\.0\.0\.1:9000, which is this machine alone"):
        find_cluster(here, settings)
    there = S3Access(S3Address("lab"), "", "us-east-1", profile=True)
    assert find_cluster(there, settings) == Cluster(ELSEWHERE, address="192.0.2.7")


def test_the_driver_is_where_executors_find_it(tmp_path):
    def placed(cluster):
        return {
            setting.name.removeprefix("spark.driver."): setting.value
            for setting in cluster.settings(spark_settings(tmp_path))
            if setting.name in {"spark.driver.host", "spark.driver.bindAddress"}
        }

    loopback = {"host": "127.0.0.1", "bindAddress": "127.0.0.1"}
    assert placed(HERE) == loopback
    assert placed(Cluster(read_master("spark://127.0.0.1:7077"), address="127.0.0.1")) == loopback
    assert placed(Cluster(ELSEWHERE, address="192.0.2.7")) == {"host": "192.0.2.7"}
    # For YARN, no address is known to be right: Spark takes the machine's name.
    assert placed(Cluster(Master("yarn"))) == {}
    assert Cluster(ELSEWHERE).environment(Settings(spark_local_ip="192.0.2.8")) == {"SPARK_LOCAL_IP": "192.0.2.8"}


def test_properties_of_ones_own_count_but_for_those_that_the_lab_owns(properties, tmp_path):
    environment = properties(
        "spark.sql.shuffle.partitions 2\n"
        "spark.driver.host=lab.internal\n"
        "spark.jars: /srv/one.jar\n"
        "spark.sql.csv.filterPushdown.enabled true\n"
        "spark.sql.restrictedMode.enabled true\n"
        "spark.driver.memory 4g\n"
        "spark.hadoop.fs.s3a.secret.key = a=secret\n"
        "! spark.app.name nothing\n"
        "not a property\n"
    )
    own = read_properties(read_settings(environment))
    assert own.values["spark.hadoop.fs.s3a.secret.key"] == "a=secret"
    assert "a=secret" not in repr(own)
    cluster = Cluster(Master("yarn"), own)
    settings = {
        setting.name: setting.value for setting in cluster.settings(spark_settings(tmp_path), [Path("/s3.jar")])
    }
    assert not settings.keys() & {"spark.sql.shuffle.partitions", "spark.driver.host"}
    assert settings["spark.jars"] == "/srv/one.jar,/s3.jar"
    assert settings["spark.sql.csv.filterPushdown.enabled"] == "false"
    filtered, memory = own.overruled(spark_settings(tmp_path))
    assert filtered.endswith(
        "sets spark.sql.csv.filterPushdown.enabled, which the lab keeps at false: else a batch counts as rows in only those "
        "that a filter keeps, and the strip would contradict the files."
    )
    assert memory.endswith("sets spark.driver.memory, which has no effect: the lab starts the driver's Java itself.")


def test_a_master_may_be_one_of_the_properties(properties):
    environment = properties("spark.master local[2]\n")
    assert find_cluster(None, read_settings(environment)).master == Master("local[2]")
    assert find_cluster(None, read_settings({**environment, "SPARK_MASTER": "local[1]"})).master == Master("local[1]")


def test_properties_that_cannot_be_read_are_a_sentence(tmp_path):
    assert read_properties(Settings(spark_conf=tmp_path)).values == {}
    with pytest.raises(LabError, match="which is no folder"):
        read_properties(Settings(spark_conf=tmp_path / "nothing"))
    (tmp_path / FILE).write_bytes(b"spark.app.name \xff")
    with pytest.raises(LabError, match=rf"{FILE} cannot be read"):
        read_properties(Settings(spark_conf=tmp_path))


def test_what_the_lab_owns_it_also_sets(tmp_path):
    assert {setting.name for setting in spark_settings(tmp_path)} >= OWNED
