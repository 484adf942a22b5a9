"""Run what the lesson will run once, on records of our own, so that the learner's first delivery is not the slow one.

The JVM loads most of its classes in a query's first batch: a first delivery takes about ten times a later one.
"""

from collections.abc import Callable
from typing import Any

from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from lab.bucket import LOG_DATA_LIVE, OUTPUT, Bucket
from lab.bucket.s3_errors import explain_s3
from lab.bucket.setup import set_up
from lab.bucket.storage import S3Access
from lab.dataset import PAIRS, Pair
from lab.engine.failures import text_of
from lab.engine.workspace import Workspace


def warm_up(root: SparkSession, bucket: Bucket, ready: Callable[[], None] = lambda: None) -> None:
    """Make both reports in a workspace of their own, from delivery to result; leaves no query, table or file.

    `ready` is called when the slow part is done, the first batches. What is left takes a second: nobody need wait for it.
    """
    workspace = Workspace(bucket)
    try:
        set_up(bucket)
        workspace.open(root)
        session: SparkSession = workspace.names["spark"]
        live, log_folder = (bucket.uri(prefix) for prefix in (LOG_DATA_LIVE, OUTPUT))
        records = session.readStream.schema("serverID string, severity int, timestamp int").csv(live)
        span = F.max("timestamp") - F.min("timestamp") + 1
        volume = records.groupBy("serverID").agg((F.count_if(F.col("severity") == 2) / span).alias("avgVolume"))
        log = records.where("severity = 0").select("serverID", "timestamp")

        def save(batch: DataFrame, batch_id: int) -> None:
            ordered = batch.orderBy("timestamp", "serverID").coalesce(1)
            ordered.write.mode("overwrite").csv(f"{log_folder}batch={batch_id}")

        volume.writeStream.queryName("warm_up").outputMode("complete").format("memory").start()
        log.writeStream.foreachBatch(save).start()
        first, second = PAIRS
        _deliver(workspace, first)
        ready()
        # It meets the path that later deliveries take: state that is there already.
        _deliver(workspace, second)
        session.sql("SELECT * FROM warm_up").toPandas()
    finally:
        workspace.delete()


def _deliver(workspace: Workspace, pair: Pair) -> None:
    with workspace.awake():
        workspace.deliver(*pair.files)
        for query in workspace.active:
            query.processAllAvailable()


def warm_up_s3(root: SparkSession, access: S3Access) -> None:
    """Have Spark look into a bucket in S3, which writes nothing: most of its S3 client's classes are loaded by that.

    Raises LabError when Spark cannot reach it.
    """
    jvm: Any = root._jvm
    # S3A raises every timeout to 15 seconds, which an outage would take several times (AWSClientConfig of Hadoop 3.5).
    jvm.org.apache.hadoop.fs.s3a.impl.AWSClientConfig.setMinimumOperationDuration(jvm.java.time.Duration.ZERO)
    # Below the prefix: of the prefix itself, S3A asks without the slash at its end, which a policy for the prefix denies.
    place = jvm.org.apache.hadoop.fs.Path(f"{access.address}warm-up")
    try:
        place.getFileSystem(root._jsc.hadoopConfiguration()).globStatus(place)
    except (Py4JError, PySparkException) as error:
        raise explain_s3(text_of(error), str(access.address)) from error
