"""The lab's own S3 server, for `LAB_BUCKET=embedded`: started on demand, restarted after a crash, ended by the lab."""

import os
import secrets
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from types import MappingProxyType
from typing import Final

from lab.errors import LabError
from lab.system import delete_folder, detached_process_args

BUCKET: Final = "lab"
REGION: Final = "us-east-1"
FOLDER: Final = "embedded-s3"
_SERVER: Final = Path(__file__).with_name("s3_server.py")


class EmbeddedServer:
    """A server process that holds a bucket. It ends with this process in every case; if it is killed, it is restarted.

    `keys` are its credentials, generated for this process, as the variables that AWS's tools read.
    """

    def __init__(self) -> None:
        self.keys: Final = MappingProxyType(
            {
                "AWS_ACCESS_KEY_ID": f"embedded-{secrets.token_hex(16)}",
                "AWS_SECRET_ACCESS_KEY": secrets.token_hex(16),
            }
        )
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._port = 0
        self._folder: Path | None = None

    def keep_in(self, folder: Path) -> None:
        """Keep the objects in a folder below this one; only the first call has an effect."""
        with self._lock:
            self._folder = self._folder or folder / FOLDER

    def endpoint(self) -> str:
        """Return the server's address when it answers; start it if it is not running.

        After a crash, it has the same port and the same objects. Raise LabError when it cannot be started.
        """
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                self._end()
                self._start()
            return f"http://127.0.0.1:{self._port}"

    def stop(self) -> None:
        """Stop the server, and delete its objects."""
        with self._lock:
            self._end()
            if self._folder:
                delete_folder(self._folder)
                self._folder = None

    def _end(self) -> None:
        process, self._process = self._process, None
        if process and process.stdin and process.stdout:
            process.stdin.close()
            process.wait()
            process.stdout.close()

    def _start(self) -> None:
        self._folder = self._folder or Path(tempfile.mkdtemp(prefix=f"{FOLDER}-"))
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        # A file and not a pipe, which would block the server when nobody reads it.
        with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as errors:
            self._process = subprocess.Popen(  # noqa: S603 - the command is built from our own parts
                [sys.executable, str(_SERVER), str(self._folder), *([str(self._port)] if self._port else [])],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env={**environment, **self.keys},
                text=True,
                # Ctrl+C in the terminal must reach only the app, which then stops the server properly.
                **detached_process_args(),
            )
            line = self._process.stdout.readline() if self._process.stdout else ""
            if line:
                self._port = int(line)
                return
            errors.seek(0)
            reason = (errors.read().strip().splitlines() or ["it gave no reason"])[-1]
        raise LabError(
            f"The embedded S3 server could not start: {reason[:200]}.",
            "Run: pip install -r requirements.txt, or unset LAB_BUCKET to use a folder.",
        )
