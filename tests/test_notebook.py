import ast
import re
from datetime import UTC, datetime
from itertools import pairwise

import nbformat
import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.dataset import FILES, SHIPPED
from lab.handin.desk import Made
from lab.handin.files import HandIn
from lab.handin.grader.grading import not_graded
from lab.handin.notebook import about, file_name, to_bytes, to_notebook
from lab.handin.outline import FOLDER, GIVEN, LOG_FILES, RESULT, Content, outline, setup_cells
from lab.handin.receipt import CELL, Receipt, fits, hash_of_notebook, hash_of_texts, with_receipt
from lab.learner.retrospective import Retrospective
from lab.lesson.results import GROUPS
from lab.lesson.steps import EXERCISES, STEPS
from lab.variants import variant

OWN = variant("0123456789abcdef")
SOLUTIONS = {step.id: step.code for step in EXERCISES}


def texts(content):
    return {cell.id: cell.source for cell in outline(content)}


def test_the_last_four_cells_are_the_result_groups_with_the_results_in_pre():
    results = {group.id: f"s1 {number}\n<b> & s2" for number, group in enumerate(GROUPS)}
    last = outline(Content(SHIPPED, results=results))[-4:]
    assert [cell.id for cell in last] == [RESULT + group.id for group in GROUPS]
    assert {cell.kind for cell in last} == {"markdown"}
    for number, (cell, group) in enumerate(zip(last, GROUPS, strict=True)):
        assert group.question in cell.source
        assert cell.source.endswith(f"<pre>\ns1 {number}\n&lt;b&gt; &amp; s2\n</pre>")


def test_every_exercise_stands_in_it_as_the_learner_left_it():
    written = {"schema": "logSchema = 1", "stop": ""}
    cells = texts(Content(SHIPPED, answers=written))
    assert {step.id: cells[step.id] for step in EXERCISES} == {step.id: step.starter for step in EXERCISES} | written


def test_the_table_is_read_with_the_learner_s_own_code_after_each_delivery():
    cells = [cell.id for cell in outline(Content(SHIPPED))]
    shown = [cell for cell in outline(Content(SHIPPED, answers={"volume-show": "mine"})) if cell.source == "mine"]
    assert [cell.id for cell in shown] == ["volume-show", "volume-show-first", "volume-show-second"]
    assert cells.index("volume-deliver-first") < cells.index("volume-show-first") < cells.index("volume-deliver-second")


def test_the_solution_is_explained_only_where_it_is_asked_for():
    cells = texts(Content(SHIPPED, explained=frozenset({"schema"})))
    assert cells["why-schema"] == STEPS["schema"].why
    assert [name for name in cells if name.startswith("why-")] == ["why-schema"]


def test_the_empty_lab_tells_no_solution():
    source = "\n".join(texts(Content(SHIPPED)).values())
    assert "??" in source
    assert not any(step.code in source for step in EXERCISES)
    assert "count_if" not in source


@pytest.mark.parametrize("dataset", [SHIPPED, OWN], ids=["shipped", "individual"])
def test_the_records_in_the_notebook_are_those_of_the_log_files(dataset):
    (source,) = [cell.source for cell in setup_cells(dataset) if cell.id == "setup-records"]
    files = ast.literal_eval(source.partition("LOG_FILES = ")[2])
    assert {name: "".join(f"{record}\n" for record in files[name].split()).encode() for name in FILES} == dict(
        dataset.contents
    )


def test_the_setup_is_python_that_says_nothing_of_the_lab_itself():
    for cell in setup_cells(SHIPPED):
        tree = ast.parse(cell.source)
        imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        imported |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert imported <= {"pathlib", "pyspark", "pyspark.sql", "re", "queue", "threading"}
        assert "sleep" not in cell.source


