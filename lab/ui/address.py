"""Where browsers find the lab: at the root of a host, or below a path, which Streamlit's `server.baseUrlPath` names.

Every address that the lab's own pages and scripts use is relative to the page. So it is right below any path, also with a
proxy that takes the path off. Two things need to know the path: the routes, and the cookies.
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
    """Return what stands before each address of the lab: nothing at the root, else `/lab`, say."""
    path = str(config.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{path}" if path else ""


def below_base(routes: Iterable[BaseRoute]) -> list[BaseRoute]:
    """Return the lab's own routes as the server has to know them."""
    return [_below_base(route) for route in routes]


def _below_base(route: BaseRoute) -> BaseRoute:
    match route:
        case Route():
            return Route(base_path() + route.path, route.endpoint, methods=list(route.methods or ()))
        case WebSocketRoute():
            return WebSocketRoute(base_path() + route.path, route.endpoint)
    raise TypeError(route)


class OwnRedirects:
    """Leaves scheme and host out of an address of the lab's to which a browser is sent.

    Starlette names both, as they are on this side of a proxy: from `https://…/lab` it would lead to `http://…/lab/`.
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
                    # Two slashes would be another host.
                    path = "/" + there.path.lstrip("/\\")
                    headers["location"] = there._replace(scheme="", netloc="", path=path).geturl()
            await send(message)

        await self._app(scope, receive, send_with_path)
