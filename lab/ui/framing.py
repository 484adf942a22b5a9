"""The lab embedded in a page of another site, such as an LMS: only if LAB_FRAME_ANCESTORS lists that site.

Other sites get a page that says why not. When embedded, browsers send and keep only cookies that are marked for it
(`lab.ui.cookie`); without such a cookie, each reload would be another learner. In pages of the lab's own site, cookies
work as usual, so these may embed it.
"""

from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lab.settings import read_settings

# Values of `Sec-Fetch-Dest` for a page that will be embedded in another one.
# https://www.w3.org/TR/fetch-metadata: browsers send it over TLS, and on this machine.
_FRAMES: Final = frozenset({"iframe", "frame", "embed", "object"})
_POLICY: Final = "content-security-policy"
_PAGE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Spark Streaming lab</title>
<style>
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 36rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; }
</style></head><body><main>
<h1>The lab opens in a tab of its own</h1>
<p>This page may not show it: your browser might not know you here when you come back, and your work would be gone.</p>
<p><a href="" target="_blank">Open the lab in a new tab</a></p>
<p><small>For whoever runs the lab: LAB_FRAME_ANCESTORS lists the sites whose pages may show it.</small></p>
</main></body></html>
"""


class Framing:
    """Middleware that explains where another site may not embed the lab, and tells browsers which sites may."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        ancestors = read_settings().frame_ancestors
        if not may_be_shown(Headers(scope=scope), ancestors):
            await HTMLResponse(_PAGE, headers={"cache-control": "no-store", "vary": "Sec-Fetch-Dest"})(
                scope, receive, send
            )
            return

        async def send_with_policy(message: Message) -> None:
            if message["type"] == "http.response.start" and ancestors:
                headers = MutableHeaders(scope=message)
                # With 304, the browser shows its cached page, perhaps from before the setting.
                if (
                    headers.get("content-type", "").startswith("text/html")
                    or message["status"] == HTTPStatus.NOT_MODIFIED
                ):
                    headers.setdefault(_POLICY, f"frame-ancestors 'self' {ancestors}")
            await send(message)

        await self._app(scope, receive, send_with_policy)


def may_be_shown(headers: Headers, ancestors: str) -> bool:
    """Return whether the page may be shown or embedded, as far as the browser's headers say; `ancestors` are origins.

    The browser itself enforces such a list. But it leaves an empty frame, which does not say why.
    """
    if headers.get("sec-fetch-dest") not in _FRAMES:
        return True
    site = headers.get("sec-fetch-site")
    if not ancestors:
        return site != "cross-site"
    shower = urlsplit(headers.get("referer", ""))
    return (
        site in {"same-origin", "none"}
        or not shower.netloc
        or f"{shower.scheme}://{shower.netloc}" in ancestors.split()
    )
