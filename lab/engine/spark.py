"""The connection of PySpark to the JVM: the one SparkContext of this process."""

import contextlib
import logging
import os
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pyspark import SparkContext
from pyspark.java_gateway import ensure_callback_server_started, launch_gateway
from pyspark.sql import SparkSession

from lab.engine.java import Jvm

# The beginnings of py4j's log messages for errors that it also raises (py4j 0.10.9.9: java_gateway.py,
# clientserver.py).
_ECHOES: Final = ("Exception while sending command.", "There was an exception while executing the Python Proxy")


def connect(jvm: Jvm, executors: Mapping[str, str] | None = None) -> SparkSession:
    """Return the root session on a fresh JVM; a learner gets a `newSession()` of it.

    `executors` is added to the environment of the executors that a cluster starts.
    """
    for name in ("", "py4j.clientserver"):
        logging.getLogger(name).addFilter(_is_no_echo)
    # PySpark also logs what it raises; a learner's mistake does not belong into the server's log.
    for name in ("SQLQueryContextLogger", "DataFrameQueryContextLogger"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    with _gateway_variables(jvm):
        gateway = launch_gateway()  # type: ignore[no-untyped-call]
    context = SparkContext(gateway=gateway, environment=dict(executors or {}))
    # Listeners and foreachBatch call from the JVM into this process.
    ensure_callback_server_started(gateway)  # type: ignore[no-untyped-call]
    return SparkSession(context)


def is_shared(root: SparkSession) -> bool:
    """Return whether the JVM of a session uses a class archive."""
    jvm: Any = root._jvm
    return "sharing" in str(jvm.System.getProperty("java.vm.info"))


def disconnect() -> None:
    """Forget the SparkContext of a JVM that has ended, so that `connect` can be called for another one.

    PySpark keeps the context, the gateway and the sessions in class attributes and offers no way to drop them when
    the JVM is gone.
    """
    gateway, context = SparkContext._gateway, SparkContext._active_spark_context
    if context is not None:
        context._jsc = None  # else `stop` would talk to the JVM
        with contextlib.suppress(Exception):  # a dead connection may fail in any way
            context.stop()
    if gateway is not None:
        with contextlib.suppress(Exception):
            gateway.shutdown_callback_server()
            gateway.close()
    SparkContext._gateway = SparkContext._jvm = SparkContext._active_spark_context = None
    SparkSession._instantiatedSession = SparkSession._activeSession = None


def _is_no_echo(record: logging.LogRecord) -> bool:
    """Return False for a log record of py4j about an error that py4j also raises, to keep its traceback out of the log.

    A caller that is waiting for the JVM when it ends gets the error itself; an error of a foreachBatch function comes
    back as the failure of its query.
    """
    return not str(record.msg).startswith(_ECHOES)


@contextlib.contextmanager
def _gateway_variables(jvm: Jvm) -> Iterator[None]:
    """Set the variables from which PySpark takes the gateway, and remove them after the block: one holds the secret."""
    names = {"PYSPARK_GATEWAY_PORT": str(jvm.port), "PYSPARK_GATEWAY_SECRET": jvm.secret}
    os.environ.update(names)
    try:
        yield
    finally:
        for name in names:
            os.environ.pop(name, None)
