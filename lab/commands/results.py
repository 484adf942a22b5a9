"""`python -m lab results`: print the answer key for a set of log files."""

import argparse
import sys
from collections.abc import Sequence
from itertools import chain

from lab import oracle
from lab.commands import log_data
from lab.dataset import Dataset
from lab.errors import LabError
from lab.learner.identity import Identity
from lab.lesson.numbers import shown
from lab.lesson.undetected import in_words, undetected_mistakes
from lab.records import LogFile


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "results",
        help="print the four results that the log files lead to",
        description="Prints the four results of the log files that everybody has, of those in a folder, or of a learner's "
        "own. Of a course's own files it also says, on the standard error, which wrong ways to compute the reports give the "
        "right ones on them.",
    )
    log_data.add(parser)
    parser.add_argument("--class-code", metavar="CODE", help="with --name: for the log files of this learner")
    parser.add_argument("--name", help="the learner's name, as they gave it to the lab")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the key; return 0, or 1 when the log files cannot be used, or 2 when the options contradict each other."""
    of_learner = (options.class_code is not None, options.name is not None)
    if of_learner in {(True, False), (False, True)} or (any(of_learner) and options.log_data):
        print("Name both --class-code and --name, or else a folder with --log-data.", file=sys.stderr)
        return 2
    try:
        own = _of_learner(options) if any(of_learner) else log_data.of(options)
        print(result_groups(own.batches()), end="", flush=True)
        if own.is_of_course or options.log_data:
            # The standard output has the key alone.
            print("\n".join(in_words(undetected_mistakes(own))), file=sys.stderr)
    except LabError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _of_learner(options: argparse.Namespace) -> Dataset:
    own = Identity(options.name.strip(), options.class_code.strip()).dataset
    # The teacher can compare the seed with its beginning on the page Start. The standard output has the key alone.
    print(f"Seed {own.seed}.", file=sys.stderr)
    return own


def result_groups(pairs: Sequence[Sequence[LogFile]]) -> str:
    """Return the four result groups of two deliveries as text: the volumes after each, then the SEV0 log after each."""
    parts = []
    for part, report in (
        ("Part 1, volume report", lambda batches: oracle.volume_report(chain(*batches)).items()),
        ("Part 2, SEV0 log", oracle.sev0_log),
    ):
        for count in range(1, len(pairs) + 1):
            names = ", ".join(file.name for file in pairs[count - 1])
            rows = report(pairs[:count])
            parts.append(f"{part}, after {names}\n" + "".join(f"{server} {shown(value)}\n" for server, value in rows))
    return "\n".join(parts)
