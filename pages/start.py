"""Start: what will be built, the record, the four log files."""

import pandas as pd
import streamlit as st

from lab.lesson.numbers import counts_in_words, files_in_words, silences_in_words
from lab.records import COLUMNS
from lab.ui.frame import lesson_page
from lab.ui.headings import section
from lab.ui.identity import who_sees_it, who_you_are
from lab.ui.pipeline import pipeline
from lab.ui.recall import recall
from lab.ui.session import learner

# Records shown of each file: a file of a course may have thousands.
MAX_SHOWN = 20

with lesson_page("start"):
    recall(learner())
    section("What you will build")
    picture, words = st.columns([2, 3], gap="medium")
    with picture:
        pipeline()
    with words:
        st.markdown(
            """
**The volume report** says how busy each server is. Divide its number of SEV2 records by the number of time units from
its first to its last record, `max(timestamp) - min(timestamp) + 1`. Every delivery *replaces* the report.

**The SEV0 log** lists every fatal error, `serverID timestamp`. It only *grows*: new rows go to its end.
"""
        )
        section("The log record")
        st.markdown(
            """
A log file is plain text without a header. Each line is one record: `serverID,severity,timestamp`.

| column | what it is |
|---|---|
| `serverID` | the name of a server, text |
| `severity` | 2 (SEV2): a service call, no error · 1 (SEV1): a minor error · 0 (SEV0): a fatal error |
| `timestamp` | the time unit, a whole number from 1; a bigger number is later |
"""
        )

    who_you_are(learner())
    who_sees_it()

    own = learner().workspace.dataset
    section("The four log files")
    silent = silences_in_words(own)
    small = all(len(own.log_file(name).records) <= MAX_SHOWN for name in own.files)
    st.markdown(
        f"{files_in_words(own)} A server may have no record in a time unit{f': {silent}' if silent else ''}. The files come "
        f"in two pairs. Look into them now{': you can check every number of this lab by hand' if small else ''}."
    )
    for tab, name in zip(st.tabs(list(own.files)), own.files, strict=True):
        with tab:
            raw, table = st.columns(2)
            raw.caption("As it is in the file")
            lines = own.content(name).decode().splitlines()
            raw.code("\n".join(lines[:MAX_SHOWN]), language=None)
            table.caption("As records")
            file = own.log_file(name)
            records = pd.DataFrame(file.records[:MAX_SHOWN], columns=list(COLUMNS))
            # All rows and the header, each 35 pixels high, without scrolling.
            table.dataframe(records, hide_index=True, height=35 * (len(records) + 1) + 3, alt=f"Records of {name}")
            if len(lines) > MAX_SHOWN:
                st.caption(f"The first {MAX_SHOWN} of {len(lines):,} records. {counts_in_words(file)}")
