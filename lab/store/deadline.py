"""A timeout for a database server that no longer answers, because its machine or its process was halted.

PostgreSQL's own timeouts need a working server, and those of the network need its kernel: a halted server has neither.
"""

import contextlib
import socket
import threading
from collections.abc import Iterator

from sqlalchemy import Connection


@contextlib.contextmanager
def deadline(connection: Connection, seconds: float) -> Iterator[None]:
    """Shut down the connection to a server after a timeout, so that a thread waiting for an answer gets an error."""
    number, lock, over = _number_of(connection), threading.Lock(), False
    if number is None:
        yield
        return

    def break_off() -> None:
        # After the block, the file descriptor may belong to something else.
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
    """Return the file descriptor of a connection's socket; None for a database file, and for a closed connection."""
    opened = getattr(connection.connection.driver_connection, "fileno", None)
    try:
        return int(opened()) if opened else None
    except Exception:  # the driver's own errors: a closed connection fails in the request itself
        return None
