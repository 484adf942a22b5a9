"""Finding the four claimed results in a notebook, wherever they were written."""

from pathlib import Path

import pytest
from nbformat import v4
from notebooks import index_of, notebook, read_submission, right, save
from result_forms import forms_of

from lab.handin.grader.claims import MAX_READ, claims_of
from lab.handin.grader.questions import Asked, asked
from lab.judge.rows import MAX_TEXT
from lab.lesson.results import GROUPS

CASES = Path(__file__).parent / "claims"
WANT = right()
TEXTS = [WANT[group.id] for group in GROUPS]
PRE = "Put your output in this Markdown cell, and wrap it in <pre> tag."
FIRST, LAST = "first two log files, `s115.csv` and `s215.csv`", "last two log files, `s1610.csv` and `s2610.csv`"
# The questions as in the handout.
QUESTIONS = [
    f"In Part 1, after you streamed the {FIRST}, \nwhat is the produced volume of `SEV2` on each server?   {PRE}",
    f"In Part 1, after you streamed the {LAST}, what is the\nproduced volume of `SEV2` on each server?   {PRE}",
    f"In Part 2, after you streamed the {FIRST}, what is the current `SEV0` log?\n  {PRE}",
    f"In Part 2, after you streamed the {LAST}, what is the current `SEV0` log?   {PRE}",
]
HEADING = v4.new_markdown_cell("## Put Your Results Here")
THANKS = v4.new_markdown_cell("Thank you for the course, it was great! I spent 3 hours on it.")
PICTURE = "![Screenshot 2023-05-28.png](attachment:shot.png)"


def markdown(*texts):
    return [v4.new_markdown_cell(text) for text in texts]


def raw(*texts):
    return [v4.new_raw_cell(text) for text in texts]


def code(source, *outputs):
    return v4.new_code_cell(source, outputs=list(outputs))


def printed(text):
    return v4.new_output("stream", name="stdout", text=text)


def image():
    return v4.new_output(
        "display_data", {"image/png": "iVBORw0KGgo=", "text/plain": "<Figure size 640x480 with 1 Axes>"}
    )


def each(form):
    return [form(question, text) for question, text in zip(QUESTIONS, TEXTS, strict=True)]


def commented(text):
    return code("\n".join(f"# {line}" for line in text.splitlines()))


def below(answer):
    """Return the questions unchanged, each with its answer in a cell below."""
    return [
        HEADING,
        *(
            cell
            for question, text in zip(QUESTIONS, TEXTS, strict=True)
            for cell in (*markdown(question), answer(text))
        ),
    ]


def shown(text):
    return forms_of("volume")["show"]([tuple(line.split()) for line in text.splitlines()], "volume")


