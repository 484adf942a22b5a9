"""The first cells of the notebook, as text: nothing imports this module, `outline.py` reads it.

Each cell begins with `# %%` and its id. The cells import nothing of the lab, so that they run in any Jupyter.
"""

# %% setup-folders
# The three folders of the lab. As they stand here, they are next to this notebook.
# For S3, put your own addresses in their place, such as "s3a://my-bucket/LogData/".
# In the last two nothing else may be kept: they are emptied.
from pathlib import Path

here = Path.cwd().as_posix().strip("/")
s3_log_data_uri = f"file:///{here}/lab8/LogData/"
s3_log_data_live_uri = f"file:///{here}/lab8/LogDataLive/"
s3_lab9_output_uri = f"file:///{here}/lab8/Lab9Output/"

# %% setup-records
LOG_FILES: dict[str, str] = {}

# %% setup-spark
import pyspark
from pyspark.sql import SparkSession

# One partition is enough for reports of two rows; by default there are 200.
builder = SparkSession.builder.appName("lab8").config("spark.sql.shuffle.partitions", "1")
if s3_log_data_uri.startswith("s3"):
    # Spark's client for S3, of the same version as the Hadoop that PySpark brings along.
    jar = next(Path(pyspark.__file__).parent.glob("jars/hadoop-client-api-*.jar"), None)
    if jar is not None:
        version = jar.stem.removeprefix("hadoop-client-api-")
        builder = builder.config("spark.jars.packages", f"org.apache.hadoop:hadoop-aws:{version}")
        builder = builder.config("spark.hadoop.fs.s3.impl", "org.apache.hadoop.fs.s3a.S3AFileSystem")
spark = builder.getOrCreate()
spark.sparkContext.setLogLevel("ERROR")

# %% setup-helpers
# Helper functions. They ask Spark's own file systems, so they are the same for folders and for S3.
import re
from queue import Empty, Queue
from threading import Thread

hadoop = spark.sparkContext._jvm.org.apache.hadoop.fs
configuration = spark.sparkContext._jsc.hadoopConfiguration()


def at(uri):
    """The file system that an address is in, and its path there."""
    path = hadoop.Path(uri)
    return path.getFileSystem(configuration), path


def files_below(uri):
    """The status of every file in a folder and below."""
    system, path = at(uri)
    found, statuses = system.listFiles(path, True), []
    while found.hasNext():
        statuses.append(found.next())
    return statuses


def copy_s3_file_to_live_folder(*log_files):
    """Deliver log files from LogData, together: they are copied under hidden names, then renamed."""
    (system, source), (live_system, live) = at(s3_log_data_uri), at(s3_log_data_live_uri)
    for name in log_files:
        if not re.fullmatch(r"\w[\w.-]*", name):
            raise ValueError(f"{name!r} is not the name of a log file")
        if not system.exists(hadoop.Path(source, name)):
            raise FileNotFoundError(f"There is no {name} in {s3_log_data_uri}")
        if live_system.exists(hadoop.Path(live, name)):
            raise FileExistsError(f"{name} is in the live folder already; empty_s3_folder() empties it")
    for name in log_files:
        hidden = hadoop.Path(live, f".{name}")
        original = hadoop.Path(source, name)
        hadoop.FileUtil.copy(system, original, live_system, hidden, False, configuration)
    for name in log_files:
        live_system.rename(hadoop.Path(live, f".{name}"), hadoop.Path(live, name))
        print(f"Copied {name} to LogDataLive/")


def empty_s3_folder():
    """Delete every file in the live folder."""
    for status in files_below(s3_log_data_live_uri):
        at(s3_log_data_live_uri)[0].delete(status.getPath(), False)
    print("All files in the LogDataLive/ folder are removed")


def process_all(query, outcomes):
    """Let a query read everything that is there; gives what it failed with, else None."""
    try:
        query.processAllAvailable()
    except Exception as failure:
        outcomes.put(failure)
    else:
        outcomes.put(None)


def wait_until_read(seconds=120):
    """Wait until every running query has read what was delivered; raise what a query has failed with."""
    for query in spark.streams.active:
        outcomes = Queue()
        Thread(target=process_all, args=(query, outcomes), daemon=True).start()
        try:
            failure = outcomes.get(timeout=seconds)
        except Empty:
            raise TimeoutError(f"{query.name} has not read everything in {seconds} seconds") from None
        if failure:
            raise failure


def show_sev0_log():
    """Print the SEV0 log: the csv files below the output folder, batch by batch."""
    root = at(s3_lab9_output_uri)[1].toUri().getPath()
    files = []
    for status in files_below(s3_lab9_output_uri):
        place = status.getPath().toUri().getPath().removeprefix(root)
        # What begins with _ or . is Spark's own, such as what a batch is still writing.
        if place.endswith(".csv") and not re.search(r"(^|/)[_.]", place):
            batch = re.search(r"(\d+)/[^/]*$", place)
            number = int(batch[1]) if batch else -1
            files.append((number, status.getModificationTime(), place, status.getPath().toString()))
    for *_, path in sorted(files):
        for row in spark.read.schema("serverID STRING, timestamp STRING").csv(path).collect():
            print(*row)


# %% setup-begin
# Begin anew: write the log files that are not there, and delete what an earlier run has left
# in the other two folders.
for uri in (s3_log_data_live_uri, s3_lab9_output_uri):
    system, path = at(uri)
    system.delete(path, True)
    system.mkdirs(path)
for name, records in LOG_FILES.items():
    system, path = at(s3_log_data_uri + name)
    if not system.exists(path):
        stream = system.create(path)
        stream.write("".join(f"{record}\n" for record in records.split()).encode())
        stream.close()
print(f"Spark {spark.version}, with the log files {', '.join(LOG_FILES)}")
