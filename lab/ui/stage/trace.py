"""Where does this number come from? The formula of a server with its records, and the trace of one record."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd
import streamlit as st

from lab.charts import MAX_SERVERS, SERVER_COLOUR, SEVERITY_COLOURS
from lab.learner.learner import Learner
from lab.oracle import TOLERANCE
from lab.stage.moment import Moment
from lab.stage.record_trace import Result, record_trace, told
from lab.stage.sources import Source, sources
from lab.stage.trace import TracedRecord, VolumeTrace, number, servers, volume_trace
from lab.ui.figures import cached
from lab.ui.text import plain

# The most rows of a table; of more records, only the first are shown.
MAX_SHOWN: Final = 200
HEIGHT: Final = 213

# The choices are kept apart from the widgets: Streamlit forgets the value of a widget that is not drawn.
_SERVER: Final = "traced-server"
_FILE: Final = "traced-file"
_LINE: Final = "traced-line"


def chosen_server() -> str | None:
    """Return the server whose number is explained; None if none is chosen."""
    found: str | None = st.session_state.get(_SERVER)
    return found


def choose_server(server: str | None) -> None:
    """Choose the server whose number is explained, or none."""
    st.session_state[_SERVER] = server


def formula_of_server(learner: Learner, moment: Moment) -> None:
    """Draw the formula of the chosen server with its numbers."""
    if chosen_server() in cached(learner, servers, moment):
        with st.container(key="trace-formula"):
            st.markdown(f"**{plain(_trace(learner, moment).formula)}**")


def trace_of_server(learner: Learner, moment: Moment) -> None:
    """Draw the choice of a server, and the trace of the chosen one's number."""
    names = cached(learner, servers, moment)
    if not names:
        return
    with st.container(key="trace-server", gap="small"):
        key = "trace-servers"
        drawn = st.session_state[key] = chosen if (chosen := chosen_server()) in names else None
        label = "Where does a number come from? Choose a server"

        def choose() -> None:
            # A browser also reports what the page has selected by itself (see `choosable_figure`).
            if st.session_state[key] != drawn:
                choose_server(st.session_state[key])

        if len(names) <= MAX_SERVERS:
            st.pills(label, names, format_func=plain, key=key, on_change=choose)
        else:
            st.selectbox(label, names, index=None, key=key, on_change=choose, placeholder="A server")
        if chosen in names:
            _server(_trace(learner, moment))


def _trace(learner: Learner, moment: Moment) -> VolumeTrace:
    return cached(learner, volume_trace, moment, chosen_server(), TOLERANCE)


def _server(trace: VolumeTrace) -> None:
    definition = "" if trace.volume is None else f" By the definition it is {number(trace.volume)}."
    if trace.differs and trace.reported:
        st.warning(f"Your report {trace.reported.words}.{plain(definition)}", icon=":material/difference:")
    elif trace.why_not:
        said = f"Your report {trace.reported.words}. " if trace.reported else ""
        st.caption(plain(said + trace.why_not))
    else:
        st.caption("Your report says the same.")
    if not trace.first or not trace.last:
        return
    st.caption(
        plain(
            f"The span begins at t{trace.first.record.timestamp} ({trace.first.where}) and ends at "
            f"t{trace.last.record.timestamp} ({trace.last.where}), over all records of {trace.server}."
        )
    )
    shown = _first_of(trace.records)
    table = pd.DataFrame(
        [(each.role, each.file, each.line, *each.record[1:], each.batch) for each in shown],
        columns=["what it does", "file", "line", "severity", "timestamp", "batch"],
    )
    st.dataframe(
        table.style.apply(lambda row: [f"background-color: {_colour(row.iloc[0])}"] * len(row), axis=1),
        hide_index=True,
        height=min(HEIGHT, 38 + 35 * len(table)),
        alt=f"The records of {trace.server}, and what each does in the report",
        key="trace-records",
    )
    if len(shown) < len(trace.records):
        st.caption(f"{len(shown):,} of {len(trace.records):,} records; the two ends of the span are among them.")


def _first_of(records: Sequence[TracedRecord]) -> list[TracedRecord]:
    """Return the first MAX_SHOWN records, and the two ends of the span wherever they are."""
    return [each for at, each in enumerate(records) if at < MAX_SHOWN or each.first or each.last]


def _colour(role: str) -> str:
    """Return a background colour for a role; the words say the same."""
    if "span" in role:
        return f"{SERVER_COLOUR}40"
    return f"{SEVERITY_COLOURS['SEV2']}26" if role == "counts" else "transparent"


def trace_of_record(learner: Learner, moment: Moment, result: Result) -> None:
    """Draw the choice of a record of a log file, and its trace."""
    if not moment.chips and not moment.batches:
        return
    with st.expander("Follow one record", icon=":material/footprint:", key="trace-record", on_change="rerun") as opened:
        if not opened.open:
            return
        known = _by_name(cached(learner, sources, moment))
        source = _choose_file(known)
        if source is None:
            return
        line = _choose_line(source)
        if line is None:
            st.caption("Choose a row, or write the number of its line.")
            return
        trace = cached(learner, record_trace, moment, source, line)
        record = f": {','.join(map(str, trace.record))}" if trace.record else ""
        st.markdown(f"**{plain(f'{source.name}, line {line}{record}')}**")
        st.markdown(" ".join(plain(sentence) for sentence in told(trace, moment, result)))


def _by_name(found: Sequence[Source]) -> dict[str, Source]:
    """Return the sources by name, or by title where several have the same name."""
    names = Counter(source.name for source in found)
    return {source.name if names[source.name] == 1 else source.title: source for source in found}


def _choose_file(known: Mapping[str, Source]) -> Source | None:
    key = "trace-file"
    st.session_state[key] = chosen if (chosen := st.session_state.get(_FILE)) in known else None

    def choose() -> None:
        st.session_state[_FILE] = st.session_state[key]
        st.session_state[_LINE] = None

    st.selectbox("Log file", list(known), index=None, key=key, on_change=choose, placeholder="Choose a file")
    return known.get(st.session_state[key])


def _choose_line(source: Source) -> int | None:
    rows, field = "trace-rows", "trace-line"
    chosen: int | None = st.session_state.get(_LINE)
    line = None if chosen is None or chosen > source.last_line else chosen
    shown = list(source.file.numbered)[:MAX_SHOWN]
    lines = [at for at, _ in shown]
    drawn = [lines.index(line)] if line in lines else []
    st.session_state[rows] = {"selection": {"rows": drawn}}
    st.session_state[field] = line

    def by_row() -> None:
        found = st.session_state[rows]["selection"]["rows"]
        if found != drawn:
            # A browser may send any number, so check the range.
            st.session_state[_LINE] = lines[found[0]] if found and 0 <= found[0] < len(lines) else None

    def by_number() -> None:
        if st.session_state[field] != line:
            st.session_state[_LINE] = st.session_state[field]

    if shown:
        st.dataframe(
            pd.DataFrame(
                [(at, *record) for at, record in shown], columns=["line", "serverID", "severity", "timestamp"]
            ),
            hide_index=True,
            height=min(HEIGHT, 38 + 35 * len(shown)),
            alt=f"The records of {source.name}",
            key=rows,
            on_select=by_row,
            selection_mode="single-row",
        )
    if len(shown) < len(source.file.records):
        st.caption(
            f"The first {len(shown):,} of {len(source.file.records):,} records; of each, the line can be written."
        )
    st.number_input(
        f"Line, 1 to {source.last_line}", 1, source.last_line, value=None, step=1, key=field, on_change=by_number
    )
    return line
