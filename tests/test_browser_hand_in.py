"""From the finished lab to the two files, in a real browser."""

from pathlib import Path

import nbformat
import pypdfium2
import pytest
from browsing import START_WAIT, Server, do_the_whole_lab, follow, go, open_lab, press
from notebooks import read_submission
from playwright.sync_api import expect

from lab.handin.grader.grade import grade
from lab.handin.grader.run_again import run_again
from lab.handin.receipt import fits
from lab.variants import dataset_of


@pytest.fixture(scope="module")
def server():
    server = Server()
    yield server
    server.stop()


@pytest.fixture
def person(browser):
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    yield context
    context.close()


def introduce(page, name, code=""):
    expect(page.get_by_role("heading", name="Who you are")).to_be_visible()
    page.get_by_label("Your name").fill(name)
    page.get_by_label("Class code").fill(code)
    press(page, "introduce")
    expect(page.get_by_test_id("stToast").get_by_text("In use:")).to_be_visible()


def download(page, key, folder):
    # During a redraw, a press may hit a button that is being replaced.
    page.locator("[data-test-script-state=notRunning]").wait_for()
    with page.expect_download() as waiting:
        press(page, f"download-{key}")
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path


def text_of_pdf(path):
    return "\n".join(page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(path))


@pytest.mark.slow
def test_from_the_finished_lab_to_the_two_files(server, person, tmp_path, classroom):
    page = open_lab(person, server)
    introduce(page, "Zoë Ångström")
    do_the_whole_lab(page)

    follow(page, "Next: Hand in")
    expect(page.get_by_text("of 8 are right")).to_be_visible()
    page.get_by_label("What was particularly challenging?").fill("That a stream is refused to be sorted.")
    page.get_by_label("What are your main takeaways").fill("Checkpoints, and foreachBatch.")
    press(page, "execute")
    expect(page.get_by_text("It would get 100 of 100 points.")).to_be_visible(timeout=START_WAIT)
    expect(page.get_by_text("8 of 8 are right")).to_be_visible()

    notebook, pdf = (download(page, key, tmp_path) for key in ("notebook", "retrospective"))
    assert (notebook.name, pdf.name) == ("lab8-Zoë-Ångström.ipynb", "retrospective.pdf")
    read = nbformat.read(notebook, 4)
    assert fits(read) is True
    text = text_of_pdf(pdf)
    receipt = read.metadata["lab8"]["receipt"]
    for said in ("Zoë Ångström", "refused to be sorted", "foreachBatch", receipt["notebook"][:16], receipt["made"]):
        assert said in text
    assert receipt["retrospective"][:16] in text

    # The grader uses nothing of the app, and gives full marks.
    submission = read_submission(notebook)
    graded = grade(
        submission,
        dataset_of(submission.seed),
        lambda each, dataset: run_again(each, dataset, classroom.engine.root, classroom.engine.run_folder, 120),
    )
    assert (graded.points, graded.notes) == (100, ())


@pytest.mark.slow
def test_an_unfinished_lab_is_named_and_can_be_cancelled(server, person, tmp_path):
    page = open_lab(person, server, "hand-in")
    expect(page.get_by_text("Write it on the page Start")).to_be_visible()
    press(page, "execute")
    expect(page.locator(".st-key-hand-in-state").get_by_text("cell")).to_be_visible()
    press(page, "cancel-execution")
    expect(page.locator(".st-key-cancel-execution")).to_have_count(0)
    expect(page.get_by_text("Then you can download the two files here")).to_be_visible()

    press(page, "execute")
    expect(page.get_by_text("It would get 0 of 100 points.")).to_be_visible(timeout=START_WAIT)
    expect(page.get_by_text("Declare the schema (?? still stands in it)")).to_be_visible()
    notebook = download(page, "notebook", tmp_path)
    assert notebook.name == "lab8-YOURNAME.ipynb"
    failed = [
        cell.id
        for cell in nbformat.read(notebook, 4).cells
        for output in cell.get("outputs", ())
        if output.output_type == "error"
    ]
    assert "schema" in failed
    # The page says that later changes are missing in the executed notebook.
    page.locator(".st-key-preflight").get_by_role("link", name="Start").click()
    introduce(page, "Ada")
    go(page, "Hand in")
    expect(page.get_by_text("You have changed something since the notebook was executed.")).to_be_visible()


@pytest.mark.slow
def test_the_empty_lab_for_jupyter(server, person, tmp_path):
    page = open_lab(person, server)
    introduce(page, "Ada", "spring")
    go(page, "Hand in")
    page.get_by_text("You prefer Jupyter?").click()
    path = download(page, "empty", tmp_path)
    notebook = nbformat.read(path, 4)
    # Another name than the executed notebook's, which may be in the same folder.
    assert path.name == "empty-lab8-Ada.ipynb"
    assert len(notebook.metadata["lab8"]["seed"]) == 16
    assert Path(path).stat().st_size < 100_000
    assert not any(cell.get("outputs") for cell in notebook.cells)
