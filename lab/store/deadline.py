"""An end to waiting for a database that says nothing any more: a machine or a process that was halted.

PostgreSQL's own limits are kept by the server, and those of the network by its kernel: a halted server keeps neither.
"""

import contextlib
import socket
import threading
from collections.abc import Iterator

from sqlalchemy import Connection


@contextlib.contextmanager
def deadline(connection: Connection, seconds: float) -> Iterator[None]:
    """Break off the connection to a server after so long; whoever waits for an answer then gets an error."""
    number, lock, over = _number_of(connection), threading.Lock(), False
    if number is None:
        yield
        return

    def break_off() -> None:
        # Once it is over, the number may be that of something else.
        with lock:
            if over:
                return
            broken = socket.socket(fileno=number)
            with contextlib.suppress(OSError):
                broken.shutdown(socket.SHUT_RDWR)
            broken.detach()

    timer = threading.Timer(seconds, break_off)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        with lock:
            over = True
        timer.cancel()


def _number_of(connection: Connection) -> int | None:
    """Return the socket of a connection; None for a file, and for what is closed already: the request itself finds out."""
    opened = getattr(connection.connection.driver_connection, "fileno", None)
    try:
        return int(opened()) if opened else None
    except Exception:  # of the driver's own
        return None
