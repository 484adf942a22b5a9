"""The text of a cell, in a code editor or, for those who cannot use one, in a plain text area.

The editor is Ace, as its makers build it (`ace/README.md`), mounted as a Streamlit component of version 2: it stands in the
page itself, so it takes its colours from Streamlit's theme, is named to screen readers, and its triggers are seen once. The
two packages around Ace live in an iframe each and were measured against it: `streamlit-code-editor` 0.1.22 asks
fonts.googleapis.com for a font, `streamlit-ace` 0.1.1 has no completions of our own and cannot tell a draft from Ctrl+Enter,
and five editors take them 0.8 to 1.3 s where this one takes 0.3 s. CodeMirror 6 would serve as well, but is not
published in a form that runs without a build step.

Who wins when texts differ: the browser, except where the caller passes a new `version`, or a text that is neither the one
it passed before nor the one it was given (somebody else has changed it). `editor.js` has the browser's side.
"""

from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex
from time import monotonic
from typing import Any, Final

import streamlit as st
from streamlit.components.v1 import declare_component
from streamlit.components.v2 import component

# What is offered while a learner types, each with a word that says what it is.
COMPLETIONS: tuple[tuple[str, str], ...] = tuple(
    (word, kind)
    for kind, words in (
        (
            "lab",
            """
            copy_s3_file_to_live_folder empty_s3_folder wait_until_read show_sev0_log s3_log_data_uri
            s3_log_data_live_uri s3_lab9_output_uri
            """,
        ),
        ("lab", "logSchema streamingLogData volumeReportDataFrame volumeReportQuery sev0 sev0SaveQuery"),
        ("column", "serverID severity timestamp avgVolume"),
        ("spark", "spark read readStream sql table streams"),
        ("reader", "schema csv load option options"),
        ("writer", "write writeStream format mode outputMode queryName trigger partitionBy start foreachBatch save"),
        ("option", "checkpointLocation path header maxFilesPerTrigger availableNow processingTime"),
        (
            "DataFrame",
            "select selectExpr where filter groupBy agg orderBy sort withColumn withColumnRenamed drop distinct",
        ),
        (
            "DataFrame",
            "show count collect take first limit coalesce columns isStreaming printSchema explain toPandas",
        ),
        ("DataFrame", "dtypes union join createOrReplaceTempView sortWithinPartitions repartition"),
        ("Column", "alias cast isNull isNotNull isin between otherwise asc desc"),
        ("function", "col count_if count_distinct lit max min sum avg when expr round"),
        ("type", "StructType StructField StringType IntegerType LongType DoubleType TimestampType DateType"),
        ("query", "active isActive name status lastProgress recentProgress exception stop"),
        ("query", "processAllAvailable awaitTermination"),
        ("Python", "from import as def return lambda for in if else and or not True False None print len range sorted"),
    )
    for word in words.split()
)

_HERE: Final = Path(__file__).parent
_ACE: Final = _HERE / "ace"
# A press of Ctrl+Enter that the page could not see by then, because another page was opened, is forgotten.
_PRESS_SECONDS: Final = 10.0

_mount: Final = component(
    "lab_editor",
    css=(_HERE / "editor.css").read_text(encoding="utf-8"),
    js=(_HERE / "editor.js").read_text(encoding="utf-8"),
    # In a shadow root, Streamlit's one-letter shortcuts would not know that a letter was typed into a text.
    isolate_styles=False,
)


@dataclass(frozen=True)
class Edited:
    """What a learner made of a text."""

    text: str
    # Whether the learner asked to run it, in this very script run.
    run: bool


@dataclass
class _Seat:
    """What one tab knows of one text. It outlives a change of the page, other than the state of a widget."""

    version: int
    text: str
    # What the caller passed, and what it was given, the last time.
    passed: str
    given: str
    # How often the text was replaced by one that is not from this tab's editor.
    revision: int = 0
    # The newest message from the browser, and the newest that asked to run.
    seen: float = 0
    ran: float = 0
    pressed: float | None = None
    name: str = field(default_factory=lambda: token_hex(8))

    @property
    def basis(self) -> str:
        """What the browser's text goes back to; a message about another one has been overtaken."""
        return f"{self.name}:{self.version}:{self.revision}"

    def update(self, text: str, version: int) -> None:
        """Take over the caller's text if it is a new one."""
        if version != self.version or text not in (self.passed, self.given):
            self.version, self.text, self.pressed = version, text, None
            self.revision += 1
        self.passed = text

    def take(self, message: Any, *, run: bool) -> None:
        """Take over what the browser says; it may say so more than once."""
        if not isinstance(message, dict) or message.get("basis") != self.basis:
            return
        text, number = message.get("text"), message.get("number")
        if not isinstance(text, str) or not isinstance(number, int | float):
            return
        if number > self.seen:
            self.seen, self.text = number, text
        if run and number > self.ran:
            self.ran, self.pressed = number, monotonic()

    def edited(self) -> Edited:
        """What the caller is to know, and a press only once."""
        run = self.pressed is not None and monotonic() - self.pressed < _PRESS_SECONDS
        self.pressed, self.given = None, self.text
        return Edited(self.text, run)


def editor(
    key: str,
    text: str,
    *,
    plain: bool = False,
    label: str = "",
    error: tuple[int, str] | None = None,
    version: int = 0,
) -> Edited:
    """Show a text to be edited, and give what the learner has made of it.

    `text` is the text as it was saved; save what you are given, unchanged, whenever it differs. A new `version` puts `text`
    in the place of whatever was typed. `error` marks a line, counted from 1. `plain` is a text area, whose Ctrl+Enter only
    hands the text over: `run` is for a button beside it.
    """
    name = f"editor-{key}"
    seat = st.session_state.get(name)
    if not isinstance(seat, _Seat):
        seat = st.session_state[name] = _Seat(version, text, text, text)
    seat.update(text, version)
    if plain:
        _plain(seat, key, label)
    else:
        _code(seat, f"{key}-code", label, error)
    return seat.edited()


def _plain(seat: _Seat, key: str, label: str) -> None:
    # What the server has to say is set once; set at each run, it would overwrite what is being typed.
    shown = f"editor-{key}-shown"
    if key not in st.session_state or st.session_state.get(shown) != seat.basis:
        st.session_state[key] = seat.text
        st.session_state[shown] = seat.basis

    def take() -> None:
        seat.text = st.session_state[key]

    st.text_area(label or "Code", key=key, on_change=take, height="content", label_visibility="collapsed")


def _code(seat: _Seat, key: str, label: str, error: tuple[int, str] | None) -> None:
    # Called before the script runs, so that a text arrives even when the next page is drawn instead of this one.
    def take_text() -> None:
        seat.take(st.session_state[key].get("text"), run=False)

    def take_run() -> None:
        seat.take(st.session_state[key].get("run"), run=True)

    _mount(
        key=key,
        data={
            "key": key,
            "ace": _assets(),
            "text": seat.text,
            "basis": seat.basis,
            "seat": seat.name,
            "version": seat.version,
            "seen": seat.seen,
            "label": label,
            "error": error and {"row": error[0] - 1, "message": error[1]},
            "words": COMPLETIONS,
        },
        on_text_change=take_text,
        on_run_change=take_run,
    )


def _assets() -> str:
    """Where the browser finds Ace: as the files of a component of version 1, which Streamlit serves for any folder.

    Version 2 does so for installed packages only, and otherwise sends a script along with each element.
    """
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    name = declare_component("ace", path=_ACE).name
    return "/".join(("", *filter(None, (base, "component", name))))
