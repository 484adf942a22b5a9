"""The address of the lab: at the root of a host, or below the path in Streamlit's option `server.baseUrlPath`.

The lab's own pages and scripts use only addresses that are relative to the page. So these are correct below any path,
also behind a proxy that strips the path. Only the routes and the cookies need to know the path.
"""

from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import config

_WEB: Final = frozenset({"http", "https"})


def base_path() -> str:
    """Return the path prefix of each address of the lab: empty at the root, else for example `/lab`."""
    path = str(config.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{path}" if path else ""


def below_base(routes: Iterable[BaseRoute]) -> list[BaseRoute]:
    """Return the lab's own routes with the base path in front, as the server needs them."""
    return [_below_base(route) for route in routes]


def _below_base(route: BaseRoute) -> BaseRoute:
    match route:
        case Route():
            return Route(base_path() + route.path, route.endpoint, methods=list(route.methods or ()))
        case WebSocketRoute():
            return WebSocketRoute(base_path() + route.path, route.endpoint)
    raise TypeError(route)


class OwnRedirects:
    """Middleware that removes scheme and host from a redirect to the lab itself.

    Starlette puts in both as they are behind the proxy: `https://…/lab` would redirect to `http://…/lab/`.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        own = Headers(scope=scope).get("host")

        async def send_with_path(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                there = urlsplit(headers.get("location", ""))
                if there.scheme in _WEB and there.netloc == own:
                    # A path that begins with two slashes would name another host.
                    path = "/" + there.path.lstrip("/\\")
                    headers["location"] = there._replace(scheme="", netloc="", path=path).geturl()
            await send(message)

        await self._app(scope, receive, send_with_path)
