"""A JVM of the lab without a Spark in it, for tests that ask Java itself."""

from contextlib import contextmanager

import py4j.protocol
import pytest
from py4j.clientserver import ClientServer, JavaParameters

from lab.engine.java import find_java, start_jvm


@contextmanager
def java_classes(folder, launch):
    """The classes of such a JVM.

    Java's errors come as py4j has them: a PySpark that is at work would ask its own JVM about them.
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
