"""Entry of the app: Streamlit serves `app`, and runs this file as a script for each page."""

from pathlib import Path

from streamlit.starlette import App

from lab.ui import follow, server, shell, texts
from lab.ui.teacher import access
from lab.ui.vote import page as vote_page

if __name__ == "__main__":
    shell.run()
else:
    server.require_valid_settings()
    app = App(
        Path(__file__),
        lifespan=server.lifespan,
        middleware=server.MIDDLEWARE,
        routes=[*follow.ROUTES, *texts.ROUTES, *access.ROUTES, *vote_page.ROUTES],
    )
