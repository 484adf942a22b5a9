"""Counts the lab's S3 requests: `python tests/count_requests.py [SECONDS]`; SECONDS is how long a query is idle.

A proxy between Spark and the lab's own S3 server counts. The requests of the app itself, such as those of an open page,
are not counted. docs/s3.md has the results, and what AWS would charge for them.
"""

import collections
import contextlib
import http.client
import os
import sys
import tempfile
import threading
import time
import urllib.parse
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from lab.bucket.s3_storage import EmbeddedStorage
from lab.course.classroom import Classroom
from lab.lesson.steps import STEPS, deliver_code
from lab.lesson.warm_up import lesson_engine
from lab.settings import STORE

# What AWS charges in us-east-1, in US dollars for a request (https://aws.amazon.com/s3/pricing/).
PRICES = dict.fromkeys(("LIST", "PUT", "COPY"), 0.005 / 1000) | dict.fromkeys(("GET", "HEAD"), 0.0004 / 1000)


class CountingProxy:
    """Passes requests on to a server, and counts them by AWS's names of the operations."""

    def __init__(self, endpoint):
        self.counts = counts = collections.Counter()
        host = urllib.parse.urlsplit(endpoint).netloc

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self):
                super().setup()
                self.server_behind = http.client.HTTPConnection(host)

            def pass_on(self):
                counts[kind(self.command, self.path, self.headers)] += 1
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                del self.headers["Expect"]  # the server class has answered it already
                self.server_behind.request(self.command, self.path, body, dict(self.headers))
                answer = self.server_behind.getresponse()
                body = answer.read()
                self.send_response_only(answer.status)
                length = answer.headers["Content-Length"] if self.command == "HEAD" else str(len(body))
                for name in ("Transfer-Encoding", "Content-Length", "Connection"):
                    del answer.headers[name]
                for name, value in [*answer.headers.items(), ("Content-Length", length or "0")]:
                    self.send_header(name, value)
                # S3A closes the connection when it does not want to read the rest.
                with contextlib.suppress(ConnectionError):
                    self.end_headers()
                    self.wfile.write(body)

            do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = pass_on  # noqa: N815

            def log_message(self, *_):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.handle_error = lambda *_: None  # Spark drops its connections at its end
        self.endpoint = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()


def kind(method, path, headers):
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(path).query, keep_blank_values=True)
    if method == "GET" and "list-type" in query:
        return "LIST"
    if method == "POST" and "delete" in query:
        return "DELETE"
    return "COPY" if headers.get("x-amz-copy-source") else method


def price(counts):
    """Return the price in US dollars; operations that are not in the list are free."""
    return sum(count * PRICES.get(name, 0) for name, count in counts.items())


def told(counts):
    return ", ".join(f"{count:.0f} {name}" for name, count in sorted(counts.items())) or "nothing"


def main(seconds):
    storage = EmbeddedStorage()
    proxy = CountingProxy(storage.server.endpoint())
    real = storage.access
    storage.access = lambda folder: replace(real(folder), endpoint=proxy.endpoint)
    classroom = Classroom(lesson_engine(), choose_storage=lambda: storage)
    classroom.engine.wait()
    learner = classroom.enter("c" * 32)
    learner.restore()

    def start(step):
        learner.prepare(STEPS[step])
        learner.run(STEPS[step])
        learner.workspace.wait_until_read()

    def deliver(*names):
        learner.run_code(deliver_code(names))
        learner.workspace.wait_until_read()

    def once(what, action, *arguments):
        before = proxy.counts.copy()
        action(*arguments)
        found = proxy.counts - before
        print(f"{what}: {told(found)}; {price(found):.5f} USD", flush=True)

    def idle(what):
        before, begin = proxy.counts.copy(), time.monotonic()
        time.sleep(seconds)
        minutes = (time.monotonic() - begin) / 60
        found = {name: count / minutes for name, count in (proxy.counts - before).items()}
        print(f"{what}, a minute: {told(found)}; {price(found) * 60:.2f} USD an hour", flush=True)

    try:
        idle("No query")
        once("Starting the volume report", start, "volume-query")
        idle("The volume report, nothing delivered")
        once("A delivery of two log files to it", deliver, "s115.csv", "s215.csv")
        idle("The volume report, idle")
        once("Starting the SEV0 log", start, "sev0-query")
        idle("Both queries, idle")
        once("A delivery of two log files to both", deliver, "s1610.csv", "s2610.csv")
    finally:
        classroom.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.environ[STORE] = f"sqlite:///{folder}/lab.sqlite"
        main(float(sys.argv[1]) if len(sys.argv) > 1 else 30)
