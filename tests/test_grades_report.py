"""The grader's table, its page, and its command."""

import csv
import io
import json
import os
import re
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest
from notebooks import notebook, save

from lab.__main__ import main
from lab.charts import BLUE, VERMILLION
from lab.charts.grades import MAX_LABEL, ORANGE, GradeRow, grades_svg, grades_words, shortened
from lab.errors import LabError
from lab.handin.grader.grading import Grade, ResultGrade, not_graded, printable
from lab.handin.grader.report import COLUMNS, TOTAL, check_place, page, page_beside, table, write_report
from lab.handin.grader.rerun import Rerun
from lab.handin.notebook import to_bytes
from lab.lesson.results import GROUPS

AT = datetime(2025, 4, 1, 12, 30, tzinfo=UTC)
SVG = "{http://www.w3.org/2000/svg}"
EVIL = "</pre><script>alert(1)</script>"


def graded(learner="Ada", points=(25, 20, 0, 0), claimed="s1 1.2\ns2 1.25", notes=()):
    results = tuple(
        ResultGrade(group.id, each, "A reason.", claimed, "s1 1") for group, each in zip(GROUPS, points, strict=True)
    )
    return Grade(f"lab8-{learner}.ipynb", learner, "shipped", results, notes)


def rows(grades):
    return list(csv.DictReader(io.StringIO(table(grades), newline="")))


def test_the_table_has_a_row_for_each_result_and_one_for_the_total():
    found = rows([graded(notes=("One.", "Two.")), not_graded("x.ipynb", "Broken.")])
    assert tuple(found[0]) == COLUMNS
    assert [row["result"] for row in found] == [*(group.id for group in GROUPS), TOTAL] * 2
    assert [row["points"] for row in found] == ["25", "20", "0", "0", "45", *[""] * 5]
    assert (found[0]["claimed"], found[4]["notes"]) == ("s1 1.2; s2 1.25", "One. Two.")
    assert found[9]["reason"] == "Broken."


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "  =1", "\n=1", "\r=1", "\x00=1"])
def test_no_value_is_a_formula_to_a_spreadsheet(text):
    for row in rows([graded(learner=text, claimed=text, notes=(text,))]):
        for name in ("learner", "claimed", "notes"):
            assert not row[name].lstrip().startswith(("=", "+", "-", "@")), (name, row[name])


def test_everything_from_notebooks_is_escaped_on_the_page_and_nothing_is_fetched():
    text = page([graded(EVIL, claimed=EVIL, notes=(EVIL,)), not_graded(EVIL, EVIL, EVIL)], AT)
    assert "<script" not in text.lower()
    assert "&lt;/pre&gt;&lt;script&gt;" in text
    assert not re.search(r"""(?:src|href|srcset)\s*=\s*["'](?!data:image/svg|\#n\d)""", text)
    assert "http://" not in text
    assert "https://" not in text
    assert "1 of which is not graded, or only in part" in text


# A lone surrogate is invalid in UTF-8, the others in XML, and two of them are control codes for a terminal.
@pytest.mark.parametrize("letter", ["\ud800", "\x00", "\x08", "\x1b", "\x9b", "\uffff"])
def test_no_letter_in_a_notebook_costs_the_report(tmp_path, letter):
    odd = printable(graded(f"A{letter}da", claimed=letter, notes=(letter,)))
    assert (odd.learner, odd.notes, odd.results[0].claimed, odd.points) == ("A\ufffdda", ("\ufffd",), "\ufffd", 45)
    write_report(tmp_path / "grades.csv", [odd], AT)
    for file in tmp_path.iterdir():
        assert letter not in file.read_text(encoding="utf-8")
    grades_svg([GradeRow(odd.learner, (25,), (25,))], ["One"], "light")


def test_letters_of_every_language_stay(tmp_path):
    name = "Żółć\u00a0李 😀\n\tÀ"
    assert printable(graded(name)).learner == name


