"""Volume report: define the report, keep it in memory, read it with SQL, and deliver."""

import streamlit as st

from lab.lesson.numbers import shortest_span
from lab.lesson.steps import answering
from lab.ui.cell import next_cell
from lab.ui.exercise import exercise
from lab.ui.experiments.modes import output_modes
from lab.ui.frame import lesson_page, prepare_bar
from lab.ui.headings import section
from lab.ui.session import learner
from lab.ui.stage.view import stage

with lesson_page("volume_report"):
    me = learner()
    prepare_bar(me, "volume-report")
    following = next_cell(me, "volume-report", "volume-query", "volume-show")
    short = shortest_span(me.workspace.dataset)
    st.markdown(
        f"""
The number of time units is `max(timestamp) - min(timestamp) + 1`. Each server has its own number: count from its first
record to its last. In the first pair, {short.server} runs from t{short.first} to t{short.last}: {short.units} units. Use
**all** records of the server here, of every severity.
"""
    )
    exercise(me, "volume-report", following=following)
    st.markdown(
        """
A *query* makes the plan run. It writes the report to a *sink*: here a table in memory, which has the query's name. The
query works in *batches*: it reads the new files, updates the report, writes, and waits for more files. The *output mode*
says what each batch writes:

- **append** adds rows that never change again,
- **update** writes only the changed rows,
- **complete** rewrites the whole table.

Which of them fits a number that may change with every batch?
"""
    )
    exercise(me, "volume-query", following=following)

    section("Deliver, and read the table")
    st.markdown(
        "Read the table three times: before the first delivery, after the first pair, and after the second pair. Note "
        "the numbers each time: the page *Results* asks for them. A table in *complete* mode may also be sorted, with "
        "`ORDER BY` or in the query itself, because every batch rewrites all of it."
    )
    report = me.runs.latest(answering("volume"))
    exercise(
        me, "volume-show", following=following, predict="empty-table", surprises=bool(report and not report.batches)
    )
    output_modes(me)
    stage(me, "volume-query", predict=True)
