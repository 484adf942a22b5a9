"""The fields in which a learner types: a code editor, and plain fields for prose and for users without the editor.

All typed text is saved in one way, by `drafts.js` in the browser and `lab.ui.texts` on the server. It is sent beside
Streamlit, so that no script run, no change of page and no lost connection loses a letter. A script learns of new text
as of everything that another tab does, and reads it from `learner.texts`. So a field returns no text, only whether to
run it.

The editor is Ace, as its makers build it (`ace/README.md`), mounted as a Streamlit component of version 2. It is part
of the page itself: it takes its colours from Streamlit's theme, screen readers know its name, and each of its triggers
is seen once. Two packages wrap Ace in an iframe each and were compared with it: `streamlit-code-editor` 0.1.22 loads a
font from fonts.googleapis.com; `streamlit-ace` 0.1.1 has no completions of our own and cannot distinguish a draft from
Ctrl+Enter; and five of their editors take 0.8 to 1.3 s, five of this one 0.3 s. CodeMirror 6 would serve as well, but
is not published in a form that runs without a build step. Streamlit's own fields lose text that is typed while the
connection is lost, before a change of page, and until the field is left.
"""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from streamlit.components.v1 import declare_component
from streamlit.components.v2 import component

from lab.lesson.steps import EXERCISES
from lab.ui.channels import channel_of
from lab.ui.press import note, presses, taken

if TYPE_CHECKING:
    from lab.learner.learner import Learner

# The completions that are offered while a learner types, each with its kind.
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
        ("lab", " ".join(step.variable for step in EXERCISES)),
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
# Together they are one module: each may use the definitions of the files before it.
_SCRIPTS: Final = ("storage.js", "drafts.js", "presses.js", "versions.js", "code.js", "plain.js", "field.js")
_STYLES: Final = ("field.css", "code.css")

_mount: Final = component(
    "lab_editor",
    css="\n".join((_HERE / name).read_text(encoding="utf-8") for name in _STYLES),
    js="\n".join((_HERE / name).read_text(encoding="utf-8") for name in _SCRIPTS),
    # In a shadow root, Streamlit's one-letter shortcuts would not notice that a letter was typed into a text field.
    isolate_styles=False,
)


def editor(
    learner: "Learner", name: str, *, label: str, block: str, plain: bool = False, error: tuple[int, str] | None = None
) -> bool:
    """Draw an editor for the code of a cell; return whether the learner asked to run it, in this very script run.

    `block` is the key of the container whose buttons act on the code. `error` is a line, counted from 1, and its
    message. With `plain`, draw a text area instead.
    """
    key = editor_key(name, plain=plain)
    result = _mount(
        key=key,
        data=_data(learner, name, key, label, block)
        | {
            "surface": "plain" if plain else "code",
            "code": True,
            "versions": True,
            "hidden_label": True,
            "lines": 3,
            "ace": _assets(),
            "error": error and {"row": error[0] - 1, "message": error[1]},
            "words": () if plain else COMPLETIONS,
        },
        on_run_change=lambda: note(key),
    )
    return taken(key) or bool(result.get("run"))


def editor_key(name: str, *, plain: bool) -> str:
    """Return the key of the editor with this name: the plain one, or the code editor."""
    return name if plain else f"{name}-code"


def field(
    learner: "Learner",
    name: str,
    *,
    label: str,
    lines: int = 1,
    block: str = "",
    placeholder: str = "",
    suggested: str = "",
) -> None:
    """Draw a text field with at least so many lines.

    `suggested` stands there while the field is empty, and is not saved.
    """
    _mount(
        key=name,
        data=_data(learner, name, name, label, block)
        | {
            "surface": "plain",
            "lines": lines,
            "placeholder": placeholder,
            "suggested": suggested,
            "versions": lines > 1,
        },
        on_run_change=lambda: None,
    )


def _data(learner: "Learner", name: str, key: str, label: str, block: str) -> dict[str, Any]:
    kept = learner.texts.read(name)
    return {
        "key": key,
        "name": name,
        "block": block,
        "label": label,
        "text": kept.text,
        "at": kept.at,
        "channel": channel_of(learner),
        "presses": presses(),
        # Separates the drafts of different learners in the browser's storage. The hash does not reveal the id.
        "owner": hashlib.sha256(f"drafts of {learner.id}".encode()).hexdigest()[:16],
        "autocomplete": "name" if name == "identity-name" else "off",
        "placeholder": "",
        "suggested": "",
    }


def _assets() -> str:
    """Return the address of the Ace files. They belong to a component of version 1, which may be in any folder.

    Version 2 serves files only for installed packages; otherwise it sends the script along with each element.
    """
    return f"component/{declare_component('ace', path=_ACE).name}"
