"""The whole lab with a course's own log files: every page, every check, the notebook, and grading."""

import subprocess
import sys
from pathlib import Path

import course_files
import pytest
from notebooks import ALL, FULL, changed, notebook, points, right, save
from paging import learner_of, open_page, picture, press, words, write_text

from lab import dataset
from lab.bucket import LOG_DATA, files_in
from lab.bucket.log_data import read_log_data
from lab.commands.check import PASSED
from lab.handin.execute import Execution
from lab.handin.grader.batch import grade_all
from lab.handin.grader.walk import arrivals_in
from lab.handin.notebook import to_notebook
from lab.handin.outline import SETUP_CELLS, Content, digests_of
from lab.learner.identity import Identity
from lab.lesson.predictions import PREDICTIONS
from lab.lesson.results import GROUPS
from lab.lesson.steps import EXERCISES, STEPS
from lab.lesson.wording import asked_server
from lab.ui.shell import PAGES

ROOT = Path(__file__).resolve().parent.parent
# Other names, three servers (one file has two of them), windows of different lengths, and few records.
OTHERS = {
    "web-early.csv": "web,2,11 web,2,11 web,0,12 web,1,14 web,2,14 web,0,12",
    "rest-early.csv": "db,2,12 mail,1,13 db,0,12 mail,2,13 db,2,16",
    "web-late.csv": "web,2,20 web,0,21 web,2,29",
    "rest-late.csv": "db,2,21 db,0,21 mail,2,22",
}


@pytest.fixture(params=["course", "others"])
def place(request, tmp_path_factory, monkeypatch):
    """The folder of a course's log files, which the whole class uses."""
    folder = course_files.FOLDER
    if request.param == "others":
        folder = tmp_path_factory.mktemp("others")
        for name, records in OTHERS.items():
            (folder / name).write_text("\n".join(records.split()) + "\n")
    monkeypatch.setenv("LAB_LOG_DATA", str(folder))
    return str(folder)


@pytest.fixture
def own(place):
    return read_log_data(place)


def answered(app, group, text):
    write_text(app, f"answer-{group.id}", text)
    return press(app, f"check-{group.id}")


@pytest.mark.parametrize("name", [name for name, _, _ in PAGES])
def test_every_page_opens_and_names_no_other_files(own, app, name):
    open_page(app, name)
    assert not app.error
    assert learner_of(app).workspace.dataset is own
    said = " ".join([words(app.markdown), words(app.caption), *(code.value for code in app.code)])
    for other in set(dataset.FILES) - set(own.files):
        assert other not in said


def test_start_shows_the_beginning_of_each_file_and_asks_for_no_class_code(own, app):
    open_page(app, "start")
    assert [tab.label for tab in app.tabs] == list(own.files)
    shown = [code.value for code in app.code]
    for name in own.files:
        lines = own.content(name).decode().splitlines()
        assert "\n".join(lines[:20]) in shown
    assert max(len(frame.value) for frame in app.dataframe) <= 20
    assert max(text.count("\n") for text in shown) < 20
    counts = "The first 20 of 5,000 records. 4,600 SEV2, 400 SEV1, 0 SEV0." in words(app.caption)
    assert counts == (own.files[0] == "s115.csv")
    assert "In use: the log files of the course." in words(app.caption)
    assert "Everybody in your course has the same log files." in words(app.markdown)
    assert not any("class_code" in each.proto.json for each in app.get("bidi_component"))


def test_in_a_class_with_a_code_everybody_has_the_files_of_the_course(own, app, monkeypatch):
    monkeypatch.setenv("LAB_CLASS_CODE", "cs-101")
    app.run()
    assert "Your name stands on what you hand in. Your teacher has the code of your class." in words(app.markdown)
    for label, text in (("Your name", "Ada"), ("Class code", "cs-101")):
        next(field for field in app.text_input if field.label.startswith(label)).input(text)
    app.button[0].click().run()
    open_page(app, "start")
    learner = learner_of(app)
    assert learner.progress.identity == Identity("Ada", "cs-101")
    assert learner.workspace.dataset is own
    assert "In use: the log files of the course." in words(app.caption)
    assert "everyone has their own log files" not in words(app.markdown)


@pytest.mark.slow
def test_a_whole_lap_on_the_pages(own, app):
    open_page(app, "schema")
    learner = learner_of(app)
    write_text(app, "code-schema", STEPS["schema"].code)
    press(app, "run-schema")
    for step_id in ("right", "order", "header", "clock"):
        press(app, f"run-schema-{step_id}")
    press(app, "skipped-header")
    count = len(own.log_file(own.files[0]).records)
    assert f"{count} rows. Null: none." in words(app.caption)
    assert f"{count - 1} rows. Null: none." in words(app.caption)
    for name, step_ids in (
        ("read_stream", ["read-stream"]),
        ("volume_report", ["volume-report", "volume-query"]),
    ):
        app.switch_page(f"pages/{name}.py").run()
        for step_id in step_ids:
            write_text(app, f"code-{step_id}", STEPS[step_id].code)
            press(app, f"run-{step_id}")
            assert learner.progress.answer(STEPS[step_id]).feedback.has_passed, step_id
    for number, pair in enumerate(own.pairs, start=1):
        press(app, f"deliver-{pair.name}")
        if number == 1:
            app.number_input(key="number-first-pair").set_value(0.15).run()
        else:
            app.radio(key="choice-second-pair").set_value(PREDICTIONS["second-pair"].choices[0]).run()
        press(app, f"predicted-{pair.name}-pair")
        first, last = pair.window
        said = "You said 0.15; it is" if number == 1 else f"You said “the volume of t{first} to t{last} alone”."
        assert said in words(app.info)
        assert f"{asked_server(own)} has" in words(app.info)
        assert learner.workspace.wait_until_read()
        app.run()
        assert picture(app)["facts"]["Files waiting"] == "0"
        rows = sum(len(own.log_file(name).records) for name in pair.files)
        assert picture(app)["facts"]["Rows in"] == str(rows), number
    app.switch_page("pages/results.py").run()
    press(app, "run-everything")
    for group in GROUPS:
        answered(app, group, right(own)[group.id])
    assert "All four results are right" in words(app.success)
    answered(app, GROUPS[2], "\n".join(dict.fromkeys(right(own)["log-first"].splitlines())))
    assert "is missing" in words(app.error)
    for name, _, _ in PAGES:
        app.switch_page(f"pages/{name}.py").run()
        assert not app.exception
        assert not app.error or name == "results"


