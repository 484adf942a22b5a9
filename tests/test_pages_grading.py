"""Grading on a page, without a browser: access, uploaded files, progress, and the display of grades."""
# ruff: noqa: F811 - a fixture is requested by its name

import pytest
from apptest import AppTest
from notebooks import notebook
from paging import open_page, press, words
from test_class_desk import FakeRuns, done, fake_runs, wait_for, zipped  # noqa: F401 - fixtures
from test_pages_teacher import class_server, enter, teacher  # noqa: F401 - fixtures

from lab.handin.notebook import to_bytes
from lab.ui.parts import parts

PAGE = "pages/grading.py"
MARKUP = "![x](http://example.org/x.png) **b** <i>"


@pytest.fixture
def grading(app):
    yield lambda: open_page(app, "grading")
    parts().desk.forget()
    wait_for(lambda: parts().desk.state.progress is None)


@pytest.fixture(scope="module")
def made():
    return to_bytes(notebook(name=MARKUP))


def drop(app, *files):
    app.file_uploader[0].set_value([(name, data, "application/octet-stream") for name, data in files])
    app.run()
    return app


def shown(app):
    return words([*app.markdown, *app.caption, *app.header, *app.subheader, *app.info, *app.error, *app.warning])


def test_nobody_gets_it_without_the_key(class_server, app):
    enter(app)
    app.run()
    with pytest.raises(ValueError, match="Could not find a navigation page"):
        app.switch_page(PAGE).run()
    page = AppTest.from_file(f"../{PAGE}", default_timeout=60).run()
    assert "This page is for the teacher" in words(page.info)
    assert not page.file_uploader


def test_there_is_nothing_to_grade_yet(grading, app):
    grading()
    assert "Nothing is graded yet" in shown(app)
    assert app.button(key="grade").disabled


def test_a_class_is_dropped_graded_and_shown_also_after_a_reload(grading, app, fake_runs, made):
    grading()
    drop(app, ("lab8-x.ipynb", made), ("class.zip", zipped({"Bob Roe_7_assignsubmission_file_/lab8.pdf": b"no"})))
    press(app, "grade")
    done(parts().desk)
    app.run()
    said = shown(app)
    assert "2 learners at" in said
    assert "1 is not graded, or only in part." in said
    # The name in a notebook is never rendered as Markdown.
    assert not any("![x](" in each.value for each in app.markdown)
    [table, *_] = [each.value for each in app.dataframe if "Outcome" in each.value]
    assert next(iter(table["Learner"])) == MARKUP
    assert list(table["Total"].astype(object).where(table["Total"].notna(), None)) == [0, None]
    assert list(table["Outcome"]) == ["graded", "not graded"]
    assert len(app.get("download_button")) == 5
    app.selectbox(key="grading-notebook").select(1).run()
    assert "Ask for the file as Jupyter saves it" in words(app.warning)
    # As after a reload, in this browser or another.
    other = AppTest.from_file("../streamlit_app.py", default_timeout=60)
    other.run()
    assert "2 learners at" in shown(open_page(other, "grading"))
    press(app, "forget-grades")
    app.run()
    assert "Nothing is graded yet" in shown(app)


def test_progress_and_a_stop_that_keeps_what_is_graded(grading, app, fake_runs, made):
    fake_runs.going_on.clear()
    grading()
    drop(app, ("lab8-x.ipynb", made))
    press(app, "grade")
    wait_for(lambda: fake_runs.seen)
    app.run()
    assert app.button(key="grade").disabled
    assert "Running lab8" in " ".join(str(each.proto) for each in app.get("progress"))
    press(app, "stop-grading")
    done(parts().desk)
    app.run()
    assert not app.get("progress")
    assert "stop-grading" not in [button.key for button in app.button]


def test_with_the_key_on_a_class_server_the_class_code_is_known(class_server, teacher, grading, app, fake_runs, made):
    grading()
    assert "The log files are those of this lab's class code." in shown(app)
    assert not app.text_input


def test_a_file_that_is_none_is_a_row_and_nothing_at_all_a_sentence(grading, app, fake_runs):
    grading()
    drop(app, ("class.zip", b"no zip"))
    press(app, "grade")
    done(parts().desk)
    app.run()
    assert "class.zip is no zip that can be opened" in words(app.warning)
