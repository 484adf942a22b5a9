"""The server under test: a process of its own, in folders of its own."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

from lab.settings import LOG_DATA

ROOT = Path(__file__).resolve().parent.parent.parent
# Streamlit keeps the state of a closed tab for two minutes, so that it may come back; the test shortens this.
SESSION_SECONDS = 2
STOP_SECONDS = 60
_TROUBLE = re.compile(r"Traceback|\bERROR\b|Exception|\bWARN(?:ING)?\b")


class Server:
    """A server with its temporary files and store in `folder`. Creating it starts it, or raises RuntimeError."""

    def __init__(self, folder: Path) -> None:
        self.temporary = folder / "tmp"
        self.temporary.mkdir(parents=True)
        self.store = folder / "lab.sqlite"
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith("LAB_") or name == LOG_DATA
        }
        environment |= {name: str(self.temporary) for name in ("TMPDIR", "LAB_RUN_FOLDER")}
        environment["LAB_STORE"] = f"sqlite:///{self.store}"
        options = {"headless": "true", "port": "0", "disconnectedSessionTTL": str(SESSION_SECONDS)}
        ours, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "tools.load.serve", str(theirs.fileno())),
                    *(part for name, value in options.items() for part in (f"--server.{name}", value)),
                ],
                cwd=ROOT,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                pass_fds=[theirs.fileno()],
            )
        self._channel = ours
        self._answers = ours.makefile("r")
        self._asking = threading.Lock()
        self.said: list[str] = []
        self.url = self._wait_for_url()
        # Read the output, since a full pipe would block the server.
        self._listener = threading.Thread(target=lambda: self.said.extend(self.process.stdout), daemon=True)
        self._listener.start()

    def ask(self, **command: object) -> dict:
        """Send a command to `serve.py`; raise RuntimeError when it fails."""
        with self._asking:
            self._channel.sendall((json.dumps(command) + "\n").encode())
            answer = json.loads(self._answers.readline() or '{"error": "the server has ended"}')
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer

    @property
    def trouble(self) -> tuple[str, ...]:
        """The lines of its console that report an error or a warning."""
        return tuple(line.rstrip() for line in self.said if _TROUBLE.search(line))

    def stop(self) -> bool:
        """Stop the server as Ctrl+C does; return whether it ended in time."""
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            return False
        self._listener.join(STOP_SECONDS)
        self._answers.close()
        self._channel.close()
        return True

    def kill(self) -> None:
        """Kill the server if it still runs."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def _wait_for_url(self) -> str:
        for line in self.process.stdout:
            self.said.append(line)
            if found := re.search(r"http://127\.0\.0\.1:\d+", line):
                return found.group()
        raise RuntimeError(f"the server did not start: {''.join(self.said)}")