def test_the_picture_says_in_words_what_it_shows():
    points = [GradeRow("Ada", (25, 0), (25, 25)), GradeRow("Ada", (20, 0), (25, 25))]
    assert grades_words(points, ["One", "Two"]) == (
        "Points of 2 notebooks by result. One: 1 with all points, 0 with none; Two: 0 with all points, 2 with none."
    )
    for scheme in ("light", "dark"):
        svg = grades_svg(points, ["One", "Two"], scheme)
        # There are two rows, although both have the same name.
        assert re.findall(r">(Ada|25|20|0)</text>", svg).count("Ada") == 2
        assert svg.count(">0</text>") == 2


def drawn(*picture):
    return ET.fromstring(grades_svg(*picture))  # noqa: S314 - that it is XML is what is asked


@pytest.mark.parametrize("label", [EVIL, 'O\'Brien & "Co"', "]]>", "Żółć 李 😀", ""])
def test_the_picture_is_xml_whatever_a_name_holds(label):
    root = drawn([GradeRow(label, (25,), (25,))], ["One"], "light")
    assert [text.text or "" for text in root.iter(f"{SVG}text")] == ["One", label, "25"]
    assert {each.tag for each in root} == {f"{SVG}text", f"{SVG}rect"}


@pytest.mark.parametrize(("scheme", "ink"), [("light", "#1b1f24"), ("dark", "#e8eaed")])
def test_a_box_is_full_or_partly_so_or_empty_and_its_number_can_be_read(scheme, ink):
    root = drawn([GradeRow("Ada", (25, 5, 0), (25, 25, 25))], ["A", "B", "C"], scheme)
    boxes = [(box.get("fill"), box.get("stroke")) for box in root.iter(f"{SVG}rect")]
    assert boxes == [(BLUE, BLUE), (ORANGE, ORANGE), ("none", VERMILLION)]
    inks = {text.text: text.get("fill") for text in root.iter(f"{SVG}text")}
    assert inks == {"A": ink, "B": ink, "C": ink, "Ada": ink, "25": "#ffffff", "5": "#1b1f24", "0": ink}


@pytest.mark.parametrize("label", ["Ada", "W" * 40, "李" * 40, "i" * 40, "e\u0301" * 40, "Maximiliana Wolkenstein"])
def test_a_label_is_cut_so_that_it_stays_inside_the_picture(label):
    cut = shortened(label)
    assert cut == label if len(label) < 10 else cut[:-1] == label[: len(cut) - 1] and cut[-1] == "…"
    assert len(cut) <= MAX_LABEL
    root = drawn([GradeRow(cut, (25,), (25,))], ["One"], "light")
    assert float(root.get("width")) <= 231
    assert all(0 <= float(box.get("x")) <= float(root.get("width")) - 45 for box in root.iter(f"{SVG}rect"))


def test_the_report_replaces_an_earlier_one_and_leaves_nothing_else(tmp_path):
    out = tmp_path / "grades.csv"
    for _ in range(2):
        write_report(out, [graded()], AT)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["grades.csv", "grades.html"]
    assert out.read_bytes().startswith(b"\xef\xbb\xbflearner,file,")
    assert oct(out.stat().st_mode & 0o777) == oct(0o666 & ~_umask())


def _umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_a_place_that_cannot_be_written_is_refused(tmp_path):
    check_place(tmp_path / "grades.csv")
    assert list(tmp_path.iterdir()) == []
    for place, said in (
        (tmp_path, "is a folder"),
        (tmp_path / "grades.html", "beside the table"),
        (tmp_path / "missing" / "grades.csv", "There is no folder"),
        # This name itself is short enough, but that of the temporary file is too long.
        (tmp_path / f"{'x' * 247}.csv", "name too long"),
        (tmp_path / f"{'x' * 300}.csv", "name too long"),
    ):
        with pytest.raises(LabError, match=said):
            check_place(place)
    notebook = tmp_path / "lab8-Ada.html"
    notebook.write_text("as somebody may call it")
    for place in (tmp_path / "lab8-Eva.ipynb", notebook.with_suffix(".csv")):
        with pytest.raises(LabError, match="a notebook"):
            check_place(place, [notebook])
    if os.name != "nt":  # Windows has no such pipes
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(LabError, match="is not a file"):
            check_place(tmp_path / "pipe")
    assert page_beside(tmp_path / "grades.csv").name == "grades.html"


