"""A JVM of the lab without Spark, for tests that call Java directly."""

from contextlib import contextmanager

import py4j.protocol
import pytest
from py4j.clientserver import ClientServer, JavaParameters

from lab.engine.java import find_java, start_jvm


@contextmanager
def java_classes(folder, launch):
    """Yield the Java classes of such a JVM.

    Java's errors are raised as py4j's: a running PySpark has patched py4j to ask its own JVM about them.
    """
    jvm = start_jvm(find_java(), folder, (), launch)
    gateway = ClientServer(java_parameters=JavaParameters(port=jvm.port, auth_token=jvm.secret))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("py4j.java_gateway.get_return_value", py4j.protocol.get_return_value)
        try:
            yield gateway.jvm
        finally:
            gateway.shutdown()
            jvm.stop()
