"""The failing proxy leaves nothing open when it is stopped; otherwise Python would complain in some later test."""

import gc
import socket
import time
import warnings

import pytest
from outage import OutageProxy


@pytest.mark.parametrize("busy", [0, 0.05])
def test_who_is_being_accepted_when_it_stops_is_closed(busy):
    with warnings.catch_warnings(record=True) as said, socket.create_server(("127.0.0.1", 0)) as server:
        warnings.simplefilter("always")
        for _ in range(10):
            proxy = OutageProxy(*server.getsockname())
            # Meanwhile, all clients connect.
            proxy._loop.call_soon_threadsafe(time.sleep, busy)
            address = "127.0.0.1", int(proxy.url.rpartition(":")[2])
            callers = [socket.create_connection(address) for _ in range(5)]
            proxy.stop()
            for caller in callers:
                caller.close()
        del proxy
        gc.collect()
    assert [str(each.message) for each in said] == []
