"""The machine of a benchmark: figures without their machine say nothing."""

import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Final

from lab.engine.java import find_java

GIGABYTE: Final = 1 << 30
PACKAGES: Final = ("pyspark", "streamlit")


def machine() -> dict[str, str]:
    """Return facts about the machine and its software, by the names that a reader uses."""
    return {
        "cores": str(_cores()),
        "CPU": _stated("/proc/cpuinfo", "model name") or platform.processor() or "unknown",
        "memory": _memory(),
        "OS": platform.platform(terse=True),
        "Python": platform.python_version(),
        "Java": str(find_java().version),
        **{name: version(name) for name in PACKAGES},
    }


def caption(found: dict[str, str]) -> str:
    """Return these facts as the sentence below a table."""
    return f"Measured on {', '.join(f'{what} {value}' for what, value in found.items())}."


def _cores() -> int:
    """Return how many cores this process may use; a container may have fewer than its machine."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _memory() -> str:
    kilobytes = _stated("/proc/meminfo", "MemTotal").partition(" ")[0]
    return f"{int(kilobytes) * 1024 / GIGABYTE:.0f} GB" if kilobytes else "unknown"


def _stated(file: str, name: str) -> str:
    """Return the first value of a name in a file below /proc; empty where there is none."""
    try:
        lines = Path(file).read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "")
