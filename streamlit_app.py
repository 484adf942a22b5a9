"""Entry point of the app: Streamlit serves `app`, and runs this file as a script for each page."""

from pathlib import Path

from streamlit.starlette import App

from lab.ui import follow, server, shell, texts
from lab.ui.address import below_base
from lab.ui.teacher import access
from lab.ui.vote import page as vote_page

if __name__ == "__main__":
    shell.run()
elif __name__ != "__mp_main__":  # the module name in a process that the grader spawns: it imports this file, too
    server.require_valid_settings()
    app = App(
        Path(__file__),
        lifespan=server.lifespan,
        middleware=[*server.AT_THE_DOOR, *server.MIDDLEWARE],
        routes=below_base([*follow.ROUTES, *texts.ROUTES, *access.ROUTES, *vote_page.ROUTES]),
    )
