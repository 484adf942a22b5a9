"""The kinds of files that arrive instead of a notebook, by their endings, and what to ask for instead."""

from typing import Final

from lab.handin.grader.owners import ENDINGS

ZIP: Final = ".zip"
_NOTEBOOK: Final = "Ask for the notebook itself, the file that ends in .ipynb."
_SAVED_AS: Final = "In Jupyter it is made by File, Download (or Save and Export Notebook As, Notebook)."
_TEXT: Final = "a document"
_KINDS: Final = {
    ".py": "a Python script, in which the results are missing",
    **dict.fromkeys((".pdf", ".html", ".htm", ".mht", ".mhtml"), "a page to read, which cannot be run"),
    **dict.fromkeys((".docx", ".doc", ".odt", ".rtf", ".pages", ".md", ".txt", ".tex"), _TEXT),
    **dict.fromkeys(
        (".png", ".jpg", ".jpeg", ".gif", ".heic", ".webp", ".bmp", ".tiff"), "a picture, which cannot be run"
    ),
    **dict.fromkeys((".mp4", ".mov", ".webm", ".mkv"), "a film, which cannot be run"),
    **dict.fromkeys((".csv", ".tsv", ".xlsx", ".xls", ".ods", ".parquet"), "a table"),
    **dict.fromkeys(
        (".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz"), "an archive of a kind that is not opened here"
    ),
    **dict.fromkeys((".url", ".webloc", ".lnk", ".gdoc", ".desktop"), "a link, with no notebook in it"),
    **dict.fromkeys((".part", ".crdownload", ".download", ".tmp"), "a download that has not ended"),
    ".dbc": "an archive of Databricks",
    ".scala": "a Scala program",
    ".sql": "a text in SQL",
    ".json": "JSON, by its name no notebook",
}
_ADVICE: Final = {
    ".rar": "Ask for the notebook itself, or for a zip.",
    ".dbc": "Ask for it as Databricks exports it with File, Export, IPython Notebook.",
    ".json": "If it is a notebook, name it so that it ends in .ipynb.",
}
_ARCHIVES: Final = frozenset({".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz"})
_FROM_A_NOTEBOOK: Final = frozenset({".py", ".pdf", ".html", ".htm"})


def is_notebook(name: str) -> bool:
    """Return whether a file counts as a notebook, by its name."""
    return name.lower().endswith(ENDINGS)


def is_zip(name: str) -> bool:
    """Return whether a file counts as a zip, by its name."""
    return name.lower().endswith(ZIP)


def is_known_other(name: str) -> bool:
    """Return whether a file has the ending of another known kind; with an unknown ending, it may be a notebook."""
    return not is_notebook(name) and _ending(name) in _KINDS


def refusal(name: str) -> str:
    """Return why a file that is no notebook is not graded, and what to ask for, in two sentences."""
    ending = _ending(name)
    if ending not in _KINDS:
        return f"{name} is no notebook, by its name. {_NOTEBOOK}"
    advice = _ADVICE[".rar"] if ending in _ARCHIVES else _ADVICE.get(ending, _NOTEBOOK)
    more = f" {_SAVED_AS}" if ending in _FROM_A_NOTEBOOK else ""
    return f"{name} is {_KINDS[ending]}. {advice}{more}"


def _ending(name: str) -> str:
    _, dot, ending = name.lower().rpartition(".")
    return f".{ending}" if dot else ""