@pytest.mark.slow
def test_every_solution_passes_and_is_checked_on_these_files(own, learner):
    assert {entry.name for entry in files_in(learner.workspace.bucket, LOG_DATA)} == set(own.files)
    for step in EXERCISES:
        learner.prepare(step)
        learner.progress.write(step, step.code)
        learner.submit(step)
        assert learner.progress.answer(step).feedback.has_passed, step.id
    step = STEPS["read-stream"]
    learner.progress.write(step, step.code.replace("s3_log_data_live_uri", "s3_log_data_uri"))
    learner.submit(step)
    assert learner.progress.answer(step).feedback.mistake == "other-folder"
    clock = "logSchema = 'serverID STRING, severity INT, timestamp TIMESTAMP'"
    learner.progress.write(STEPS["schema"], clock)
    learner.submit(STEPS["schema"])
    count = len(own.log_file(own.files[0]).records)
    assert f"In {own.files[0]} {count} of {count}" in learner.progress.answer(STEPS["schema"]).feedback.message


@pytest.mark.slow
def test_a_wrong_formula_that_these_files_do_not_show_is_found_on_hidden_records(own, learner):
    step = STEPS["volume-report"]
    wrong = step.code.replace("sev2Events / timeUnits", 'sev2Events / F.max("timestamp")')
    assert wrong != step.code
    learner.prepare(step)
    learner.progress.write(step, wrong)
    learner.submit(step)
    feedback = learner.progress.answer(step).feedback
    assert (feedback.outcome, feedback.mistake) == ("wrong", "last-time-unit")


@pytest.mark.slow
def test_the_notebook_of_the_lab_s_kernel_gives_their_reports(own, tmp_path):
    answers = {step.id: step.code for step in EXERCISES}
    made = to_notebook(Content(own, "Ada", answers, right(own)))
    executed = Execution(made, tmp_path).run(variables={SETUP_CELLS: digests_of(own)})
    outputs = {cell.id: "".join(each.get("text", "") for each in cell.get("outputs", ())) for cell in executed.cells}
    assert not any(each.output_type == "error" for cell in executed.cells for each in cell.get("outputs", ()))
    assert outputs["log-show-second"].split() == right(own)["log-second"].split()
    for line in right(own)["volume-second"].splitlines():
        server, volume = line.split()
        assert f"|{server}" in outputs["volume-show-second"].replace(" ", "")
        assert volume[:5] in outputs["volume-show-second"]


@pytest.mark.slow
def test_the_grader_gives_what_a_notebook_is_worth(own, runs, tmp_path):
    save(tmp_path, notebook(dataset=own), "Ada")
    save(tmp_path, notebook(changed("volume-report", " + 1", ""), dataset=own, name="Bob"), "Bob")
    once = changed("sev0", 'select("serverID", "timestamp")', 'select("serverID", "timestamp").dropDuplicates()')
    save(tmp_path, notebook(once, dataset=own, name="Eve"), "Eve")
    save(tmp_path, notebook(name="Zoe"), "Zoe")
    found = {grade.learner: grade for grade in grade_all(arrivals_in([tmp_path]).found, runs, given=own)}
    assert points(found["Ada"]) == ALL
    assert found["Ada"].log_files == "those of the course"
    assert points(found["Bob"]) == [0, 0, FULL, FULL]
    assert points(found["Eve"])[2] < FULL
    assert "Made with the shipped log files; graded with those of the course." in found["Zoe"].notes
    (other,) = grade_all(arrivals_in([tmp_path / "lab8-Ada.ipynb"]).found, runs)
    assert "It was made with log files of a course" in other.error
    assert "--log-data" in other.error


def command(*arguments):
    """Run a command as in a terminal, with its own Spark; return its stdout and stderr."""
    done = subprocess.run(
        [sys.executable, "-m", "lab", *map(str, arguments)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == PASSED, done.stderr
    return done.stdout, done.stderr


@pytest.mark.slow
def test_the_commands_judge_with_these_files(own, place, tmp_path, monkeypatch):
    answer = tmp_path / "answer.py"
    answer.write_text(STEPS["schema"].code)
    path = save(tmp_path, notebook(dataset=own), "Ada")
    out = tmp_path / "grades.csv"
    # An option names the class code, a variable names the log files.
    printed, said = command("grade", path, "--class-code", "cs-101", "--out", out)
    assert "100 of 100" in printed
    assert "The log files are those of the course, so --class-code gives nobody others." in said
    monkeypatch.delenv("LAB_LOG_DATA")
    assert "passed" in command("check", "schema", answer, "--log-data", place)[0]
