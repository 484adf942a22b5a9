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
# After S3 was away, how long whoever asks next is told so at once: a page asks several times while it is drawn.
REMEMBER_SECONDS: Final = 3.0

# What boto3 raises: ValueError for an endpoint that is no address, RecursionError when it is sent from place to place.
REFUSED: Final = (BotoCoreError, ClientError, ResponseParserError, ValueError, RecursionError)

T = TypeVar("T")


class S3Connection:
    """Carries out requests to one bucket with a client of boto3's, made by `connect` when it is first needed.

    Safe to use from any thread. `place` names the bucket in sentences.
    """

    def __init__(self, connect: Callable[[], Any], place: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.place = place
        self._connect = connect
        self._clock = clock
        self._lock = threading.Lock()
        self._client: Any = None
        # Until when it is taken to be away, and what the first who found out was told of it.
        self._away: tuple[float, str] | None = None

    def ask(self, request: Callable[[Any], T], address: str = "") -> T:
        """What a request gives; raises LabError with a sentence about an address, or the bucket, when S3 refuses it."""
        away = self._away
        if away and self._clock() < away[0]:
            raise self.refusal(away[1], address)
        client = None
        try:
            client = self._opened()
            answer = request(client)
        except REFUSED as error:
            raise self._explained(error, address, client) from error
        self._away = None
        return answer

    def refusal(self, text: str, address: str = "") -> LabError:
        """What S3 says of an address, as a sentence."""
        return explain_s3(text, address or self.place)

    def _opened(self) -> Any:
        with self._lock:
            if self._client is None:
                self._client = self._connect()
            return self._client

    def _explained(self, error: Exception, address: str, client: Any) -> LabError:
        text = described(error)
        explained = self.refusal(text, address)
        if isinstance(explained, AwayError):
            self._away = self._clock() + REMEMBER_SECONDS, text
        if isinstance(explained, AwayError | CredentialsError):
            # A client keeps the credentials that it has found, which may be renewed; and the embedded server, which may have
            # to be started again, is by connecting. Another thread may have connected anew in the meantime.
            with self._lock:
                if self._client is client:
                    self._client = None
        return explained


def described(error: Exception) -> str:
    """An error of boto3's as a text that names its class and, if S3 has answered, the code and status of the answer."""
    text = f"{type(error).__name__}: {error}"
    if isinstance(error, ClientError):
        answer = error.response
        status = answer.get("ResponseMetadata", {}).get("HTTPStatusCode", "")
        return f"{answer['Error'].get('Code') or 'NoCodeOfS3'} (Status Code: {status}) {text}"
    return text
