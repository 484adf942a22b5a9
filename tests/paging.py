"""What a person does and sees on the pages, without a browser: helpers for tests with the fixture `app`."""

import json
import re

from lab.ui.parts import parts


def open_page(app, name):
    app.run()
    if name != "start":
        app.switch_page(f"pages/{name}.py").run()
    assert not app.exception
    return app


def learner_of(app):
    return parts().classroom.enter(app.session_state["learner_id"])


def press(app, key):
    app.button(key=key).click().run()
    assert not app.exception
    return app


def words(elements):
    """Return the text of the elements, without the backslashes that escape Markdown."""
    return re.sub(r"\\(.)", r"\1", " ".join(str(element.value) for element in elements))


def put(texts, name, text):
    """Write into a field, as a browser does that has seen the stored text."""
    texts.write(name, text, [texts.read(name).text])


def write_text(app, name, text):
    """Write into a field, and run the page again."""
    put(learner_of(app).texts, name, text)
    app.run()
    assert not app.exception
    return app


def fields(app):
    """Return the texts in the fields of a page, by name, including suggested texts."""
    shown = [
        json.loads(each.proto.json) for each in app.get("bidi_component") if each.proto.component_name == "lab_editor"
    ]
    return {each["name"]: each["text"] or each["suggested"] for each in shown}


def picture(app):
    """Return what the stage shows for the chosen moment."""
    (shown,) = (
        json.loads(each.proto.json) for each in app.get("bidi_component") if each.proto.component_name == "lab_stage"
    )
    return shown