def test_the_setup_defines_what_it_is_said_to_give():
    defined = set()
    for node in (node for cell in setup_cells(SHIPPED) for node in ast.parse(cell.source).body):
        if isinstance(node, ast.Assign):
            defined |= {name.id for target in node.targets for name in ast.walk(target) if isinstance(name, ast.Name)}
        elif isinstance(node, ast.FunctionDef):
            defined.add(node.name)
    assert {LOG_FILES, *GIVEN} <= defined
    assert f"/{FOLDER}/LogData/" in setup_cells(SHIPPED)[0].source


def test_the_notebook_is_a_valid_one_and_says_whose_it_is():
    notebook = nbformat.reads(to_bytes(to_notebook(Content(OWN, "Zoë", SOLUTIONS))).decode(), 4)
    nbformat.validate(notebook)
    assert about(notebook) == {"learner": "Zoë", "seed": OWN.seed, "version": about(notebook)["version"]}
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)
    # No heading skips a level.
    levels = [len(line.partition(" ")[0]) for cell in notebook.cells for line in re.findall(r"(?m)^#+ .*", cell.source)]
    assert all(after - before <= 1 for before, after in pairwise(levels) if before < 4)


# --- the receipt


def receipt_of(notebook):
    return Receipt(
        "shipped", hash_of_notebook(notebook), hash_of_texts({"name": "Zoë"}), "2026-11-24 20:15 UTC", "0.1.0"
    )


def test_a_receipt_fits_until_something_that_counts_is_changed():
    notebook = to_notebook(Content(SHIPPED, "Z|oë <b>", SOLUTIONS))
    assert fits(notebook) is None
    made = with_receipt(notebook, receipt_of(notebook))
    assert fits(made) is True
    assert [cell.id for cell in made.cells[:2]] == ["title", CELL]
    assert "| Learner | Z\\|oë \\<b\\> |" in made.cells[1].source
    assert "sha256" in made.cells[1].source

    again = nbformat.reads(to_bytes(made).decode(), 4)
    assert fits(again) is True
    for cell in again.cells:
        if cell.cell_type == "code":
            cell.execution_count = 99
    assert fits(again) is True
    again.cells[-1].source = again.cells[-1].source.replace("<pre>", "<pre>s1 1")
    assert fits(again) is False


@given(st.text(max_size=40))
def test_results_of_any_text_stay_what_they_are(text):
    cell = outline(Content(SHIPPED, results={GROUPS[0].id: text}))[-4]
    inside = re.search(r"<pre>\n(.*)\n</pre>", cell.source, re.DOTALL)[1]
    assert "<" not in inside
    assert inside.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") == text.strip()


def test_both_files_have_the_same_receipt():
    content = Content(OWN, "Zoë Ångström", SOLUTIONS)
    made = Made(content, to_notebook(content), 0, not_graded("a", "b"), "5 min", datetime.now(UTC))
    files = HandIn(made, Retrospective("Zoë Ångström", "5 min", "much", "more"))
    receipt = nbformat.reads(files.notebook().decode(), 4).metadata["lab8"]["receipt"]
    text = pypdfium2.PdfDocument(files.pdf())[0].get_textpage().get_text_bounded()
    assert receipt["notebook"] == hash_of_notebook(made.notebook)
    for said in (
        OWN.seed,
        receipt["notebook"][:16],
        receipt["retrospective"][:16],
        receipt["made"],
        receipt["version"],
    ):
        assert said in text
    assert (files.pdf(), files.notebook()) == (files.pdf(), files.notebook())
    assert files.notebook_name == "lab8-Zoë-Ångström.ipynb"


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("Ada", "lab8-Ada.ipynb"),
        ("", "lab8-YOURNAME.ipynb"),
        ("../../etc/passwd", "lab8-etc-passwd.ipynb"),
        ("王 小明", "lab8-王-小明.ipynb"),
        ('a"b\\c:d*?', "lab8-a-b-c-d.ipynb"),
        ("👩‍💻", "lab8-YOURNAME.ipynb"),
    ],
)
def test_a_file_is_named_as_the_handout_has_it(name, file):
    assert file_name(name) == file