# --- the command


@pytest.fixture
def runs(monkeypatch):
    """Replace the runs by ones without Spark: these tests check what the command does with the results."""
    seen = []

    class FakeRuns:
        def __init__(self, time_limit):
            self.time_limit = time_limit

        def start(self):
            pass

        def __call__(self, submission, dataset):
            seen.append((submission.file, dataset.seed, self.time_limit))
            return Rerun()

        def close(self):
            seen.append("stopped")

    monkeypatch.setattr("lab.handin.grader.process_runs.ProcessRuns", FakeRuns)
    return seen


def test_the_command_grades_a_folder_and_writes_both_files(runs, tmp_path, capsys):
    save(tmp_path, notebook(name="Ada"), "Ada")
    save(tmp_path, notebook(name="Eva"), "Eva")
    out = tmp_path / "out.csv"
    assert main(["grade", str(tmp_path), "--out", str(out), "--time-limit", "7"]) == 0
    printed = capsys.readouterr()
    assert runs == [("lab8-Ada.ipynb", "shipped", 7), ("lab8-Eva.ipynb", "shipped", 7), "stopped"]
    assert "1 of 2 lab8-Ada.ipynb … 0 of 100, 0 s" in printed.err
    assert printed.out.splitlines()[0].startswith("lab8-Ada.ipynb    0 of 100   0  0  0  0  ")
    assert out.exists()
    assert "lab8-Eva.ipynb" in page_beside(out).read_text(encoding="utf-8")


def test_a_notebook_with_half_a_letter_stops_nothing(runs, tmp_path, capsys):
    path = save(tmp_path, notebook(name="Ada", claims={GROUPS[0].id: "HALF"}))
    path.write_text(path.read_text(encoding="utf-8").replace("HALF", "\\ud800"), encoding="utf-8")
    out = tmp_path / "out.csv"
    assert main(["grade", str(path), "--json", "--out", str(out)]) == 0
    assert "\ufffd" in out.read_text(encoding="utf-8")
    assert json.loads(capsys.readouterr().out)["results"][0]["claimed"] == "\ufffd"


def test_a_name_with_half_a_letter_stops_nothing(runs, tmp_path):
    path = save(tmp_path, notebook(name="Eva"), "Eva")
    path.write_text(path.read_text(encoding="utf-8").replace('"Eva"', '"Eva\\ud83d"'), encoding="utf-8")
    good = save(tmp_path, notebook())
    out = tmp_path / "out.csv"
    assert main(["grade", str(path), str(good), "--class-code", "9b", "--out", str(out)]) == 0
    assert out.read_text(encoding="utf-8").count("total") == 2


@pytest.mark.parametrize("at", [1, 2])
def test_what_was_graded_before_an_interruption_is_written(runs, tmp_path, monkeypatch, capsys, at):
    def run(*_):
        runs.append("run")
        if len(runs) == at:
            raise KeyboardInterrupt
        return Rerun()

    monkeypatch.setattr("lab.handin.grader.process_runs.ProcessRuns.__call__", run)
    for name in ("Ada", "Eva", "Zoe"):
        save(tmp_path, notebook(name=name), name)
    out = tmp_path / "out.csv"
    assert main(["grade", str(tmp_path), "--out", str(out)]) == (2 if at == 1 else 1)
    assert runs[-1] == "stopped"
    said = capsys.readouterr().err
    if at == 1:
        assert said.endswith("Stopped.\n")
        assert not out.exists()
    else:
        assert "Stopped after 1 of 3." in said
        assert out.read_text(encoding="utf-8").count("total") == 1


