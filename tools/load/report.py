"""The report of a class as a Markdown page."""

import os
import platform
from collections import defaultdict
from pathlib import Path
from statistics import median, quantiles

import psutil

from lab import __version__

from .pictures import draw
from .school import Outcome
from .verdict import Check

_MAX_TOLD = 20
_ALT = {
    "latency": "Seconds that each click took, over the time of the class",
    "cpu": "CPU of Python, of the JVM, and of the test's own clients, in percent of one core",
    "memory": "Resident memory of Python and of the JVM, in megabytes",
}


def write(outcome: Outcome, checks: tuple[Check, ...], path: Path) -> None:
    """Write the report, and its pictures beside it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pictures = draw(outcome, path.with_suffix(""))
    parts = [
        "# Load test",
        _what(outcome),
        "## What was found\n\n" + _table(("", "expected", "found"), [(_mark(c), c.what, c.found) for c in checks]),
        "## How long it took",
        "In seconds, from the click until the page showed what comes of it.",
        _latencies(outcome),
        f"![{_ALT['latency']}]({pictures['latency'].name})",
        "## What the server took",
        _load(outcome),
        *(f"![{_ALT[name]}]({pictures[name].name})" for name in ("cpu", "memory")),
        "## What the class did",
        _table(("times", "what"), [(count, what) for what, count in sorted(outcome.book.counts.items()) if count]),
        *_told(outcome),
    ]
    path.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def summary(checks: tuple[Check, ...]) -> str:
    """Return a line for each expectation."""
    return "\n".join(f"{_mark(check)}  {check.what}: {check.found}" for check in checks)


def latencies(outcome: Outcome) -> list[tuple[str, int, float, float, float]]:
    """Return for each action: how often, and the median, the 95th percentile and the longest, in seconds."""
    by_kind: dict[str, list[float]] = defaultdict(list)
    for took in outcome.book.took:
        by_kind[took.what].append(took.seconds)
    return [(what, len(spent), median(spent), _most(spent), max(spent)) for what, spent in sorted(by_kind.items())]


def _most(spent: list[float]) -> float:
    return quantiles(spent, n=20, method="inclusive")[-1] if len(spent) > 1 else spent[0]


def _what(outcome: Outcome) -> str:
    plan = outcome.plan
    return (
        f"A class of {plan.learners} went through the lab for {outcome.seconds / 60:.1f} minutes, each learner with a name, "
        "a class code and log files of their own: wrote the answers, wrong ones now and then, delivered, read the reports, "
        "had the four results checked, started over. Some loaded a page anew, lost the connection, or left, and somebody "
        "else came. In the first lap all delivered each pair at the same moment. A teacher had the class board open; after "
        "the second pair, all voted at the same moment, saw the votes, and voted once more. When the time was over, all "
        "left at once, wherever they were.\n\n"
        "Each learner is a client of Streamlit's websocket that does what a browser does: it loads the page, keeps the page "
        "that the server draws, sends the state of all widgets, and lets the timers of the page run. What it waits for is "
        "what stands on the page. Between clicks it takes the time that people take, "
        f"{plan.pace:g} times (`tools/load/pace.py`). The same command does it again:\n\n"
        f"```sh\npython -m tools.load --learners {plan.learners} --minutes {outcome.seconds / 60:.0f} --pace {plan.pace:g} "
        f"--seed {plan.seed} --report docs/load-test.md\n```\n\n"
        f"Version {__version__}, on {os.cpu_count()} cores ({_processor()}) with "
        f"{psutil.virtual_memory().total / 1e9:.0f} GB, {platform.system()}, Python {platform.python_version()}; the "
        "clients run on the same machine."
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _latencies(outcome: Outcome) -> str:
    rows = [
        (what, times, f"{mid:.2f}", f"{most:.2f}", f"{longest:.2f}")
        for what, times, mid, most, longest in latencies(outcome)
    ]
    return _table(("what", "times", "median", "95 %", "longest"), rows)


def _load(outcome: Outcome) -> str:
    there = [sample for sample in outcome.samples if sample.at <= outcome.seconds]
    if not there:
        return "The class was too short for a sample."

    def row(what: str, name: str, unit: str) -> tuple[str, str, str]:
        values = [getattr(sample, name) for sample in there]
        return (what, f"{sum(values) / len(values):.0f} {unit}", f"{max(values):.0f} {unit}")

    return _table(
        ("while the class was there", "mean", "most"),
        [
            row("CPU of Python", "python_cpu", "% of one core"),
            row("CPU of the JVM", "jvm_cpu", "% of one core"),
            row("CPU of the test's own clients", "clients_cpu", "% of one core"),
            row("memory of Python", "python_memory", "MB"),
            row("memory of the JVM", "jvm_memory", "MB"),
            row("threads of Python", "threads", ""),
            row("open files and sockets of Python", "files", ""),
        ],
    )


def _told(outcome: Outcome) -> list[str]:
    """Return the sections on what went wrong: errors, the server's console, Spark's log."""
    parts = []
    if outcome.book.troubles:
        rows = [(t.kind, f"{t.at:.0f} s", t.who, t.where, t.text) for t in outcome.book.troubles[:_MAX_TOLD]]
        parts += [
            "## Errors",
            f"The first of {len(outcome.book.troubles)}.",
            _table(("", "at", "who", "where", "what"), rows),
        ]
    for title, lines in (("The server's console", outcome.console), ("Spark's log", outcome.spark_log)):
        if lines:
            parts += [f"## {title}", "```text\n" + "\n".join(line[:300] for line in lines[:_MAX_TOLD]) + "\n```"]
    return parts


def _mark(check: Check) -> str:
    return "yes" if check.holds else "**no**"


def _table(head: tuple[str, ...], rows: list[tuple[object, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(str(cell).replace("|", "\\|").strip() for cell in line) + " |" for line in lines)
