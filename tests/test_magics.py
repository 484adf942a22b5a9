"""What lines and cells for IPython, Databricks and Zeppelin mean."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.handin.grader.magics import meaning
from lab.handin.grader.student_cells import code_cell


@pytest.mark.parametrize(
    ("source", "python"),
    [
        ("%%spark\nx = 1", "\nx = 1"),
        ("\n%%pyspark -o x\nx = 1", "\n\nx = 1"),
        ("%python\nx = 1", "\nx = 1"),
        ("%python x = 1", "x = 1\n"),
        ("%spark.pyspark\nx = 1", "\nx = 1"),
        ("%%spark\n!pip install x\n%time y = 2\nx = 1", "\n\ny = 2\nx = 1"),
        ("%%sql\nSELECT *\nFROM v;\n", 'spark.sql("""\nSELECT *\nFROM v""").show()'),
        ("%%spark -c sql\nSELECT 1", 'spark.sql("""\nSELECT 1""").show()'),
        ("%sql SELECT 1", 'spark.sql("""SELECT 1""").show()'),
        ("%sql SELECT *\nFROM v", 'spark.sql("""SELECT *\nFROM v""").show()'),
        ("%sql SELECT 1\nx = 1", 'spark.sql("""SELECT 1""").show()\nx = 1'),
        (
            "x = 1\n%sql SELECT 1\ndf = %sql SELECT 2",
            'x = 1\nspark.sql("""SELECT 1""").show()\ndf = spark.sql("""SELECT 2""")',
        ),
        ("%sql", ""),
        ("%md\n# Results\ns1 1.2", ""),
        ("%%markdown\nText", ""),
    ],
)
def test_magics_are_taken_by_what_they_mean(source, python):
    cell = code_cell(2, "", source)
    assert cell.parts == (python,)
    assert not [note for note in cell.notes if "whole cell" in note]


@pytest.mark.parametrize("source", ["%sh\nls", "%scala\nval x = 1", "%%configure -f\n{}", "%fs ls"])
def test_cells_of_other_languages_are_left_out_and_noted(source):
    cell = code_cell(2, "", source)
    assert cell.parts == ("",)
    assert cell.notes == (f"Code cell 2: a whole cell ({source.split()[0]}) for IPython not run.",)


@pytest.mark.parametrize("source", ["x = (5\n%sql)", "%%time\nx = 1", "%matplotlib inline", "x = 1", "", "50 %sql"])
def test_of_every_other_cell_nothing_is_said(source):
    assert meaning(source, lambda _: True) is None


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=60))
def test_whatever_the_sql_is_the_call_has_it_as_it_stands(sql):
    found, dropped = meaning(f"%%sql\n{sql}", lambda _: True)
    assert dropped == ""
    if not found:
        assert not sql.strip().strip(";").strip()
        return
    (text,) = [node.value for node in ast.walk(ast.parse(found)) if isinstance(node, ast.Constant)]
    # Python source has only one kind of line end.
    assert text == f"\n{sql}".rstrip("; \t\r\n").replace("\r\n", "\n").replace("\r", "\n")
