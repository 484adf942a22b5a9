"""A warm-up for S3: Spark accesses the bucket once before anybody waits for it."""

from typing import Any

from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from lab.bucket.s3_errors import explain_s3
from lab.bucket.storage import S3Access
from lab.engine.failures import text_of


def warm_up_s3(root: SparkSession, access: S3Access) -> None:
    """Let Spark look into a bucket in S3, to load most classes of its S3 client. This writes nothing.

    Raise LabError when Spark cannot reach the bucket.
    """
    jvm: Any = root._jvm
    # S3A raises every timeout to at least 15 seconds (AWSClientConfig of Hadoop 3.5); an outage would take several of
    # them.
    jvm.org.apache.hadoop.fs.s3a.impl.AWSClientConfig.setMinimumOperationDuration(jvm.java.time.Duration.ZERO)
    # Below the prefix, because S3A asks for the prefix itself without the slash at its end, which its policy denies.
    place = jvm.org.apache.hadoop.fs.Path(f"{access.address}warm-up")
    try:
        place.getFileSystem(root._jsc.hadoopConfiguration()).globStatus(place)
    except (Py4JError, PySparkException) as error:
        raise explain_s3(text_of(error), str(access.address)) from error
