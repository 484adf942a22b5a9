"""Notebooks that no Jupyter program would write are still read; the report says what was odd."""

import json
from pathlib import Path

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from notebooks import index_of, notebook, read_submission, right

from lab.errors import LabError
from lab.handin.grader.repair import MAX_KEPT, MAX_KEPT_IN_ALL, MAX_TEXT, repaired
from lab.handin.grader.submission import MAX_OUTPUTS, parse_submission
from lab.handin.notebook import to_bytes
from lab.handin.receipt import Receipt, hash_of_notebook, with_receipt

HANDED_IN = Path(__file__).parent / "handed_in"
REPAIR = "Read after a repair: "


def raw():
    return json.loads(to_bytes(notebook()))


def parsed(content):
    return parse_submission("lab8-Ada.ipynb", json.dumps(content).encode())


def code(**more):
    return {"cell_type": "code", "metadata": {}, "source": "x = 1", "outputs": [], "execution_count": None, **more}


def of_cells(*cells, minor=5):
    return {"nbformat": 4, "nbformat_minor": minor, "metadata": {}, "cells": list(cells)}


@pytest.mark.parametrize(
    ("file", "note"),
    [
        ("lab8-ids-with-minor-2.ipynb", f"{REPAIR}cells have ids, as they do not in format 4.2."),
        ("lab8-missing-outputs.ipynb", f"{REPAIR}no list of outputs (25 times); no execution count (25 times)."),
        ("lab8-utf16.ipynb", "The file is in UTF-16, not in UTF-8; it was read as such."),
    ],
)
def test_what_was_handed_in_is_read(file, note):
    read = read_submission(HANDED_IN / file)
    assert len(read.cells) == 25
    assert read.notes == (note,)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-8-sig", "utf-32"])
def test_a_file_in_another_encoding_is_read(encoding):
    read = parse_submission("lab8-Ada.ipynb", json.dumps(raw()).encode(encoding))
    assert dict(read.claims) == right()
    assert "byte order mark" in read.notes[0] if encoding == "utf-8-sig" else "not in UTF-8" in read.notes[0]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ([code(id="x" * 65), code(id="a b"), code(id=7)], "an id that can be none (3 times)"),
        ([code(id="a"), code(id="a")], "an id that another cell has"),
        ([{"cell_type": "code", "source": "x = 1"}], "no metadata of a cell; no list of outputs; no execution count"),
        (
            [code(id="a"), {"cell_type": "markdown", "source": "", "metadata": {}, "outputs": []}],
            "outputs of a cell of text",
        ),
        ([code(id="repaired-2"), code()], ""),
    ],
)
def test_what_is_missing_or_odd_is_repaired_and_noted(cells, said):
    made, notes = repaired(of_cells(*cells))
    nbformat.validate(nbformat.from_dict(made))
    assert len({cell["id"] for cell in made["cells"]}) == len(cells)
    assert notes == ((f"{REPAIR}{said}.",) if said else ())


def test_a_notebook_of_the_lab_needs_no_repair_and_its_receipt_counts_all_outputs():
    made = notebook()
    cell = made.cells[index_of(made, "stop")]
    cell.outputs = [nbformat.v4.new_output("stream", text="x" * (MAX_TEXT + 1))] * (MAX_KEPT + 1)
    made = with_receipt(made, Receipt("shipped", hash_of_notebook(made), "", "now", "0"))
    content = json.loads(to_bytes(made))
    assert parsed(content).notes == ()
    cell = next(cell for cell in content["cells"] if cell.get("id") == "stop")
    cell["outputs"].pop()
    assert "receipt" in parsed(content).notes[0]