LAYOUTS = {
    "in pre": [HEADING, *markdown(*each(lambda question, text: f"{question}\n\n<pre>\n{text}\n</pre>"))],
    "in a fence": [HEADING, *markdown(*each(lambda question, text: f"{question}\n\n```text\n{text}\n```"))],
    "below the question": [HEADING, *markdown(*each(lambda question, text: f"{question}\n\n{text}")), THANKS],
    "above the question": [HEADING, *markdown(*each(lambda question, text: f"{text}\n\n{question}"))],
    "after an empty pre": markdown(*each(lambda question, text: f"{question}\n\n<pre>\n</pre>\n{text}")),
    "instead of the question": [HEADING, *markdown(*TEXTS), THANKS],
    "without a heading": [*markdown("# Lab 8"), code("x = compute()"), *markdown(*TEXTS), THANKS],
    "raw": [HEADING, *raw(*TEXTS)],
    "raw, without a heading": [code("x = compute()"), *raw(*TEXTS), THANKS],
    "comments": [HEADING, *map(commented, TEXTS)],
    "cells below": below(v4.new_markdown_cell),
    "raw cells below": below(v4.new_raw_cell),
    "comments below": below(commented),
    "strings below": below(lambda text: code(f'"""\n{text}\n"""')),
    "print below": below(lambda text: code(f"print({text!r})")),
    "print of a row each below": below(lambda text: code("\n".join(f"print({line!r})" for line in text.splitlines()))),
    "lists below": below(lambda text: code(f"result = {[tuple(line.split()) for line in text.splitlines()]}")),
    "outputs below": below(lambda text: code("spark.sql('SELECT * FROM volumeReport').show()", printed(shown(text)))),
    "other order": markdown(*reversed(each(lambda question, text: f"{question}\n\n{text}"))),
    "one cell": markdown("\n\n".join(each(lambda question, text: f"{question}\n\n{text}"))),
    "one cell, pre": markdown("\n\n".join(each(lambda question, text: f"{question}\n\n<pre>\n{text}\n</pre>"))),
    "one cell, headings": markdown(
        "# Results\n## Part 1\n### After the first pair\n{}\n### After the second pair\n{}\n"
        "## Part 2\n### After the first pair\n{}\n### After the second pair\n{}".format(*TEXTS)
    ),
    "one cell, labels": markdown(
        "Volume, first:\n{}\n\nVolume, second:\n{}\n\nSEV0 log, first:\n{}\n\nSEV0 log, second:\n{}\n".format(*TEXTS)
    ),
    "one cell, four pre": markdown("\n".join(f"<pre>\n{text}\n</pre>" for text in TEXTS)),
    "one cell, four fences": markdown("\n".join(f"```\n{text}\n```" for text in TEXTS)),
    "one cell, paragraphs": [HEADING, *markdown("\n\n".join(TEXTS)), THANKS],
    "among the steps": [
        *markdown("## Part 1"),
        code("query = start()"),
        *markdown(f"After the first pair the volume is:\n\n{TEXTS[0]}"),
        code("deliver()"),
        *markdown(f"After the second pair the volume is:\n\n{TEXTS[1]}"),
        *markdown("## Part 2"),
        code("query = start()"),
        *markdown(f"The SEV0 log after the first pair:\n\n{TEXTS[2]}"),
        code("deliver()"),
        *markdown(f"The SEV0 log after the second pair:\n\n{TEXTS[3]}"),
        code("stop()"),
        HEADING,
        *markdown(*QUESTIONS),
    ],
}


def texts_of(cells):
    return {group: claim.text for group, claim in claims_of(cells).items()}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_four_results_are_found_wherever_they_stand(layout):
    assert texts_of(LAYOUTS[layout]) == WANT


@pytest.mark.parametrize("path", sorted(CASES.glob("*.ipynb")), ids=lambda path: path.stem)
def test_the_results_of_real_notebooks_are_read(path):
    read = read_submission(path)
    if "screenshots" in path.name:
        assert (set(read.claims.values()), read.pictures) == ({""}, frozenset(WANT))
    else:
        assert (dict(read.claims), read.pictures) == (WANT, frozenset())


@pytest.mark.parametrize("empty", ["", "<pre>\n\n</pre>"])
def test_cells_that_somebody_has_added_below_those_of_the_lab_are_read(tmp_path, empty):
    made = notebook(claims={})
    for group in GROUPS:
        place = index_of(made, f"result-{group.id}")
        made.cells[place].source = f"{group.question}\n\n{empty}"
        made.cells.insert(place + 1, v4.new_markdown_cell(WANT[group.id]))
    assert dict(read_submission(save(tmp_path, made)).claims) == WANT


@pytest.mark.parametrize(
    "claim",
    [
        lambda text: f"{text}\ns3 1",
        lambda text: f"{text}\n{text.splitlines()[0].split()[0]} 9.5",
        lambda text: "\n".join(text.splitlines()[1:]),
        lambda text: f"{text.splitlines()[0]} 7\n{text}",
    ],
    ids=["another server", "another value", "a server less", "an odd line"],
)
def test_a_claim_with_more_or_less_than_a_result_is_not_taken_for_the_result(claim):
    cells = [HEADING, *markdown(*each(lambda question, text: f"{question}\n\n{claim(text)}"))]
    assert not set(texts_of(cells).values()) & set(TEXTS)


