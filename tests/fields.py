"""A small app with the lab's text fields but without Spark, and a browser tab in which somebody types."""

import re
import socket
import subprocess
import sys
import threading
from ast import literal_eval
from pathlib import Path

import pytest
import requests
from browsing import WAIT
from playwright.sync_api import expect

ROOT = Path(__file__).resolve().parent.parent

TEXT = 'frame = spark.read.csv(s3_log_data_uri)  # all of it\nlogs = frame.where("severity = 0")\nlogs.show(5)'
MORE = ("read-stream", "volume-report", "volume-query", "volume-show")
# Each test has its own learner, whose texts outlive a reload and a restart.
APP = f"""
from pathlib import Path
from types import SimpleNamespace

import streamlit as st
from starlette.responses import JSONResponse
from starlette.routing import Route
from streamlit.runtime import get_instance
from streamlit.starlette import App

from lab.learner.progress import Progress
from lab.lesson.steps import STEPS
from lab.learner.texts import Texts
from lab.store import Store
from lab.ui import texts
from lab.ui.editor import editor, field
from lab.ui.press import button, presses

MORE = {MORE!r}


class Learner(SimpleNamespace):
    __hash__ = object.__hash__


@st.cache_resource
def store():
    return Store()


@st.cache_resource
def learner(who):
    progress = Progress(store(), who)
    me = Learner(id=who, progress=progress, texts=Texts(progress), closed=False)
    me.known = {{"runs": 0, "ran": "", "pressed": 0, "scripts": 0}}
    return me


def mine():
    # Another page's address has no query.
    me = learner(st.session_state.setdefault("who", st.query_params.get("who", "")))
    if me.texts.read("code-schema").text == STEPS["schema"].starter:
        me.progress.write(STEPS["schema"], {TEXT!r})
    return me


def cells():
    me = mine()
    me.known["scripts"] += 1
    session = st.session_state["session"] = presses().partition(":")[0]
    with st.container(key="buttons"):
        if button("Page's own", key="own", shortcut="Ctrl+Enter"):
            me.known["pressed"] += 1
        if button("Solution", key="solution"):
            me.progress.replace(STEPS["schema"], "solution = 1")
        if button("Other tab", key="other"):
            me.progress.write(STEPS["schema"], "elsewhere = 1")
        wrong = st.toggle("Wrong")
        plain = st.toggle("Plain", value="plain" in st.query_params)
    error = (2, "Spark knows no severity.") if wrong else None
    with st.container(key="cell-schema"):
        asked = editor(me, "code-schema", label="Read the logs", block="cell-schema", error=error, plain=plain)
        if button("Run", key="run") or asked:
            me.known["runs"] += 1
            me.known["ran"] = me.texts.read("code-schema").text
    for name in st.query_params.get("more", "").split():
        editor(me, f"code-{{name}}", label=name, block="")
    with st.container(key="group-log-first"):
        field(me, "answer-log-first", label="Your result", lines=3, block="group-log-first", placeholder="For example: s1 1")
        if button("Check", key="check"):
            me.known["pressed"] += 1
    field(me, "retrospective-time_spent", label="Time spent", suggested="2 h")
    if "long" in st.query_params:
        field(me, "retrospective-takeaways", label="Takeaways", lines=8)

    # The lab's pages are told of changes; this one looks.
    @st.fragment(run_every=0.3)
    def know():
        with st.container(key="python"):
            fields = {{name: me.texts.read(name).text for name in
                ("code-schema", "answer-log-first", "retrospective-time_spent", "retrospective-takeaways",
                    "retrospective-challenges")}}
            st.code(repr(me.known | fields | {{"session": session}}), language=None, wrap_lines=True)
    know()
    st.page_link(OTHER, label="Next: elsewhere")
    if "live" in st.query_params:
        @st.fragment(run_every=0.5)
        def tick():
            st.session_state["ticks"] = st.session_state.get("ticks", 0) + 1
            if st.session_state["ticks"] % 2:
                st.rerun()
        tick()


def other():
    me = mine()
    st.title("Elsewhere")
    field(me, "retrospective-challenges", label="Challenging", lines=4)


async def forget(request):
    runtime = get_instance()
    for each in runtime._session_mgr.list_sessions():
        state = each.session.session_state
        if "session" in state and state["session"] == request.query_params["session"]:
            runtime.close_session(each.session.id)
            return JSONResponse(True)
    return JSONResponse(False)


if __name__ == "__main__":
    OTHER = st.Page(other)
    st.navigation([st.Page(cells, default=True), OTHER]).run()
else:
    app = App(Path(__file__), routes=[*texts.ROUTES, Route("/forget", forget)])
"""


