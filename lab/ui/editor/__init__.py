"""The fields in which a learner types: a code editor, and plain ones for prose, and for whoever cannot use an editor.

Whatever is typed is kept in one way, which `drafts.js` has in the browser and `lab.ui.texts` here: it comes beside
Streamlit, so that no run of the script, no change of page and no cut takes a letter along. A script learns of it as of
everything that another tab does, and reads it where it is kept; so a field gives no text, only that it is to be run.

The editor is Ace, as its makers build it (`ace/README.md`), mounted as a Streamlit component of version 2: it stands in the
page itself, so it takes its colours from Streamlit's theme, is named to screen readers, and its triggers are seen once. The
two packages around Ace live in an iframe each and were measured against it: `streamlit-code-editor` 0.1.22 asks
fonts.googleapis.com for a font, `streamlit-ace` 0.1.1 has no completions of our own and cannot tell a draft from Ctrl+Enter,
and five editors take them 0.8 to 1.3 s where this one takes 0.3 s. CodeMirror 6 would serve as well, but is not
published in a form that runs without a build step. Streamlit's own fields lose what is typed while the line is cut, before a
change of page, and until they are left.
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
# Together they are one module: each may use what stands in those before it.
_SCRIPTS: Final = ("storage.js", "drafts.js", "presses.js", "versions.js", "code.js", "plain.js", "field.js")
_STYLES: Final = ("field.css", "code.css")

_mount: Final = component(
    "lab_editor",
    css="\n".join((_HERE / name).read_text(encoding="utf-8") for name in _STYLES),
    js="\n".join((_HERE / name).read_text(encoding="utf-8") for name in _SCRIPTS),
    # In a shadow root, Streamlit's one-letter shortcuts would not know that a letter was typed into a text.
    isolate_styles=False,
)


def editor(
    learner: "Learner", name: str, *, label: str, block: str, plain: bool = False, error: tuple[int, str] | None = None
) -> bool:
    """Show the code of a cell, to be edited; gives whether the learner asked to run it, in this very script run.

    `block` is the key of the container whose buttons act on it. `error` marks a line, counted from 1.
    `plain` is a text area.
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
    """Return what the editor of a name is called: the plain one, or the other."""
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
    """Show a text to be written, in a field of at least so many lines.

    `suggested` stands there while nothing is written, and is not kept.
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
        # In the browser's storage, drafts of one learner are not another's. Nobody becomes a learner by it.
        "owner": hashlib.sha256(f"drafts of {learner.id}".encode()).hexdigest()[:16],
        "autocomplete": "name" if name == "identity-name" else "off",
        "placeholder": "",
        "suggested": "",
    }


def _assets() -> str:
    """Return where a page finds Ace: as the files of a component of version 1, which may be in any folder.

    Version 2 does so for installed packages only, and otherwise sends a script along with each element.
    """
    return f"component/{declare_component('ace', path=_ACE).name}"
