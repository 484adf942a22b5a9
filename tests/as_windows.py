"""`as_windows.py FOLDER PROGRAMS`: on Linux, do the lab in a JVM where Hadoop believes that the system is Windows.

Java finds its programs in PROGRAMS; they are stand-ins that write their names to FOLDER/started. The script prints JSON
lists, one a line: what was tried, and the outcome.
"""

import json
import re
import sys
from pathlib import Path

from lab.engine.java import Launch, find_java, start_jvm
from lab.engine.settings import spark_settings
from lab.engine.spark import connect
from lab.judge import probe
from lab.learner.trial import try_answer
from lab.lesson.steps import EXERCISES

TRUE = True


def say(what, value):
    print(json.dumps([what, value]), flush=True)


def tried(action):
    """Return the part of Java's error that names what is missing, or "worked"."""
    try:
        action()
    except Exception as error:
        return next(iter(re.findall(r"(?:Error|Exception): .*", str(error))), type(error).__name__)
    return "worked"


def started(log):
    return log.read_text().split() if log.exists() else []


def tell_hadoop(java):
    """Set Hadoop's `Shell.WINDOWS`, which is final."""
    field = java.java.lang.Class.forName("sun.misc.Unsafe").getDeclaredField("theUnsafe")
    field.setAccessible(True)
    unsafe = field.get(None)
    windows = java.java.lang.Class.forName("org.apache.hadoop.util.Shell").getField("WINDOWS")
    unsafe.putBoolean(unsafe.staticFieldBase(windows), unsafe.staticFieldOffset(windows), TRUE)
    assert java.org.apache.hadoop.util.Shell.WINDOWS


def main():
    # This process may share the machine with the other tests.
    probe.READ_SECONDS = 60
    folder, programs = map(Path, sys.argv[1:])
    log, run = folder / "started", folder / "run"
    run.mkdir()
    jvm = start_jvm(find_java(), run, spark_settings(run), Launch(environment={"PATH": str(programs)}))
    spark = connect(jvm)
    java = spark._jvm
    tell_hadoop(java)
    for step in EXERCISES:
        _, feedback = try_answer(step, step.code, spark, run)
        say(f"lab: {step.id}", feedback.outcome if feedback.outcome == "passed" else feedback.message)
    say("programs", started(log))
    java.org.apache.hadoop.fs.FileSystem.closeAll()
    spark._jsc.hadoopConfiguration().set("fs.file.impl", "org.apache.hadoop.fs.RawLocalFileSystem")
    (run / "in").mkdir()
    (run / "in" / "a.csv").write_bytes(b"s1,0,1\n")
    say("hadoop: list", tried(lambda: spark.readStream.schema("line string").csv(f"file://{run}/in/")))
    say("hadoop: write", tried(lambda: spark.range(3).write.csv(f"file://{run}/out")))
    jvm.stop()


if __name__ == "__main__":
    main()
