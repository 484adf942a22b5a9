"""What Spark and py4j leave behind while they go on; it is taken away now and then."""

import contextlib
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# A folder that has just been made may be about to be filled.
OLD_SECONDS: Final = 60.0


def tidy(root: "SparkSession", temporary: Path) -> None:
    """Take it away; `temporary` is where the JVM makes its temporary files."""
    _close_idle_callbacks(root)
    for folder in temporary.glob("temporary-*"):
        # Spark makes a folder for the checkpoint of a query before it refuses to start it.
        with contextlib.suppress(OSError):  # it is not empty, or gone already
            if time.time() - folder.stat().st_mtime > OLD_SECONDS:
                folder.rmdir()


def _close_idle_callbacks(root: "SparkSession") -> None:
    """Close the connections by which threads of the JVM, such as a query's, have called Python.

    py4j keeps one, and a thread in Python, for each thread that ever called, also when that has ended (PythonClient of
    py4j 0.10.9.9). Whose connection is closed while it needs none gets another one.
    """
    gateway = root.sparkContext._gateway
    if gateway is not None:
        gateway.java_gateway_server.getCallbackClient().periodicCleanup()
