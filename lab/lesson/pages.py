"""The pages of the lesson, in its order; each is a file in pages/."""

from typing import Final

# File name, title, icon.
PAGES: Final = (
    ("start", "Start", ":material/flag:"),
    ("schema", "Schema", ":material/table_chart:"),
    ("read_stream", "Read stream", ":material/stream:"),
    ("volume_report", "Volume report", ":material/bar_chart:"),
    ("sev0_log", "SEV0 log", ":material/receipt_long:"),
    ("results", "Results", ":material/task_alt:"),
    ("hand_in", "Hand in", ":material/assignment_turned_in:"),
    ("museum", "Mistake museum", ":material/museum:"),
)
_TITLES: Final = {name: title for name, title, _ in PAGES}


def title_of(page: str) -> str:
    """Return the title of a page of the lesson; empty if there is no such page."""
    return _TITLES.get(page, "")
