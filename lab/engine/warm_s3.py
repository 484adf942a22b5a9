"""Have Spark reach S3 once before anybody waits for it."""

from typing import Any

from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from lab.bucket.s3_errors import explain_s3
from lab.bucket.storage import S3Access
from lab.engine.failures import text_of


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
