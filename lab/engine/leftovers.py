"""Leftovers of a running Spark and py4j, which are deleted from time to time."""

import contextlib
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# Younger folders stay: Spark may be about to fill them.
OLD_SECONDS: Final = 60.0


def tidy(root: "SparkSession", temporary: Path) -> None:
    """Delete the leftovers; `temporary` is the folder where the JVM makes its temporary files."""
    _close_idle_callbacks(root)
    for folder in temporary.glob("temporary-*"):
        # If Spark refuses to start a query, it leaves the folder that it has made for the query's checkpoint.
        with contextlib.suppress(OSError):  # not empty, or already gone
            if time.time() - folder.stat().st_mtime > OLD_SECONDS:
                folder.rmdir()


def _close_idle_callbacks(root: "SparkSession") -> None:
    """Close the idle connections over which threads of the JVM, such as a query's, have called Python.

    For each thread that has ever called, py4j keeps a connection and a Python thread, even after that thread has ended
    (PythonClient of py4j 0.10.9.9). A thread whose idle connection was closed opens a new one for its next call.
    """
    gateway = root.sparkContext._gateway
    if gateway is not None:
        gateway.java_gateway_server.getCallbackClient().periodicCleanup()