def test_answers_to_other_questions_are_claims_of_those():
    first, second, *others = each(lambda question, text: text)
    cells = markdown(*(f"{q}\n\n{a}" for q, a in zip(QUESTIONS, (second, first, *others), strict=True)))
    assert [texts_of(cells)[group.id] for group in GROUPS[:2]] == [second, first]


def test_what_the_steps_have_printed_is_no_claim(tmp_path):
    made = notebook(claims={})
    for cell in made.cells:
        if cell.cell_type == "code":
            cell.outputs = [printed(shown(TEXTS[0]))]
    assert set(read_submission(save(tmp_path, made)).claims.values()) == {""}
    for cell in made.cells:
        del cell["id"]
    made.nbformat_minor = 4
    assert set(read_submission(save(tmp_path, made)).claims.values()) == {""}


def test_the_cells_of_the_lab_without_results_claim_nothing():
    made = notebook(claims={}).cells[:-5]
    assert set(texts_of(made).values()) == {""}


def test_of_fewer_than_four_cells_the_rows_say_which_are_logs():
    assert texts_of(markdown(TEXTS[0], TEXTS[2])) == {
        **dict.fromkeys(WANT, ""),
        "volume-first": TEXTS[0],
        "log-first": TEXTS[2],
    }


@pytest.mark.parametrize(
    "cell",
    [
        v4.new_markdown_cell(PICTURE, attachments={"shot.png": {"image/png": "iVBORw0KGgo="}}),
        v4.new_markdown_cell("![](volume.png)"),
        v4.new_markdown_cell('<img src="volume.png" width=200>'),
        code("Image('volume.png')", image()),
    ],
    ids=["attachment", "link", "img", "output"],
)
def test_a_picture_is_no_text_and_is_told(cell):
    claims = claims_of([HEADING, *(each for question in QUESTIONS for each in (*markdown(question), cell))])
    assert {claim.text for claim in claims.values()} == {""}
    assert all(claim.picture for claim in claims.values())
    without_questions = claims_of([HEADING, *[cell] * 4])
    assert all(claim.picture for claim in without_questions.values())


def test_a_picture_beside_rows_is_decoration():
    cells = [HEADING, *markdown(*each(lambda question, text: f"{question}\n\n{PICTURE}\n\n{text}"))]
    claims = claims_of(cells)
    assert ({group: claim.text for group, claim in claims.items()}, {claim.picture for claim in claims.values()}) == (
        WANT,
        {False},
    )


@pytest.mark.parametrize(
    ("line", "want"),
    [
        (QUESTIONS[0].splitlines()[0], Asked("volume", "first")),
        (QUESTIONS[1].splitlines()[0], Asked("volume", "second")),
        (QUESTIONS[2].splitlines()[0], Asked("log", "first")),
        (QUESTIONS[3], Asked("log", "second")),
        *((f"**{group.title}.** {group.question}", Asked(group.kind, group.id.split("-")[1])) for group in GROUPS),
        ("## Part 1: Get the SEV2 volume report", Asked("volume")),
        ("Volume of the first server", Asked("volume")),
        ("After the second delivery:", Asked(None, "second")),
        ("At first I had no idea of what a stream is, so I looked for it in the book.", Asked()),
        ("s1 1.3", Asked()),
        ("first " * 200, Asked()),
    ],
)
def test_what_a_line_asks_for(line, want):
    assert asked(line) == want


def test_no_notebook_takes_long_to_be_searched():
    """Text beyond any realistic amount is left out, the first cells first."""
    large = ("s1\n" * MAX_TEXT)[:MAX_TEXT]
    cells = [*markdown(*[large] * (10 * MAX_READ // MAX_TEXT)), *LAYOUTS["in pre"]]
    assert texts_of(cells) == WANT


@pytest.mark.parametrize("part", ["'\\", "'''a", "`", "~~~\n", "<pre>", "<pre>a</pre ", "x=", "first "])
def test_no_cell_takes_long_to_be_searched(part):
    """A search that restarts at each position takes minutes, and the test's time limit ends it."""
    source = part * (MAX_TEXT // len(part))
    assert texts_of([*[code(source)] * 10, *markdown(*[source] * 10), *LAYOUTS["in pre"]]) == WANT
