"""Entry of the app: Streamlit serves `app`, and runs this file as a script for each page."""

from pathlib import Path

from streamlit.starlette import App

from lab.ui import follow, server, shell, texts

if __name__ == "__main__":
    shell.run()
else:
    app = App(
        Path(__file__), lifespan=server.lifespan, middleware=server.MIDDLEWARE, routes=[*follow.ROUTES, *texts.ROUTES]
    )
