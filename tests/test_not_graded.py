"""A result that is missing because the lab refused some code is not graded; every other result is."""

import csv
import io
from datetime import UTC, datetime
from types import MappingProxyType

from lab.charts.grades import GradeRow, grades_svg, grades_words
from lab.dataset import SHIPPED
from lab.handin.grader.grading import Grade, ResultGrade, results
from lab.handin.grader.report import TOTAL, page, table
from lab.handin.grader.rerun import LOG_QUERY, VOLUME_QUERY, FailedCell, Rerun
from lab.handin.grader.student_cells import code_cell
from lab.handin.grader.submission import Submission
from lab.lesson.results import GROUPS

AT = datetime(2025, 4, 1, 12, 30, tzinfo=UTC)


def graded(rerun, claims=MappingProxyType({})):
    submission = Submission("x", "Ada", "Ada", "shipped", (), claims, (), "")
    return results(submission, (rerun, SHIPPED), None)


def failed(source, sentence="The lab's cells do not use 'udf'.", number=5, **about):
    return FailedCell(code_cell(number, "", source), sentence, **about)


def missing(*cells, **about):
    """Return a run in which neither query was ever defined."""
    states = {VOLUME_QUERY: "it is not defined", LOG_QUERY: "it is not defined"}
    return Rerun(failed=cells, queries=MappingProxyType(states), **about)


def test_a_query_that_was_never_started_because_of_a_skipped_statement_is_not_graded():
    cell = failed(f"{VOLUME_QUERY} = f(x)", line=1, not_performed=True)
    first, second, log, _ = graded(missing(cell), {GROUPS[0].id: "s1 1.2"})
    assert (first.graded, second.graded, log.graded) == (False, False, True)
    assert first.reason == (
        "Not graded: Cell 5, line 1 was not performed: The lab's cells do not use 'udf'. "
        "Look at it yourself, or run it with --trust."
    )
    assert first.claimed == "s1 1.2"


def test_so_it_is_by_way_of_a_name_that_the_skipped_statement_would_have_defined():
    root = failed("report = logs.select(my_udf('x'))", line=1, not_performed=True, number=4)
    cell = failed(f"{VOLUME_QUERY} = report.start()", "There is no report.", undefined="report")
    assert not graded(missing(root, cell))[0].graded


def test_what_fails_by_itself_is_an_earned_zero_whatever_else_was_skipped():
    skipped = failed("import socket", line=1, not_performed=True, number=2)
    cell = failed(f"{VOLUME_QUERY} = 1 / 0", "Python says: division by zero")
    first, *_ = graded(missing(skipped, cell))
    assert (first.graded, first.points) == (True, 0)
    assert "division by zero" in first.reason


def test_files_that_a_skipped_statement_may_have_delivered_leave_a_result_ungraded():
    running = MappingProxyType({VOLUME_QUERY: "", LOG_QUERY: ""})
    delivers = failed("my_s3.copy_all('LogData/')", line=1, not_performed=True)
    other = failed("import socket", line=1, not_performed=True)
    assert not any(each.graded for each in graded(Rerun(failed=(delivers,), queries=running)))
    assert all(each.graded for each in graded(Rerun(failed=(other,), queries=running)))


def test_a_batch_function_that_is_not_performed_leaves_its_query_s_results_ungraded():
    states = MappingProxyType({VOLUME_QUERY: "it failed", LOG_QUERY: "it failed"})
    found = graded(Rerun(queries=states, not_performed=frozenset({LOG_QUERY})))
    assert [each.graded for each in found] == [True, True, False, False]


def test_a_notebook_that_never_ends_is_no_typed_one():
    first, *_ = graded(missing(ended="cell 6 never ends"), {GROUPS[0].id: "s1 1.2"})
    assert first.reason.startswith("No result: ")
    assert first.graded


# --- in the report


def part_graded():
    whole = [ResultGrade(group.id, 25, "Right.") for group in GROUPS[:2]]
    unknown = [ResultGrade(group.id, 0, "Not graded: line 3.", graded=False) for group in GROUPS[2:]]
    return Grade("lab8-Ada.ipynb", "Ada", "shipped", (*whole, *unknown))


def test_the_table_and_the_page_tell_it_from_an_earned_zero():
    rows = list(csv.DictReader(io.StringIO(table([part_graded()]), newline="")))
    assert [row["points"] for row in rows] == ["25", "25", "", "", "50"]
    assert rows[-1]["result"] == TOTAL
    text = page([part_graded()], AT)
    assert text.count("<td>–</td>") == 2
    assert "50 of 100, 2 not graded" in text
    assert text.count(">not graded</span>") == 2
    assert text.count('class="result unknown"') == 2
    # The final grade is not known yet.
    assert "Mean of those" not in text


def test_the_picture_has_a_dash_where_nothing_is_known():
    row = GradeRow("Ada", (25, None), (25, 25))
    assert ">–</text>" in grades_svg([row], ("a", "b"), "light")
    assert grades_words([row], ("a", "b")).endswith(
        "a: 1 with all points, 0 with none; b: 0 with all points, 0 with none, 1 not graded."
    )
