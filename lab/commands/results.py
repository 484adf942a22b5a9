"""`python -m lab results`: the answer key for a folder of log files."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from lab import dataset, oracle
from lab.errors import LabError
from lab.lesson.identity import Identity
from lab.records import LogFile, read_log_file, require_records


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "results",
        help="print the four results that the log files lead to",
        description="Prints the four results of the shipped log files, of those in a folder, or of a learner's own.",
    )
    parser.add_argument("--log-data", type=Path, metavar="FOLDER", help="a folder with the four log files")
    parser.add_argument("--class-code", metavar="CODE", help="with --name: for the log files of this learner")
    parser.add_argument("--name", help="the learner's name, as they gave it to the lab")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the key; 0, 1 when the files do not allow it, 2 when the options do not fit together."""
    of_learner = (options.class_code is not None, options.name is not None)
    if of_learner in {(True, False), (False, True)} or (any(of_learner) and options.log_data):
        print("Name both --class-code and --name, or else a folder with --log-data.", file=sys.stderr)
        return 2
    try:
        print(result_groups(_of_learner(options) if any(of_learner) else _of_folder(options)), end="")
    except LabError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{error.filename}: {error.strerror}. Name a folder with: {', '.join(dataset.FILES)}.", file=sys.stderr)
        return 1
    return 0


def _of_folder(options: argparse.Namespace) -> Sequence[Sequence[LogFile]]:
    folder = options.log_data or dataset.FOLDER
    return [
        [require_records(read_log_file(name, (folder / name).read_bytes())) for name in pair.files]
        for pair in dataset.PAIRS
    ]


def _of_learner(options: argparse.Namespace) -> Sequence[Sequence[LogFile]]:
    own = Identity(options.name.strip(), options.class_code.strip()).dataset
    # The page Start shows how the seed begins; what is printed to the other stream is the key alone.
    print(f"Seed {own.seed}.", file=sys.stderr)
    return own.batches()


def result_groups(pairs: Sequence[Sequence[LogFile]]) -> str:
    """The four result groups for two deliveries, as text: the volumes after each, then the SEV0 log after each."""
    parts = []
    for part, report in (
        ("Part 1, volume report", lambda batches: oracle.volume_report(file for files in batches for file in files)),
        ("Part 2, SEV0 log", oracle.sev0_log),
    ):
        for count in range(1, len(pairs) + 1):
            names = ", ".join(file.name for file in pairs[count - 1])
            rows = report(pairs[:count]).itertuples(index=False, name=None)
            parts.append(f"{part}, after {names}\n" + "".join(f"{server} {value:g}\n" for server, value in rows))
    return "\n".join(parts)
