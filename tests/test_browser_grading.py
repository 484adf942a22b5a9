"""A teacher drops a zip of notebooks in a browser, sees them graded by a real Spark, and downloads each file."""

import io
import json
import os
import re
import time
import zipfile
from pathlib import Path
from types import MappingProxyType

import pytest
from browsing import START_WAIT, WAIT, Server, press
from classes import RIGHT, attempt, come
from notebooks import changed, notebook
from playwright.sync_api import expect
from test_axe import AXE, found
from test_browser_teacher import CODE, link_of, person  # noqa: F401 - a fixture

from lab.handin.notebook import to_bytes
from lab.judge.feedback import Feedback
from lab.lesson.mistakes import MISTAKES
from lab.lesson.steps import EXERCISES
from lab.settings import CLASS_CODE, STORE
from lab.store import Store
from lab.variants import dataset_for

ADA, GRACE = "Ada Lovelace", "Grace <b>Hopper</b>"
pytestmark = pytest.mark.slow

# A folder for pictures of the pages, to be looked at; empty for none.
PICTURES = os.environ.get("LAB_PICTURES", "")


@pytest.fixture
def server(tmp_path):
    server = Server(**{CLASS_CODE: CODE, STORE: f"sqlite:///{tmp_path}/lab.sqlite"})
    yield server
    server.stop()
    assert "Traceback" not in "".join(server.said)


def made_by(name, answers=MappingProxyType({})):
    return to_bytes(notebook(answers, name=name, dataset=dataset_for(CODE, name)))


