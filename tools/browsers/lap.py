"""The lab from the first page to the executed notebook, as `tests/browsing.py` does it in Chromium."""

from pathlib import Path
from typing import Final

from lab.lesson.steps import STEPS
from tools.browsers.person import Person
from tools.server.table import Table

NAME: Final = "Ada"
# Seconds; the lab allows 300 for an execution, and as many for the grading after it.
EXECUTION: Final = 600
# Pixels: a phone. Content wider than the window would need sideways scrolling.
NARROW: Final = (400, 800)
WIDE: Final = (1280, 900)
_TOO_WIDE: Final = "return document.scrollingElement.scrollWidth > document.documentElement.clientWidth + 1"
_CHART: Final = ".st-key-figure-{} svg"
# A chart is drawn when it is larger than this, in pixels.
_DRAWN: Final = 60


def do_lap(person: Person, table: Table, pictures: Path, downloads: Path | None) -> None:
    """Do the whole lab. `pictures` is the prefix of the pictures' paths, `downloads` the downloads' folder, if any."""
    with table.timed("the first page, and a name"):
        person.open()
        person.fill("identity-name", NAME)
        person.press("introduce")
        person.wait(lambda: "not in use yet" not in person.one("body").text, "the name is kept")
    with table.timed("the schema, and four ways to read a file"):
        person.follow("Next: Schema", "Schema")
        person.solve(STEPS["schema"])
        for wrong in ("right", "order", "header", "clock"):
            person.press(f"run-schema-{wrong}")
            if wrong == "header":
                person.press("skipped-header")
            person.sees("ran in", f".st-key-cell-schema-{wrong}")
    with table.timed("the stream"):
        person.follow("Next: Read stream", "Read stream")
        person.solve(STEPS["read-stream"])
    person.follow("Next: Volume report", "Volume report")
    with table.timed("the report, with two deliveries"):
        answers = _report(person, table, pictures)
    person.follow("Next: SEV0 log", "SEV0 log")
    with table.timed("the log, with two deliveries"):
        answers |= _log(person)
    with table.timed("four results"):
        person.follow("Next: Results", "Results")
        for group, answer in answers.items():
            person.fill(f"answer-{group}", answer)
            person.press(f"check-{group}")
            person.sees("Right:", f".st-key-group-{group}")
        person.sees("4 of 4 results are right")
        person.sees("You wrote 8 of the 8 steps yourself")
    with table.timed("the notebook executed"):
        person.follow("Next: Hand in", "Hand in")
        for part in ("challenges", "takeaways"):
            person.fill(f"retrospective-{part}", "A stream is not sorted.")
        person.press("execute")
        person.sees("It would get 100 of 100 points", seconds=EXECUTION)
        person.sees("8 of 8 are right")
    if downloads:
        with table.timed("the two files downloaded") as seen:
            for key, name in (("notebook", f"lab8-{NAME}.ipynb"), ("retrospective", "retrospective.pdf")):
                person.press(f"download-{key}")
                person.wait(lambda name=name: (downloads / name).exists(), f"{name} in {downloads}")  # type: ignore[misc]
            seen.append(", ".join(sorted(path.name for path in downloads.iterdir())))


def _report(person: Person, table: Table, pictures: Path) -> dict[str, str]:
    for step in ("volume-report", "volume-query"):
        person.solve(STEPS[step])
    person.solve(STEPS["volume-show"], "empty-table")
    person.press("deliver-first")
    person.fill("number-first-pair", "1.5")
    person.press("predicted-first-pair")
    newest = _pair_read(person)
    person.sees("You said 1.5; it is 1.2.")
    answers = {"volume-first": _read_table(person, "1.25")}
    person.press("deliver-second")
    person.press("skipped-second-pair")
    _pair_read(person, newest)
    answers["volume-second"] = _read_table(person, "1.5")
    drawn = person.one(_CHART.format("volume")).size
    table.row("the chart is drawn", min(drawn["width"], drawn["height"]) > _DRAWN, drawn)
    person.picture(Path(f"{pictures}-report.png"))
    person.driver.set_window_size(*NARROW)
    person.click(".lab-stage-bar")
    table.row("on a phone nothing is wider than the window", not person.driver.execute_script(_TOO_WIDE))
    person.picture(Path(f"{pictures}-report-narrow.png"))
    person.click(".lab-stage-bar")
    person.driver.set_window_size(*WIDE)
    person.press("empty-live")
    person.sees("0 files in LogDataLive")
    return answers


def _log(person: Person) -> dict[str, str]:
    person.press("run-sev0-sorted")
    person.press("skipped-sorted-stream")
    person.sees("refused, as it should be", ".st-key-cell-sev0-sorted")
    person.solve(STEPS["sev0"])
    person.solve(STEPS["sev0-query"])
    answers, newest = {}, -1
    for pair, rows in (("first", 5), ("second", 9)):
        person.press(f"deliver-{pair}")
        newest = _pair_read(person, newest)
        answers[f"log-{pair}"] = person.wait(lambda rows=rows: _log_in_words(person, rows), f"{rows} rows of the log")  # type: ignore[misc]
    person.solve(STEPS["stop"], "after-stop")
    person.sees("queries running: 0", ".st-key-cell-stop")
    return answers


def _pair_read(person: Person, before: int = -1) -> int:
    """Wait until the query has read a pair; Spark may take two batches for it."""
    wanted = {str(before + 1), str(before + 2)}
    person.wait(
        lambda: person.fact("Batch") in wanted and person.fact("Files waiting") == "0", f"a batch after {before}"
    )
    return int(person.fact("Batch"))


def _read_table(person: Person, expected: str) -> str:
    """Run the cell that reads the table, until it shows what is expected."""
    person.press("run-volume-show")
    person.sees(expected, ".st-key-cell-volume-show pre")
    return person.all(".st-key-cell-volume-show pre")[-1].text


def _log_in_words(person: Person, rows: int) -> str:
    """Return the rows of the output folder once there are `rows` of them; until then, an empty text."""
    lines = [
        line for part in person.all(".st-key-output-folder pre") for line in part.text.splitlines() if line.strip()
    ]
    return "\n".join(lines) if len(lines) == rows else ""