class FieldServer:
    """Serves the app; `restart` starts it again on the same port, with the same store."""

    def __init__(self, folder):
        self.script = folder / "app.py"
        self.script.write_text(APP, encoding="utf-8")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.said = []
        self.start()

    def start(self):
        command = [sys.executable, "-m", "streamlit", "run", str(self.script), "--server.headless", "true"]
        options = ["--server.port", str(self.port), "--server.address", "127.0.0.1"]
        self.process = subprocess.Popen(
            [*command, *options], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        for line in self.process.stdout:
            self.said.append(line)
            if self.url in line:
                break
        else:
            pytest.fail(f"the server ended: {''.join(self.said)}")
        # Read the output, since a full pipe would block the server.
        self.listening = threading.Thread(target=lambda: self.said.extend(self.process.stdout), daemon=True)
        self.listening.start()

    def forget(self, session):
        """Forget a session, as Streamlit does two minutes after it has lost its browser."""
        assert requests.get(f"{self.url}/forget", {"session": session}, timeout=WAIT / 1000).json()

    def kill(self):
        self.process.kill()
        self._end()

    def stop(self):
        self.process.terminate()
        self._end()
        assert "Traceback" not in "".join(self.said)

    def _end(self):
        self.process.wait(20)
        self.listening.join(10)
        self.process.stdout.close()


class Tab:
    """A tab with the app, and the texts in its fields."""

    def __init__(self, page, url):
        self.page = page
        self.said = []
        page.set_default_timeout(WAIT)
        page.on("console", lambda message: self.said.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.goto(url)
        self.mounted()

    def mounted(self):
        expect(self.page.get_by_label("Your result")).to_be_visible()
        expect(self.page.locator(".lab-ace, .st-key-code-schema textarea").first).to_be_visible()

    def box(self, name):
        return self.page.locator(f".st-key-code-{name}-code")

    def lines(self, name="schema"):
        return self.box(name).locator(".lab-editor-box .ace_line")

    def ace(self, call, name="schema"):
        return self.page.evaluate(f"document.querySelector('.st-key-code-{name}-code .lab-ace').env.editor.{call}")

    def text(self, name="schema"):
        return self.ace("getValue()", name)

    def end(self):
        """Put the cursor at the end of the text, as a click below it does."""
        # Click near the top: Ace may still be as high as an earlier, longer text, and its middle is then below the
        # editor.
        self.box("schema").locator(".ace_content").first.click(position={"x": 5, "y": 5})
        self.page.keyboard.press("Control+End")

    def python(self, **expected):
        """Wait until Python has these values; `code`, `answer` and `time` are texts."""
        names = {"code": "code-schema", "answer": "answer-log-first", "time": "retrospective-time_spent"}
        names |= {name: f"retrospective-{name}" for name in ("takeaways", "challenges")}
        shown = self.page.locator(".st-key-python code")
        for name, value in expected.items():
            expect(shown).to_contain_text(f"{names.get(name, name)!r}: {value!r}")
        return literal_eval(shown.inner_text())

    def kept(self):
        """Wait until the lab has stored everything that was typed here."""
        expect(self.page.locator(".lab-editor[data-draft=waiting], .lab-editor[data-draft=away]")).to_have_count(0)

    def press(self, name):
        # The accessible name of a button also includes its shortcut.
        self.page.get_by_role("button", name=re.compile(rf"^{re.escape(name)}\b")).click()

    def switch(self, name):
        self.page.locator(".st-key-buttons").get_by_text(name, exact=True).click()


def luminance(css):
    """Return the relative luminance of a CSS colour, for the contrast of WCAG."""
    parts = [int(part) / 255 for part in re.findall(r"\d+", css)[:3]]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def color(locator, name="color"):
    """Return a colour of an element. While the element is being redrawn it has none; then ask again."""
    found = ""
    while not found:
        found = locator.evaluate(f"element => getComputedStyle(element).{name}")
    return found
