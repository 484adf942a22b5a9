"""`python -m lab bench`: how fast the lab is on this machine, beside Spark's defaults; a table, and no judgement."""

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from lab.commands.bench import cluster
from lab.commands.bench.machine import caption, machine
from lab.commands.bench.plan import MEASUREMENTS, Measurements, Sizes
from lab.commands.bench.table import Row, markdown
from lab.errors import LabError


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    sizes = Sizes()
    parser = commands.add_parser(
        "bench",
        help="measure how fast the lab is on this machine, beside Spark's defaults",
        description="Prints a table of Markdown. Each measurement starts a Spark of its own; those on one learner and on a "
        "class use the bucket that LAB_BUCKET names, and remove there what they have put there. All of it takes some ten "
        "minutes.",
    )
    parser.add_argument(
        "--only", nargs="+", choices=MEASUREMENTS, metavar="NAME", help="some of: %(choices)s", default=[*MEASUREMENTS]
    )
    parser.add_argument(
        "--learners", type=_number(2), default=sizes.learners, metavar="N", help="the size of the class (%(default)s)"
    )
    parser.add_argument(
        "--deliveries", type=_number(1), default=sizes.deliveries, metavar="N", help="of one learner (%(default)s)"
    )
    parser.add_argument(
        "--records", type=_number(1), default=sizes.records, metavar="N", help="of the large log file (%(default)s)"
    )
    parser.add_argument(
        "--no-defaults", action="store_true", help="do not measure Spark's defaults, which takes minutes"
    )
    parser.add_argument(
        "--cluster",
        action="store_true",
        help="instead, the large log file on a standalone cluster of this machine, with one and with two workers",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the figures there")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Measure, and print the table; 0 if all could be measured, else 1."""
    sizes = Sizes(
        learners=options.learners,
        deliveries=options.deliveries,
        records=options.records,
        defaults=not options.no_defaults,
    )
    try:
        if options.cluster:
            cluster.run(options.records)
            return 0
        return report(options.only, sizes, options.json)
    except LabError as error:
        _say(str(error))
        return 1


def report(names: list[str], sizes: Sizes, file: Path | None = None) -> int:
    """Measure what is named, and print the table; what cannot be measured is said, and the rest goes on."""
    found = machine()
    measurements = Measurements(sizes)
    rows: list[Row] = []
    failed = 0
    for name in names:
        begin = time.monotonic()
        _say(f"{name} …")
        try:
            rows += MEASUREMENTS[name](measurements)
        except LabError as error:
            failed = 1
            _say(f"{name}: {error}")
        else:
            _say(f"{name}: {time.monotonic() - begin:.0f} s")
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
