"""The charts of a class: its points, and its progress in the steps."""

import vl_convert
from hypothesis import given
from hypothesis import strategies as st

from lab.charts.class_points import MAX_ROWS, distribution_figure, points_figure
from lab.charts.course import EARLIER, THIS, first_try_figure
from lab.charts.grades import GradeRow

ROWS = [
    GradeRow("Ada", (25, 0), (25, 25)),
    GradeRow("Ada", (20, None), (25, 25)),
    GradeRow("'+alert(1)+'", (0, 5), (25, 25)),
]


def drawn(figure):
    """Return the chart as SVG, rendered by Vega."""
    data = {name: table.to_dict("records") for name, table in figure.data.items()}
    return vl_convert.vegalite_to_svg({**figure.shape, "datasets": data})


@given(st.lists(st.integers(0, 100), max_size=50))
def test_everybody_is_in_one_bar(points):
    table = distribution_figure(points, 100).table
    assert sum(table["learners"]) == len(points)
    assert list(table["points"])[0] == "0–9"  # noqa: RUF015
    assert list(table["points"])[-1] == "90–100"


def test_the_bars_are_said_in_words():
    figure = distribution_figure([100, 95, 12], 100)
    assert figure.words == "How many learners have how many points. 10–19 points: 1, 90–100 points: 2."
    assert "90–100" in drawn(figure)
    assert distribution_figure([], 100).words.endswith("Nobody is graded yet.")


def test_two_learners_of_one_name_have_a_row_each_and_a_name_is_no_code():
    figure = points_figure(ROWS, ["Vol. 1", "Vol. 2"])
    assert list(dict.fromkeys(figure.table["learner"])) == ["Ada", "Ada (2)", "'+alert(1)+'"]
    assert list(figure.table["points"]) == ["25", "0", "20", "–", "0", "5"]
    assert list(figure.table["state"]) == [
        "all points", "no points", "some points", "not graded", "no points", "some points",
    ]  # fmt: skip
    assert "Vol. 2: 0 with all points, 1 with none, 1 not graded" in figure.words
    svg = drawn(figure)
    assert all(each in svg for each in ("Ada (2)", ">–<", "alert(1)"))


def test_of_a_large_class_a_part_is_drawn():
    figure = points_figure([GradeRow(f"L{each}", (25,), (25,)) for each in range(200)], ["One"])
    assert len(figure.table) == MAX_ROWS
    assert "200 notebooks" in figure.words
    drawn(points_figure([], ["One"]))


def test_this_course_stands_beside_the_earlier_one():
    figure = first_try_figure((("Declare", THIS, 50.0), ("Declare", EARLIER, 100 / 3)))
    assert "Declare: 50 % in this course; Declare: 33 % in earlier course" in figure.words
    assert EARLIER in drawn(figure)
    assert list(figure.table["percent"]) == [50.0, 33.3]
    assert EARLIER not in drawn(first_try_figure((("Declare", THIS, 50.0),)))
