"""The embedded S3 server: a process of its own, `python s3_server.py`, that ends when its standard input closes.

It listens on loopback only, and answers only requests with the access key that it gets in the environment: no requests
of a page in a browser or of another user of this machine. It holds its objects in memory, and also as files in a
folder. If it is killed, the next server process continues with that folder.
"""

import hashlib
import json
import logging
import os
import socket
import sys
import threading
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.s3.exceptions import PreconditionFailed
from moto.s3.models import S3Backend, s3_backends
from moto.s3.responses import S3Response
from werkzeug.serving import WSGIRequestHandler, make_server

BUCKET = "lab"
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

_DENIED = b"<?xml version='1.0'?><Error><Code>AccessDenied</Code><Message>Not for you.</Message></Error>"


class KeptAlive(WSGIRequestHandler):
    """A request handler with keep-alive connections.

    An idle query sends many requests a second. With a connection for each, a class would use up the machine's ports.
    """

    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        super().setup()
        # An answer is sent in two parts; the second must not wait until the first is acknowledged.
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def handle_expect_100(self) -> bool:
        return True  # werkzeug says "100 Continue" itself


def guarded(application: Application, access_key: str) -> Application:
    """Return the application with a guard: it refuses requests without the access key, and requests of web pages."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        signed = f"Credential={access_key}/" in environ.get("HTTP_AUTHORIZATION", "")
        if signed and "HTTP_ORIGIN" not in environ:
            return application(environ, start_response)
        # The body of the request stays unread, so the connection cannot be used for another request.
        headers = [("Content-Type", "application/xml"), ("Content-Length", str(len(_DENIED))), ("Connection", "close")]
        start_response("403 Forbidden", headers)
        return [_DENIED]

    return answer


def copying_only_what_was_listed(copy_object: Callable[[S3Response], Any]) -> Callable[[S3Response], Any]:
    """Return moto's copy function with support for the header x-amz-copy-source-if-match, which a delivery uses.

    moto 5.2.5 supports only the opposite condition.
    """

    def copy(response: S3Response) -> Any:
        if wanted := response.headers.get("x-amz-copy-source-if-match"):
            bucket, _, key = unquote(response.headers["x-amz-copy-source"]).lstrip("/").partition("/")
            source = response.backend.get_object(bucket, key)
            if source and source.etag.strip('"') != wanted.strip('"'):
                raise PreconditionFailed("x-amz-copy-source-If-Match")
        return copy_object(response)

    return copy


class Keeper:
    """The persistence of the bucket's objects: a file in a folder for each, whose first line describes the object."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()

    def watch(self) -> None:
        """From now on, write or delete the file of every object that is created or deleted.

        Copies and multipart uploads use the same method of moto.
        """
        put, delete = S3Backend.put_object, S3Backend.delete_object

        def put_kept(backend: S3Backend, bucket_name: str, key_name: str, *values: Any, **named: Any) -> Any:
            with self._lock:
                made = put(backend, bucket_name, key_name, *values, **named)
                if bucket_name == BUCKET:
                    self._keep(made)
                return made

        def delete_kept(backend: S3Backend, bucket_name: str, key_name: str, *values: Any, **named: Any) -> Any:
            with self._lock:
                deleted = delete(backend, bucket_name, key_name, *values, **named)
                if bucket_name == BUCKET:
                    self._file(key_name).unlink(missing_ok=True)
                return deleted

        S3Backend.put_object = put_kept  # type: ignore[method-assign, assignment]
        S3Backend.delete_object = delete_kept  # type: ignore[method-assign, assignment]

    def bring_back(self, backend: S3Backend) -> None:
        """Restore the bucket from the folder, if there are any files."""
        files = sorted(self._folder.glob("*.object"))
        if files:
            backend.create_bucket(BUCKET, "us-east-1")
        for file in files:
            about, _, value = file.read_bytes().partition(b"\n")
            known = json.loads(about)
            made = backend.put_object(BUCKET, known["key"], value, etag=known["etag"], disable_notification=True)
            made.last_modified = datetime.fromisoformat(known["modified"])

    def _keep(self, made: Any) -> None:
        about = {"key": made.name, "etag": made._etag, "modified": made.last_modified.isoformat()}
        file = self._file(made.name)
        # Written beside and renamed: if the server is killed while it writes, the old version of the object remains.
        beside = file.with_suffix(".new")
        beside.write_bytes(json.dumps(about).encode() + b"\n" + made.value)
        beside.replace(file)

    def _file(self, key: str) -> Path:
        # A key may be too long for a file name, or have characters that a file name cannot have.
        return self._folder / f"{hashlib.sha256(key.encode()).hexdigest()}.object"


def main() -> None:
    """Serve at a free port, or at that of the second argument; print the port, then go on until standard input closes.

    The first argument is the folder for the objects.
    """
    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    S3Response.copy_object = copying_only_what_was_listed(  # type: ignore[method-assign, assignment]
        S3Response.copy_object
    )
    application = guarded(DomainDispatcherApplication(create_backend_app), os.environ["AWS_ACCESS_KEY_ID"])
    keeper = Keeper(Path(sys.argv[1]))
    keeper.bring_back(s3_backends["123456789012"]["aws"])
    keeper.watch()
    port = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    server = make_server("127.0.0.1", port, application, threaded=True, request_handler=KeptAlive)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_port, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
