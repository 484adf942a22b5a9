"""The server around the pages: Spark starts and stops with it, and each request passes its middleware."""

import asyncio
import ipaddress
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from starlette.middleware import Middleware
from streamlit import config
from streamlit.runtime.pages_manager import PagesManager

from lab.engine.collector import collect_seldom
from lab.engine.confinement import confinement_here
from lab.errors import LabError
from lab.settings import read_settings
from lab.startup import hindrances
from lab.system import open_files, speak_any_console
from lab.ui.address import OwnRedirects
from lab.ui.cookie import LearnerCookie
from lab.ui.door import Door
from lab.ui.framing import Framing
from lab.ui.origin import OwnOrigin
from lab.ui.parts import parts
from lab.ui.script_runs import lose_no_request
from lab.ui.sockets import TooManyConnectionsHandler
from lab.ui.teacher.access import link_in_words
from lab.ui.upload_limits import LimitUploads
from lab.ui.uploads import OwnUploads
from lab.ui.vote import poll_votes

# Spark uses the whole machine while it starts, so it waits so long for the first page, in case somebody asks for one.
FIRST_PAGE_SECONDS: Final = 3.0


@asynccontextmanager
async def lifespan(_app: object) -> AsyncIterator[None]:
    """Start Spark in the background once the first page is drawn, and clean up when the server stops."""
    # Until st.navigation is first called, Streamlit uses the folder `pages/` as the pages of the app. So a deep link
    # as the very first request would say "Page not found" (PagesManager, Streamlit 1.67).
    PagesManager.uses_pages_directory = False
    collect_seldom()
    lose_no_request()
    speak_any_console()
    open_files()
    asyncio.get_running_loop().set_exception_handler(TooManyConnectionsHandler())
    parts().classroom.entrance.is_public = is_public()
    if link := link_in_words():
        print(f"\n  {link}\n", flush=True)
    parts().classroom.open(FIRST_PAGE_SECONDS)
    polling = asyncio.create_task(poll_votes())
    try:
        yield
    finally:
        polling.cancel()
        parts().classroom.close()


def require_valid_settings() -> None:
    """End the process before anybody opens a page, with a sentence for each setting that is not valid or not possible."""
    if wrong := hindrances() or _confinement_missing():
        sys.exit("\n".join(["The lab does not start:", *wrong]))


def _confinement_missing() -> tuple[str, ...]:
    try:
        confinement_here(read_settings()).require()
    except LabError as error:
        return (str(error),)
    return ()


def is_public() -> bool:
    """Return whether the lab is configured for other machines: by its address, or by the host name of a proxy."""
    address = config.get_option("server.address") or "0.0.0.0"  # noqa: S104 - then Streamlit listens on all addresses
    return not all(map(_is_here, [address, *config.get_option("server.allowedHosts")]))


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


# First check the host name, and which page embeds the lab: a request that is refused here gets no cookie.
AT_THE_DOOR: Final = [Middleware(Door), Middleware(OwnRedirects), Middleware(Framing)]
# Then check who sends the request.
MIDDLEWARE: Final = [Middleware(OwnOrigin), Middleware(LimitUploads), Middleware(LearnerCookie), Middleware(OwnUploads)]
