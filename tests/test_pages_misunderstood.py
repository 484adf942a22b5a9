"""The page on what a class misunderstands, without a browser: collect, compare with an earlier course, refuse."""
# ruff: noqa: F811 - a fixture is requested by its name

import time

import pytest
from apptest import AppTest
from classes import RIGHT, attempt, come
from paging import open_page, press, words
from test_pages_teacher import CODE, class_server, enter, teacher, there  # noqa: F401 - fixtures

from lab.course.export import Fact
from lab.course.export_files import to_csv
from lab.errors import LabError
from lab.judge.feedback import Feedback
from lab.lesson.mistakes import TITLES
from lab.lesson.steps import EXERCISES, mistakes_of
from lab.ui.parts import parts

PAGE = "pages/misunderstood.py"
FIRST = EXERCISES[0]
WRONG = Feedback("wrong", "It has it as a date.", mistake=mistakes_of(FIRST)[0].id)


@pytest.fixture
def course():
    """A class of two; one of them is right at the first attempt."""
    made = [
        come(parts().classroom.store, number, time.time, name, CODE) for number, name in ((0xA1, "Ada"), (0xA2, "Eva"))
    ]
    attempt(made[0], FIRST, WRONG)
    attempt(made[0], FIRST, RIGHT, FIRST.code)
    attempt(made[1], FIRST, RIGHT, FIRST.code)
    made[1].predict("header", "an error")
    yield
    for each in made:
        each.forget()


def table(app, column):
    return next(each.value for each in app.dataframe if column in each.value)


def shown(app):
    return words([*app.markdown, *app.caption, *app.header, *app.subheader, *app.info, *app.error, *app.warning])


def test_nobody_gets_it_without_the_key(class_server, app, course):
    enter(app)
    app.run()
    with pytest.raises(ValueError, match="Could not find a navigation page"):
        app.switch_page(PAGE).run()
    page = AppTest.from_file(f"../{PAGE}", default_timeout=60).run()
    assert "This page is for the teacher" in words(page.info)
    assert not page.dataframe


def test_a_course_is_collected_shown_without_names_and_downloaded(class_server, teacher, app, course):
    open_page(app, "misunderstood")
    assert "Nothing is collected yet" in shown(app)
    press(app, "collect-course")
    assert "rows of 2 learners." in shown(app)
    steps = table(app, "Right at first")
    assert list(steps.loc[0, ["Tried", "Passed", "Right at first", "Attempts"]]) == [2, 2, 1, 1.5]
    assert table(app, "Mistake").loc[0, "Mistake"] == TITLES[WRONG.mistake].replace("`", "")
    assert list(table(app, "Wrong")["Wrong"]) == [1]
    assert len(app.get("download_button")) == 2
    everything = shown(app) + "".join(each.value.to_csv() for each in app.dataframe)
    assert "Ada" not in everything
    assert FIRST.code not in everything


def test_an_earlier_course_stands_beside_it_and_what_is_none_is_a_sentence(class_server, teacher, app, course):
    open_page(app, "misunderstood")
    press(app, "collect-course")
    app.file_uploader(key="earlier-course").set_value(("spring.csv", b"no export", "text/csv"))
    app.run()
    assert "spring.csv does not begin with the columns of an export" in words(app.error)
    earlier = to_csv([Fact(number, "attempt", FIRST.id, 1, "passed", "", 60, 60) for number in (1, 2, 3)])
    app.file_uploader(key="earlier-course").set_value(("spring *2025*.csv", earlier, "text/csv"))
    app.run()
    assert not app.error
    assert "Beside it: spring *2025*.csv, 3 learners." in shown(app)
    steps = table(app, "Right at first")
    assert list(steps.loc[0, ["Right at first", "Right at first, earlier", "Minutes, earlier"]]) == [1, 3, 1.0]
    assert "earlier course" in set(table(app, "course")["course"])


def test_nobody_did_anything_and_a_store_that_cannot_be_asked(class_server, teacher, app, monkeypatch):
    open_page(app, "misunderstood")
    press(app, "collect-course")
    assert "Nobody has done anything in this time." in shown(app)

    def fail(*_):
        raise LabError("The store is gone.", "See to it.")

    with monkeypatch.context() as patch:
        patch.setattr("lab.store.survey.Survey.changed", fail)
        press(app, "collect-course")
    assert "The store is gone. See to it." in words(app.error)


def test_a_course_that_is_larger_than_what_is_read_is_said_to_be(class_server, teacher, app, course, monkeypatch):
    monkeypatch.setattr("lab.course.collect.MAX_ROWS", 1)
    open_page(app, "misunderstood")
    press(app, "collect-course")
    assert "There is more in the store than is read at once." in shown(app)
