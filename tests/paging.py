"""What a person does with the pages, and sees on them, without a browser: for tests with the fixture `app`."""

import re

from lab.lesson.classroom import CLASSROOM


def open_page(app, name):
    app.run()
    if name != "start":
        app.switch_page(f"pages/{name}.py").run()
    assert not app.exception
    return app


def learner_of(app):
    return CLASSROOM.enter(app.session_state["learner_id"])


def press(app, key):
    app.button(key=key).click().run()
    assert not app.exception
    return app


def words(elements):
    """What the elements say, with the backslashes that keep it from being Markdown."""
    return re.sub(r"\\(.)", r"\1", " ".join(str(element.value) for element in elements))