def test_what_was_graded_is_written_before_the_next_notebook_is_run(runs, tmp_path, monkeypatch):
    """If anything ends the grader, these grades are kept."""
    out = tmp_path / "out.csv"
    written = []

    def run(*_):
        written.append(out.read_text(encoding="utf-8").count("total") if out.exists() else 0)
        return Rerun()

    monkeypatch.setattr("lab.handin.grader.process_runs.ProcessRuns.__call__", run)
    for name in ("Ada", "Eva", "Zoe"):
        save(tmp_path, notebook(name=name), name)
    assert main(["grade", str(tmp_path), "--out", str(out)]) == 0
    assert written == [0, 1, 2]


def test_one_file_that_is_broken_stops_nothing_and_shows_in_the_exit_code(runs, tmp_path, capsys):
    broken = tmp_path / "lab8-Bob.ipynb"
    broken.write_text("{")
    good = save(tmp_path, notebook())
    arguments = ["grade", str(broken), str(good), str(tmp_path / "none.ipynb"), "--out", str(tmp_path / "g.csv")]
    assert main([*arguments, "--json"]) == 1
    objects = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [bool(each["error"]) for each in objects] == [True, False, True]
    assert objects[0]["learner"] == "Bob"
    assert [result["group"] for result in objects[1]["results"]] == [group.id for group in GROUPS]


@pytest.mark.parametrize("bad", ["no folder", "no notebooks"])
def test_the_command_says_at_once_what_it_cannot_do(runs, tmp_path, capsys, bad):
    made = save(tmp_path, notebook())
    empty = tmp_path / "empty"
    empty.mkdir()
    files, out = (made, tmp_path / "missing" / "g.csv") if bad == "no folder" else (empty, tmp_path / "g.csv")
    assert main(["grade", str(files), "--out", str(out)]) == 2
    assert runs == []
    assert capsys.readouterr().err.startswith("There is no")


def test_the_command_writes_the_forms_that_the_page_gives_and_never_grades_them(runs, tmp_path, capsys):
    save(tmp_path, notebook(name="Ada"), "Ada")
    out = tmp_path / "grades.csv"
    asked = ["--format", "csv", "--format", "gradescope", "--format", "feedback"]
    for _ in range(2):  # in the second round, these files already exist
        assert main(["grade", str(tmp_path), "--out", str(out), *asked]) == 0
    names = {"grades-lms.csv", "grades-gradescope.zip", "grades-feedback.zip"}
    assert {path.name for path in tmp_path.iterdir()} == {"lab8-Ada.ipynb", "grades.csv", "grades.html", *names}
    assert "grades-lms.csv" in capsys.readouterr().err
    assert len([run for run in runs if run != "stopped"]) == 2
    assert (tmp_path / "grades-lms.csv").read_bytes().startswith(b"\xef\xbb\xbfStudent,ID,")
    (tmp_path / "grades-lms.csv").unlink()
    (tmp_path / "grades-lms.csv").mkdir()
    assert main(["grade", str(tmp_path / "lab8-Ada.ipynb"), "--out", str(out), *asked]) == 2


def test_the_command_takes_a_class_as_it_arrives_and_an_earlier_attempt_is_no_failure(runs, tmp_path, capsys):
    for name in ("lab8-Ada.ipynb", "lab8-Ada (1).ipynb", ".hidden.ipynb"):
        (tmp_path / name).write_bytes(to_bytes(notebook()))
    out = tmp_path / "grades.csv"
    for _ in range(2):  # in the second round, its own report already exists
        assert main(["grade", str(tmp_path), "--out", str(out)]) == 0
    printed = capsys.readouterr()
    assert "Left out: 1 hidden file or folder (.hidden.ipynb)." in printed.err
    assert "2 of 2 lab8-Ada.ipynb … not graded, 0 s" in printed.err
    assert "Left out: 2 files of the grader" in page_beside(out).read_text(encoding="utf-8")
    assert [run[0] for run in runs if run != "stopped"] == ["lab8-Ada (1).ipynb"] * 2
    assert main(["grade", str(tmp_path), "--out", str(out), "--attempts", "all"]) == 0
    assert len(runs) == 4 + 3
