"""A person's browser: it keeps cookies, and loads the files of a page before the page opens its websocket."""

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urljoin, urlsplit

import requests
from websockets.asyncio.client import ClientConnection, connect

# What index.html names, which a browser loads at once. It loads more when an element of some kind is first shown.
_ASSETS = re.compile(r"""(?:src|href)="(\./static/[^"]+)""")
_XSRF = "_streamlit_xsrf"
_SECONDS = 60
# Connections to one server, as many as browsers open.
_CONNECTIONS = 6


class Browser:
    """The browser of one person. `agent` is its User-Agent, so that a server's log tells persons apart."""

    def __init__(self, url: str, agent: str) -> None:
        self.url = url
        self._agent = agent
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["User-Agent"] = agent
        # The cache of the browser: files that never change are requested once.
        self._cached: set[str] = set()

    async def load(self, path: str) -> None:
        """Load a page's HTML, scripts and styles, and make the requests of the front end before it connects."""
        await asyncio.to_thread(self._load, path)

    async def connect_to_streamlit(self) -> ClientConnection:
        """Open the websocket of a page that was loaded."""
        token = self._session.cookies.get(_XSRF) or "PLACEHOLDER_AUTH_TOKEN"
        return await self.connect("_stcore/stream", "streamlit", token)

    async def connect(self, path: str, *subprotocols: str) -> ClientConnection:
        """Open a websocket."""
        place = urlsplit(self.url)
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in self._session.cookies)
        return await connect(
            f"ws://{place.netloc}/{path}",
            origin=self.url,
            subprotocols=subprotocols or None,
            additional_headers={"Cookie": cookies},
            user_agent_header=self._agent,
            max_size=None,
            ping_interval=None,
            open_timeout=_SECONDS,
            proxy=None,
        )

    async def post(self, path: str, message: object, headers: dict[str, str]) -> None:
        """Send a message over HTTP, beside the websocket; raise OSError when the server refuses it."""
        url = f"{self.url}/{path}"
        answer = await asyncio.to_thread(self._session.post, url, json=message, headers=headers, timeout=_SECONDS)
        answer.raise_for_status()

    def close(self) -> None:
        """Close the connections that are kept alive."""
        self._session.close()

    def _load(self, path: str) -> None:
        html = self._get(urljoin(f"{self.url}/", path)).text
        assets = {urljoin(f"{self.url}/", asset) for asset in _ASSETS.findall(html)} - self._cached
        with ThreadPoolExecutor(_CONNECTIONS) as pool:
            self._cached.update(answer.url for answer in pool.map(self._get, assets))
        for question in ("_stcore/health", "_stcore/host-config"):
            self._get(f"{self.url}/{question}")

    def _get(self, url: str) -> requests.Response:
        answer = self._session.get(url, timeout=_SECONDS)
        answer.raise_for_status()
        return answer
