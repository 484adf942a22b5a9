"""Reading handed-in notebooks; nothing is executed."""

import json
import os
import time

import pytest
from nbformat import v3, v4
from nbformat import writes as write_notebook
from notebooks import SOLVED, index_of, notebook, read_submission, right, save

from lab.errors import LabError
from lab.handin.grader.arrivals import MAX_BYTES
from lab.handin.grader.owners import owner_in
from lab.handin.grader.student_cells import assigns, code_cell, normal_form
from lab.handin.grader.submission import MAX_CELLS, parse_submission
from lab.handin.notebook import to_bytes
from lab.handin.receipt import Receipt, hash_of_notebook, with_receipt
from lab.lesson.results import GROUPS

CLAIMS = {group.id: f"s1 {number}" for number, group in enumerate(GROUPS)}


def test_our_own_notebook_is_taken_apart(tmp_path):
    read = read_submission(save(tmp_path, notebook()))
    assert (read.file, read.learner, read.seed, read.notes) == ("lab8-Ada.ipynb", "Ada", "shipped", ())
    assert dict(read.claims) == right()
    setup = [cell for cell in read.cells if cell.is_setup]
    assert {cell.id.partition("-")[0] for cell in setup} == {"setup"}
    assert [cell.id for cell in read.steps if cell.id in SOLVED] == list(SOLVED)
    assert [cell.number for cell in read.cells] == list(range(1, len(read.cells) + 1))


def test_without_ids_cells_are_known_by_what_they_define_and_results_by_their_place(tmp_path):
    made = notebook(claims=CLAIMS)
    made.nbformat_minor = 4
    for cell in made.cells:
        del cell["id"]
    made.cells.append(v4.new_markdown_cell("My own words, at the end."))
    del made.cells[-1]["id"]
    read = read_submission(save(tmp_path, made))
    assert dict(read.claims) == CLAIMS
    assert len(read.steps) == len(read_submission(save(tmp_path, notebook(), "Eva")).steps)


def test_a_claim_is_the_rows_that_are_read_or_the_text_that_cannot_be(tmp_path):
    made = notebook()
    place = index_of(made, "result-volume-first")
    made.cells[place].source = "What?\n\n<PRE>s1 &lt;1&gt;\n</pre> and more"
    made.cells[place + 1].source = "What?\n\n```\ns1 1.3\n```"
    made.cells[place + 2].source = "s1 1, but in no pre"
    made.cells[place + 3].source = "Wrap it in <pre> tag.\n\n<pre>s1 1\n</pre>\n<pre>s2 2</pre>"
    claims = read_submission(save(tmp_path, made)).claims
    assert claims[GROUPS[3].id].split() == ["s1", "1", "s2", "2"]
    assert [claims[group.id] for group in GROUPS[:3]] == ["s1 1", "s1 1.3", "s1 1, but in no pre"]


def test_a_notebook_of_version_3_is_read(tmp_path):
    old = v3.new_notebook(worksheets=[v3.new_worksheet(cells=[v3.new_code_cell(input="x = 1")])])
    path = tmp_path / "lab8-Old.ipynb"
    path.write_text(write_notebook(old, version=3), encoding="utf-8")
    read = read_submission(path)
    assert [cell.source for cell in read.cells] == ["x = 1"]
    assert read.learner == "Old"


NO_CODE = json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []})


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"%PDF-1.7", "not JSON"),
        (b"\xff\xfe\x00", "not JSON"),
        (b"[" * 200_000, "not JSON"),
        (b"[1, 2]", "not a notebook"),
        (b'{"cells": []}', "not a notebook"),
        (
            b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{"cell_type": "code"}]}',
            "not a valid notebook",
        ),
        (b'{"nbformat": 99, "nbformat_minor": 0, "metadata": {}, "cells": []}', "not a valid notebook"),
        (NO_CODE.encode(), "no cell with code"),
        (b" " * (MAX_BYTES + 1), "10 MB"),
        (json.dumps({"nbformat": 4, "cells": [0] * (MAX_CELLS + 1)}).encode(), "2,001 cells"),
    ],
    ids=["empty", "pdf", "bytes", "deep", "list", "object", "invalid", "future", "no-code", "large", "many"],
)
def test_what_is_no_notebook_is_refused_in_a_sentence(tmp_path, content, said):
    path = tmp_path / "lab8-Ada.ipynb"
    path.write_bytes(content)
    with pytest.raises(LabError, match=said) as refused:
        read_submission(path)
    assert "lab8-Ada.ipynb" in refused.value.what


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such pipes")
def test_a_pipe_is_not_waited_for(tmp_path):
    pipe = tmp_path / "lab8-Ada.ipynb"
    os.mkfifo(pipe)
    with pytest.raises(LabError, match="is not a file"):
        read_submission(pipe)


