"""Start: what will be built, the record, the four log files."""

import streamlit as st

from lab import dataset
from lab.lesson.numbers import silences_in_words
from lab.oracle import records_frame
from lab.ui.frame import lesson_page
from lab.ui.identity import who_you_are
from lab.ui.session import learner

PIPELINE = """
flowchart TB
    data["LogData<br/>four log files"] -->|deliver| live["LogDataLive"]
    live -->|readStream| stream["streamingLogData"]
    stream -->|"count, divide"| volume["volume report<br/>table in memory"]
    stream -->|"filter, sort"| sev0["SEV0 log<br/>csv files"]
"""

with lesson_page("start"):
    st.subheader("What you will build", anchor=False)
    st.mermaid_chart(
        PIPELINE,
        alt="Log files are delivered from LogData into LogDataLive. A stream reads that folder. From it come the "
        "volume report, a table in memory, and the SEV0 log, csv files.",
    )
    st.markdown(
        """
- **The volume report** says how busy each server is: its number of SEV2 records, divided by the number of time units
  it was seen in, `max(timestamp) - min(timestamp) + 1`. It is *replaced* with every delivery.
- **The SEV0 log** lists every fatal error, `serverID timestamp`. It only *grows*: new rows go to its end.
"""
    )

    st.subheader("The log record", anchor=False)
    st.markdown(
        """
A log file is plain text without a header, one record a line: `serverID,severity,timestamp`.

| column | what it is |
|---|---|
| `serverID` | the name of a server, text |
| `severity` | 2 (SEV2): a service call, no error · 1 (SEV1): a minor error · 0 (SEV0): a fatal error |
| `timestamp` | the time unit, a whole number that starts at 1; bigger is later. It is a counter, not a clock |
"""
    )

    who_you_are(learner())

    own = learner().workspace.dataset
    st.subheader("The four log files", anchor=False)
    st.markdown(
        f"Each file holds the records of one server from one window of five time units: `s115.csv` is server s1, t1 to t5. "
        f"A server need not have a record in each of them: {silences_in_words(own)}. The files come in two pairs. Look "
        "into them now; you can check every number of this lab by hand."
    )
    for tab, name in zip(st.tabs(list(dataset.FILES)), dataset.FILES, strict=True):
        with tab:
            raw, table = st.columns(2)
            raw.caption("As it is in the file")
            raw.code(own.content(name).decode(), language=None)
            table.caption("As records")
            records = records_frame([own.log_file(name)])
            # All rows and the head, each 35 pixels high, without scrolling.
            table.dataframe(records, hide_index=True, height=35 * (len(records) + 1) + 3)
