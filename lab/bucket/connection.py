"""Requests to S3: each ends within seconds, and what is refused is a sentence."""

import threading
import time
from collections.abc import Callable
from typing import Any, Final, TypeVar

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from lab.bucket.s3_errors import AwayError, CredentialsError, explain_s3
from lab.errors import LabError

# A request takes milliseconds. S3 that does not answer is to be told of, not waited for: at most about ten seconds.
TIMEOUTS: Final = Config(
    connect_timeout=2,
    read_timeout=4,
    retries={"mode": "standard", "total_max_attempts": 2},
    max_pool_connections=32,
    user_agent_appid="spark-streaming-lab",
)
# While S3 is away, the least time between two attempts to reach it.
RETRY_SECONDS: Final = 1.0

# What boto3 raises: ValueError for an endpoint that is no address, RecursionError when it is sent from place to place.
REFUSED: Final = (BotoCoreError, ClientError, ResponseParserError, ValueError, RecursionError)

T = TypeVar("T")


class S3Connection:
    """Carries out requests to one bucket with a client of boto3's, made by `connect` when it is first needed.

    Safe to use from any thread. `place` names the bucket in sentences. When a request has found S3 away, who asks next is
    told so at once, so that a page does not wait for it again and again; whether it is back is found out meanwhile.
    """

    def __init__(self, connect: Callable[[], Any], place: str) -> None:
        self.place = place
        self._connect = connect
        self._lock = threading.Lock()
        self._client: Any = None
        # What the first was told who found S3 away; empty while it is there.
        self._away = ""
        self._retry_at = 0.0
        self._retry: threading.Thread | None = None

    def ask(self, request: Callable[[Any], T], address: str = "") -> T:
        """Return what a request gives.

        Raises LabError with a sentence about an address, or the bucket, when S3 refuses it.
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
        """Return what S3 says of an address, as a sentence."""
        return explain_s3(text, address or self.place)

    def _look_again(self) -> None:
        """See in the background whether S3 is back, if that is not under way and was not done just now."""
        with self._lock:
            if self._retry or time.monotonic() < self._retry_at:
                return
            self._retry = threading.Thread(target=self._reach, name="s3-retry", daemon=True)
            self._retry.start()

    def _reach(self) -> None:
        client, away = None, True
        try:
            client = self._opened()
            # Any answer of S3 will do, also that this is denied.
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
            # A client keeps the credentials that it has found, which may be renewed; and the embedded server, which may have
            # to be started again, is by connecting. Another thread may have connected anew in the meantime.
            with self._lock:
                if self._client is client:
                    self._client = None
        return explained


def described(error: Exception) -> str:
    """Return an error of boto3's as a text: its class and, if S3 has answered, the code and status of the answer."""
    text = f"{type(error).__name__}: {error}"
    if isinstance(error, ClientError):
        answer = error.response
        status = answer.get("ResponseMetadata", {}).get("HTTPStatusCode", "")
        return f"{answer.get('Error', {}).get('Code') or 'NoCodeOfS3'} (Status Code: {status}) {text}"
    return text