def test_of_outputs_small_texts_are_kept_and_that_there_is_a_picture():
    outputs = [
        {"output_type": "stream", "text": ["s1 ", "1.2"]},
        {"output_type": "stream", "name": "stderr", "text": "x" * (MAX_TEXT + 1)},
        {"output_type": "execute_result", "data": {"text/plain": ["a", "b"], "text/html": "<p>", "image/png": "AAAA"}},
        {"output_type": "display_data", "data": {"image/svg+xml": "<svg>"}},
        {"output_type": "error", "ename": "E"},
        "odd",
    ]
    (cell,) = repaired(of_cells(code(outputs=outputs)))[0]["cells"]
    assert [output.get("data", output.get("text")) for output in cell["outputs"]] == [
        "s1 1.2",
        {"text/plain": "ab", "image/png": ""},
        {"image/svg+xml": ""},
    ]
    text = {"cell_type": "markdown", "source": "", "attachments": {"a.png": {"image/png": "AAAA"}}}
    (text,) = repaired(of_cells(text))[0]["cells"]
    assert text["attachments"] == {"a.png": {"image/png": ""}}


def test_many_outputs_are_not_looked_at_and_only_some_are_kept():
    many = [{"output_type": "stream", "text": "x"}] * 100
    made, _ = repaired(of_cells(*(code(outputs=many) for _ in range(100))))
    kept = [len(cell["outputs"]) for cell in made["cells"]]
    assert max(kept) == MAX_KEPT
    assert sum(kept) == MAX_KEPT_IN_ALL
    # So many outputs were once refused, although they are harmless.
    assert parsed(of_cells(code(outputs=many * 25))).notes == ()
    with pytest.raises(LabError, match=f"{MAX_OUTPUTS + 1:,} outputs"):
        parsed(of_cells(code(outputs=[{}] * (MAX_OUTPUTS + 1))))


@pytest.mark.parametrize(
    "bomb",
    [
        {"outputs": [{"output_type": "display_data", "data": {str(n): [] for n in range(30_000)}}]},
        {"metadata": {"tags": [{} for _ in range(30_000)]}},
        {"source": [""] * 30_000},
        {"attachments": {str(number): {} for number in range(20_000)}, "cell_type": "markdown"},
        {"outputs": [{"": 0}] * MAX_OUTPUTS},
        {"outputs": [{"output_type": "display_data", "data": {f"image/{n}": "" for n in range(30_000)}}]},
    ],
    ids=["data", "tags", "lines", "attachments", "outputs", "pictures"],
)
def test_nothing_without_end_is_left_to_be_validated(bomb):
    """Validating each part took a minute or more."""
    made, _ = repaired(of_cells(code(), code(**bomb)))
    assert len(json.dumps(made)) < 10_000


def test_an_old_format_cannot_ask_for_a_text_without_end():
    cell = {"cell_type": "heading", "level": 10**12, "source": "Title"}
    sheet = {"cells": [cell, {"cell_type": "code", "input": ["x ", "= 1"], "outputs": [{}]}]}
    read = parsed({"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [sheet]})
    assert [cell.source for cell in read.cells] == ["x = 1"]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
_FIELDS = ["cell_type", "id", "metadata", "source", "outputs", "execution_count", "attachments"]
_KINDS = st.sampled_from(["code", "markdown", "raw"])
_CELL = st.builds(
    lambda base, more, kind: {**base, **more, **kind},
    st.fixed_dictionaries({"source": st.text(max_size=9)}),
    st.dictionaries(st.sampled_from(_FIELDS), _JSON, max_size=4),
    st.one_of(st.just({}), st.builds(lambda kind: {"cell_type": kind}, _KINDS)),
)


@given(st.lists(_CELL | _JSON, max_size=4), st.integers(0, 6) | _JSON, _JSON, st.sampled_from([1, 2, 3, 4, 5]))
def test_every_json_is_a_notebook_or_refused_in_a_sentence(cells, minor, metadata, major):
    content = {"nbformat": major, "nbformat_minor": minor, "metadata": metadata, "cells": cells}
    try:
        read = parsed(content)
    except LabError as error:
        said = error.what
        # Any other message would be an unforeseen error, a defect of the lab.
        assert said.startswith("lab8-Ada.ipynb ")
    else:
        assert read.cells
