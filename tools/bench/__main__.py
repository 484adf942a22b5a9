"""`python -m tools.bench`: measure how fast the lab is on this machine, beside Spark's defaults, and print a table."""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from lab.commands.judging import COULD_NOT_RUN
from lab.errors import LabError
from lab.startup import hindrances
from lab.system import speak_any_console
from tools.bench import cluster
from tools.bench.machine import caption, machine
from tools.bench.plan import MEASUREMENTS, QUICK, USUAL, USUAL_QUICK, Measurements, Sizes
from tools.bench.progress import Progress
from tools.bench.table import Row, markdown


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command's arguments, and measure; return the exit code."""
    speak_any_console()
    sizes = Sizes()
    parser = argparse.ArgumentParser(
        prog="python -m tools.bench",
        description="Measures how fast the lab is on this machine, beside Spark's defaults, and prints a table of Markdown. "
        "Each measurement starts a Spark of its own; those on one learner and on a class use the bucket that LAB_BUCKET "
        "names, and remove there what they have put there. It says how long it takes.",
    )
    parser.add_argument(
        "--only", nargs="+", choices=MEASUREMENTS, metavar="NAME", help="some of: %(choices)s; growth only if named"
    )
    parser.add_argument(
        "--quick",
        action="store_true",
        help="some two minutes: fewer and smaller measurements, without a browser and without Spark's defaults",
    )
    parser.add_argument("--learners", type=_number(2), metavar="N", help=f"the size of the class ({sizes.learners})")
    parser.add_argument("--deliveries", type=_number(1), metavar="N", help=f"of one learner ({sizes.deliveries})")
    parser.add_argument("--records", type=_number(1), metavar="N", help=f"of the large log file ({sizes.records})")
    parser.add_argument(
        "--no-defaults", action="store_true", help="do not measure Spark's defaults, which takes minutes"
    )
    parser.add_argument(
        "--cluster",
        action="store_true",
        help="instead, the large log file on a standalone cluster of this machine, with one and with two workers",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures there")
    options = parser.parse_args(arguments)
    if wrong := hindrances():
        _say("\n".join(wrong))
        return COULD_NOT_RUN
    return run(options)


def run(options: argparse.Namespace) -> int:
    """Measure, and print the table; return 0 if all could be measured, else 1."""
    sizes = QUICK if options.quick else Sizes()
    named = {name: getattr(options, name) for name in ("learners", "deliveries", "records")}
    sizes = replace(sizes, **{name: value for name, value in named.items() if value is not None})
    if options.no_defaults:
        sizes = replace(sizes, defaults=False)
    try:
        if options.cluster:
            cluster.run(sizes.records)
            return 0
        return report(options.only or [*(USUAL_QUICK if options.quick else USUAL)], sizes, options.json)
    except LabError as error:
        _say(str(error))
        return 1


def report(names: list[str], sizes: Sizes, file: Path | None = None) -> int:
    """Measure what is named, and print the table. If one measurement fails, say so and go on with the next."""
    found = machine()
    measurements = Measurements(sizes)
    rows: list[Row] = []
    failed = 0
    progress = Progress(names, sizes)
    _say(progress.beginning)
    for name in names:
        _say(progress.begins(name))
        try:
            rows += MEASUREMENTS[name](measurements)
        except LabError as error:
            failed = 1
            _say(f"{name}: {error}")
        _say(progress.ends(name))
    print(markdown(rows, caption(found)))
    if file:
        figures = {"machine": found, "sizes": asdict(sizes), "rows": [asdict(row) for row in rows]}
        file.write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return failed


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _number(least: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if (number := int(text)) < least:
            raise argparse.ArgumentTypeError(f"at least {least}")
        return number

    return read


if __name__ == "__main__":
    sys.exit(main())
