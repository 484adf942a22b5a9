"""The embedded S3 server: a process of its own, `python s3_server.py`, that ends when its standard input does.

It answers on loopback only, and only those who sign with the access key that it was given in the environment: not a page
in the browser, nor another user of this machine. What it holds is in its memory.
"""

import logging
import os
import socket
import sys
import threading
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import unquote

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.s3.exceptions import PreconditionFailed
from moto.s3.responses import S3Response
from werkzeug.serving import WSGIRequestHandler, make_server

BUCKET = "lab"
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

_DENIED = b"<?xml version='1.0'?><Error><Code>AccessDenied</Code><Message>Not for you.</Message></Error>"


class KeptAlive(WSGIRequestHandler):
    """Answers several requests on one connection.

    An idle query asks many times a second. With a connection for each, a class would use up the ports of the machine.
    """

    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        super().setup()
        # An answer is written in two parts; the second must not wait until the first is acknowledged.
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def handle_expect_100(self) -> bool:
        return True  # werkzeug says "100 Continue" itself


def guarded(application: Application, access_key: str) -> Application:
    """Refuse every request that is not signed with the access key, and all that a page in a browser has sent."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        signed = f"Credential={access_key}/" in environ.get("HTTP_AUTHORIZATION", "")
        if signed and "HTTP_ORIGIN" not in environ:
            return application(environ, start_response)
        # The body of the request is left unread, so nothing else can come on this connection.
        headers = [("Content-Type", "application/xml"), ("Content-Length", str(len(_DENIED))), ("Connection", "close")]
        start_response("403 Forbidden", headers)
        return [_DENIED]

    return answer


def copying_only_what_was_listed(copy_object: Callable[[S3Response], Any]) -> Callable[[S3Response], Any]:
    """Make moto's copy obey the condition that a delivery makes: moto 5.2.5 knows its opposite alone."""

    def copy(response: S3Response) -> Any:
        if wanted := response.headers.get("x-amz-copy-source-if-match"):
            bucket, _, key = unquote(response.headers["x-amz-copy-source"]).lstrip("/").partition("/")
            source = response.backend.get_object(bucket, key)
            if source and source.etag.strip('"') != wanted.strip('"'):
                raise PreconditionFailed("x-amz-copy-source-If-Match")
        return copy_object(response)

    return copy


def main() -> None:
    """Serve at a free port, or at that of the first argument; say the port, then go on until standard input ends."""
    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    S3Response.copy_object = copying_only_what_was_listed(  # type: ignore[method-assign, assignment]
        S3Response.copy_object
    )
    application = guarded(DomainDispatcherApplication(create_backend_app), os.environ["AWS_ACCESS_KEY_ID"])
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    server = make_server("127.0.0.1", port, application, threaded=True, request_handler=KeptAlive)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_port, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