# Each of these once took minutes to hours: the search went through the rest of the text from every position.
SLOW = 300_000


def test_no_text_takes_long_to_search(tmp_path):
    begin = time.perf_counter()
    made = notebook()
    made.cells[-1].source = "<pre " * (SLOW // 5)
    made.cells[-2].source = "<pre>" * (SLOW // 5)
    made.cells[-3].source = "<pre>s1" + "</pre " * (SLOW // 6)
    assert read_submission(save(tmp_path, made)).claims["log-second"] == ""
    code_cell(1, "", "!ls\n" + " " * SLOW + "x")
    assert not assigns("?" + "\n" * SLOW, "sev0")
    # The limit tells minutes from seconds on any machine.
    assert time.perf_counter() - begin < 60


def test_cells_that_are_too_large_or_too_deep_to_be_looked_into_are_left_to_whoever_runs_them():
    for source in (
        "sev0 = spark = " + "1+" * 2_000 + "1",
        "sev0 = spark = [" + "1," * 100_000 + "]",
        # More digits than Python converts to decimals.
        f"sev0 = spark = 0x{'f' * 5_000}",
    ):
        cell = code_cell(1, "", source)
        assert (cell.parts, cell.is_setup) == ((source,), False)
        assert normal_form(source)


def test_half_of_a_letter_is_read(tmp_path):
    made = notebook()
    made.cells[index_of(made, "stop")].source += "\n# half"
    made = with_receipt(made, Receipt("shipped", hash_of_notebook(made), "", "now", "0"))
    path = save(tmp_path, made)
    path.write_text(path.read_text(encoding="utf-8").replace("# half", "# \\ud83d"), encoding="utf-8")
    assert "receipt does not fit" in read_submission(path).notes[0]


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(LabError, match=r"There is no file lab8-Ada\.ipynb"):
        read_submission(tmp_path / "lab8-Ada.ipynb")


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("lab8-Ada.ipynb", "Ada"),
        ("lab8-Ada (1).ipynb", "Ada"),
        ("lovelaceada_123_lab8-Ada-Lovelace.ipynb", "Ada-Lovelace"),
        ("lab8-YOURNAME.ipynb", ""),
        ("notebook.ipynb", ""),
    ],
)
def test_the_name_in_a_file_s_name(file, name):
    assert owner_in(file).named == name


# --- one code cell


def test_a_cell_that_defines_what_the_setup_gives_is_setup_but_for_its_imports():
    cell = code_cell(1, "", "from pyspark.sql import functions as F\ns3_log_data_uri = 's3://mine/LogData/'")
    assert cell.is_setup
    assert cell.parts == ("from pyspark.sql import functions as F",)
    assert code_cell(1, "", "def empty_s3_folder(name='x'):\n    import os").is_setup
    assert not code_cell(1, "", "spark.sql('SELECT 1')\n# s3_log_data_uri = 1").is_setup
    assert not code_cell(1, "", "def f():\n    spark = 1").is_setup
    assert not code_cell(1, "", "spark = ??").is_setup


def test_what_stands_beside_a_definition_of_the_setup_is_run_whatever_it_is_called():
    cell = code_cell(
        1, "", "spark = SparkSession.builder.getOrCreate()\nlogs = spark.readStream.text('x')\nquery = logs"
    )
    assert cell.parts == ("logs = spark.readStream.text('x')", "query = logs")
    assert cell.in_kernel == cell.parts


def test_of_a_cell_that_is_more_than_setup_only_the_setup_is_left_out():
    cell = code_cell(3, "", "s3_log_data_uri = 'x'\nlogSchema = 'serverID STRING'\nprint(1)")
    assert not cell.is_setup
    assert cell.parts == ("logSchema = 'serverID STRING'\nprint(1)",)
    assert "s3_log_data_uri" in cell.notes[0]


@pytest.mark.parametrize(
    ("source", "python"),
    [
        ("import socket\nx = 1", "pass\nx = 1"),
        ("y = 'ü'; import socket; x = 1", "y = 'ü'; pass; x = 1"),
        ("from socket.x import (\n    join,\n)\r\nx = 1", "pass\n\n\nx = 1"),
        ("import pandas as pd, numpy as np  # as always\nx = 1", "pass  # as always\nx = 1"),
    ],
)
def test_an_import_that_nothing_uses_is_left_out_and_noted(source, python):
    cell = code_cell(2, "", source)
    assert cell.parts == (python,)
    assert cell.in_kernel == (source,)
    assert "import" in cell.notes[0]
    assert "not run, for nothing there uses it" in cell.notes[0]


@pytest.mark.parametrize(
    "source",
    [
        "import socket\nsocket.socket()",
        "import socket.x\nx = f'{socket}'",
        "from os import *",
        "import socket, time",
        "from pyspark.sql import functions as F",
        "def f():\n    import socket",
    ],
)
def test_every_other_import_is_left_to_the_cell_reader(source):
    cell = code_cell(2, "", source)
    assert cell.parts == (source,)
    assert cell.notes == ()


def test_of_a_cell_with_the_setup_in_it_needless_imports_are_left_out_too():
    cell = code_cell(2, "", "import socket\ns3_log_data_uri = 'x'\nlogSchema = 'serverID STRING'")
    assert cell.parts == ("logSchema = 'serverID STRING'",)


def test_what_other_notebooks_alone_understand_is_python_in_a_kernel():
    assert code_cell(2, "", "%%spark\nx = 1").in_kernel == ("\nx = 1",)
    assert code_cell(2, "", "%%sql\nSELECT 1").in_kernel == ('spark.sql("""\nSELECT 1""").show()',)
    assert code_cell(2, "", "%%bash\nls").in_kernel == ("%%bash\nls",)


@pytest.mark.parametrize(
    ("source", "python", "noted"),
    [
        ("%matplotlib inline\nx = 1", "\nx = 1", "1 line"),
        ("!pip install x\nfiles = !ls\nx = 1", "\n\nx = 1", "2 lines"),
        ("%%time\nx = 1", "\nx = 1", "1 line"),
        ("%time x = 1", "x = 1", ""),
        ("%%bash\nrm -r x", "", "a whole cell"),
        ("spark?\nx = 1", "\nx = 1", "1 line"),
        ("x = (5\n% 3)", "x = (5\n% 3)", ""),
        ("x = spark.\\\n  readStream.??", "x = spark.\\\n  readStream.??", ""),
        ("(\n    x\n    .??\n)", "(\n    x\n    .??\n)", ""),
    ],
)
def test_lines_for_ipython_are_left_out_and_noted(source, python, noted):
    cell = code_cell(2, "", source)
    assert cell.parts == (python,)
    assert cell.in_kernel == (source,)
    assert [note for note in cell.notes if noted in note] if noted else cell.notes == ()


def test_a_notebook_that_was_changed_after_the_lab_made_it_is_noted(tmp_path):
    made = notebook()
    with_it = with_receipt(made, Receipt("shipped", hash_of_notebook(made), "", "now", "0"))
    assert read_submission(save(tmp_path, with_it)).notes == ()
    with_it.cells[index_of(with_it, "stop")].source += "\n"
    assert "receipt" in read_submission(save(tmp_path, with_it)).notes[0]


@pytest.mark.parametrize("inside", ["outputs", "worksheets"])
def test_a_notebook_of_endlessly_many_outputs_is_refused_before_they_are_looked_at(inside):
    made = json.loads(to_bytes(notebook()))
    cell = {"cell_type": "code", "outputs": [{}] * 200_000, "source": "", "metadata": {}, "execution_count": None}
    if inside == "outputs":
        made["cells"].append(cell)
    else:
        made = {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": [cell]}]}
    with pytest.raises(LabError, match="has 200,000 outputs"):
        parse_submission("lab8-Ada.ipynb", json.dumps(made).encode())


def test_an_answer_in_a_cell_of_text_is_named():
    made = notebook()
    index = index_of(made, "sev0-query")
    made.cells[index] = v4.new_markdown_cell(made.cells[index].source, id="sev0-query")
    read = parse_submission("lab8-Ada.ipynb", to_bytes(made))
    assert "sev0SaveQuery is defined in a cell of text, which is not run." in read.notes
    assert not any("cell of text" in note for note in parse_submission("lab8-Ada.ipynb", to_bytes(notebook())).notes)
