"""Requests to S3: each ends within seconds, and a refusal is a LabError with a sentence."""

import threading
import time
from collections.abc import Callable
from typing import Any, Final, TypeVar

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from lab.bucket.s3_errors import AwayError, CredentialsError, explain_s3
from lab.errors import LabError

# A request takes milliseconds. If S3 does not answer, the lab reports that after at most about ten seconds.
TIMEOUTS: Final = Config(
    connect_timeout=2,
    read_timeout=4,
    retries={"mode": "standard", "total_max_attempts": 2},
    max_pool_connections=32,
    user_agent_appid="spark-streaming-lab",
)
# The shortest time between two retries while S3 is unreachable.
RETRY_SECONDS: Final = 1.0

# What boto3 raises: ValueError for an endpoint that is not a valid address, RecursionError for endless redirects.
REFUSED: Final = (BotoCoreError, ClientError, ResponseParserError, ValueError, RecursionError)

T = TypeVar("T")


class S3Connection:
    """A connection to one bucket, with a boto3 client that `connect` makes on first use.

    Safe to use from any thread. `place` names the bucket in sentences. After a request has found S3 unreachable,
    further requests fail at once, so that a page does not wait again and again; retries run in the background.
    """

    def __init__(self, connect: Callable[[], Any], place: str) -> None:
        self.place = place
        self._connect = connect
        self._lock = threading.Lock()
        self._client: Any = None
        # The text of the error from the request that found S3 unreachable; empty while S3 is reachable.
        self._away = ""
        self._retry_at = 0.0
        self._retry: threading.Thread | None = None

    def ask(self, request: Callable[[Any], T], address: str = "") -> T:
        """Return the result of a request.

        Raise LabError with a sentence about `address`, by default the bucket, when S3 refuses the request.
        """
        if away := self._away:
            self._look_again()
            raise self.refusal(away, address)
        client = None
        try:
            client = self._opened()
            answer = request(client)
        except REFUSED as error:
            raise self._explained(error, address, client) from error
        return answer

    def refusal(self, text: str, address: str = "") -> LabError:
        """Return an error text of S3 about an address, as a LabError with a sentence."""
        return explain_s3(text, address or self.place)

    def _look_again(self) -> None:
        """Retry in the background whether S3 is back, unless a retry is running or was done just now."""
        with self._lock:
            if self._retry or time.monotonic() < self._retry_at:
                return
            self._retry = threading.Thread(target=self._reach, name="s3-retry", daemon=True)
            self._retry.start()

    def _reach(self) -> None:
        client, away = None, True
        try:
            client = self._opened()
            # Any answer of S3 shows that it is back, even a denial.
            client.list_buckets(MaxBuckets=1)
            away = False
        except (*REFUSED, LabError) as error:
            away = isinstance(self._explained(error, "", client), AwayError) or isinstance(error, LabError)
        finally:
            with self._lock:
                self._retry = None
                if not away:
                    self._away = ""

    def _opened(self) -> Any:
        with self._lock:
            if self._client is None:
                self._client = self._connect()
            return self._client

    def _explained(self, error: Exception, address: str, client: Any) -> LabError:
        text = described(error)
        explained = self.refusal(text, address)
        if isinstance(explained, AwayError):
            self._away = text
            self._retry_at = time.monotonic() + RETRY_SECONDS
        if isinstance(explained, AwayError | CredentialsError):
            # Connect again for the next request: a client keeps its credentials, which may have been renewed, and
            # connecting restarts the embedded server. Another thread may already have a new client, so compare first.
            with self._lock:
                if self._client is client:
                    self._client = None
        return explained


def described(error: Exception) -> str:
    """Return an error of boto3 as a text: its class and, if S3 has answered, the code and status of the answer."""
    text = f"{type(error).__name__}: {error}"
    if isinstance(error, ClientError):
        answer = error.response
        status = answer.get("ResponseMetadata", {}).get("HTTPStatusCode", "")
        return f"{answer.get('Error', {}).get('Code') or 'NoCodeOfS3'} (Status Code: {status}) {text}"
    return text