def class_zip():
    """Return a zip as Moodle makes it, with three notebooks: one right, one with a wrong report, one invalid."""
    members = {
        "Ada Lovelace_11_assignsubmission_file_/lab8-Ada.ipynb": made_by(ADA),
        "Grace <b>Hopper_12_assignsubmission_file_/lab8.ipynb": made_by(GRACE, changed("volume-report", " + 1", "")),
        "Eva Roe_13_assignsubmission_file_/lab8-Eva.ipynb": b"{}",
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


def picture(page, name):
    if PICTURES:
        for width, height in ((1280, 720), (1024, 768), (400, 800)):
            page.set_viewport_size({"width": width, "height": height})
            page.wait_for_function("document.querySelector('.stApp')?.dataset.testScriptState === 'notRunning'")
            main = page.locator('[data-testid="stMain"]')
            tall = main.evaluate("element => element.scrollHeight")
            page.set_viewport_size({"width": width, "height": min(int(tall) + 100, 6000)})
            page.screenshot(path=str(Path(PICTURES) / f"{name}-{width}.png"))
        page.set_viewport_size({"width": 1280, "height": 900})


def downloaded(page, label):
    with page.expect_download() as waiting:
        page.get_by_role("button", name=label).click()
    return waiting.value.suggested_filename, waiting.value.path().read_bytes()


def test_a_class_is_graded_in_a_browser(server, person, tmp_path):  # noqa: F811
    stranger = person(f"{server.url}/grading")
    expect(stranger.get_by_text("Page not found")).to_be_visible()
    # Nobody but a teacher may upload more than a log file.
    answer = stranger.request.put(f"{server.url}/_stcore/upload_file/some-session/some-file", data=b"x" * 2_000_000)
    assert answer.status == 413

    teacher = person(link_of(server))
    teacher.add_init_script(AXE)
    teacher.reload()
    expect(teacher.get_by_role("heading", name="Class board")).to_be_visible()
    teacher.get_by_role("link", name="Grading").click()
    expect(teacher.get_by_text("Nothing is graded yet")).to_be_visible()
    wrong = found(teacher)
    picture(teacher, "grading-empty")
    teacher.locator('input[type="file"]').set_input_files(
        {"name": "class.zip", "mimeType": "application/zip", "buffer": class_zip()}
    )
    expect(teacher.get_by_text("class.zip")).to_be_visible()
    press(teacher, "grade")
    expect(
        teacher.get_by_text("Starting a Spark for the notebooks").or_(teacher.get_by_text("Running lab8"))
    ).to_be_visible()
    expect(teacher.get_by_role("heading", name="Grades", exact=True)).to_be_visible(timeout=4 * START_WAIT)
    expect(teacher.get_by_text("1 is not graded, or only in part.").first).to_be_visible()
    expect(teacher.get_by_role("heading", name="The class")).to_be_visible()
    wrong += found(teacher)
    picture(teacher, "grading")
    assert wrong == []
    what_is_downloaded(teacher)

    # The result is still there after a reload.
    teacher.reload()
    expect(teacher.get_by_role("heading", name="Grades", exact=True)).to_be_visible(timeout=WAIT)
    a_class_is_at_work(tmp_path)
    a_course_is_collected(teacher)

    stranger.goto(f"{server.url}/misunderstood")
    expect(stranger.get_by_text("Page not found")).to_be_visible()
    press_all_away(teacher, server)


def what_is_downloaded(teacher):
    name, table = downloaded(teacher, "Table for Canvas or Moodle")
    assert name == "grades-lms.csv"
    assert b"Participant 11,Ada Lovelace,100,100," in table
    name, packed = downloaded(teacher, "Gradescope's results")
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        scores = [json.loads(archive.read(each))["score"] for each in archive.namelist() if each.endswith(".json")]
    assert scores[0] == 100
    assert scores[1] < 100
    name, packed = downloaded(teacher, "Feedback for each learner")
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert "Ada Lovelace_11_assignsubmission_file_/feedback-lab8-Ada.html" in archive.namelist()
    name, page = downloaded(teacher, "Page with the reasons")
    assert (name, b"Grace &lt;b&gt;Hopper" in page) == ("grades.html", True)
    assert downloaded(teacher, "Table of all results")[0] == "grades.csv"


def a_class_is_at_work(folder):
    """Have eight learners write into the same store, as another server would."""
    store = Store(f"sqlite:///{folder}/lab.sqlite")
    for number in range(8):
        progress = come(store, 0xC0 + number, time.time, f"Secret Name {number}", CODE)
        for place, step in enumerate(EXERCISES[: 2 + number % 4]):
            for _ in range((number + place) % 3):
                attempt(progress, step, Feedback("wrong", "No.", mistake=MISTAKES[number % 2 + 3 * place].id))
            attempt(progress, step, RIGHT, step.code)
        progress.predict("header", "an error" if number % 3 else "one row too few")
    store.close()


def a_course_is_collected(teacher):
    teacher.get_by_role("link", name="What my class misunderstands").click()
    expect(teacher.get_by_text("Nothing is collected yet")).to_be_visible()
    press(teacher, "collect-course")
    expect(teacher.get_by_role("heading", name="Steps")).to_be_visible()
    name, table = downloaded(teacher, "The course as CSV")
    assert (name, table[:18]) == ("course.csv", b"learner,kind,about")
    assert b"Secret" not in table
    expect(teacher.get_by_text(re.compile("rows of 8 learners")).first).to_be_visible()
    assert downloaded(teacher, "The course as Parquet")[1][:4] == b"PAR1"
    header = b"learner,kind,about,number,outcome,mistake,worked,since_begin\n"
    rows = b"".join(b"%d,attempt,schema,1,passed,,60,60\n" % each for each in (3, 5, 8))
    teacher.locator('input[type="file"]').set_input_files(
        {"name": "spring.csv", "mimeType": "text/csv", "buffer": header + rows}
    )
    expect(teacher.get_by_text("Beside it: spring.csv, 3 learners.")).to_be_visible()
    assert found(teacher) == []
    picture(teacher, "misunderstood")


def press_all_away(teacher, server):
    teacher.goto(f"{server.url}/grading")
    press(teacher, "forget-grades")
    expect(teacher.get_by_text("Nothing is graded yet")).to_be_visible()
