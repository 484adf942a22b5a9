"""`python -m lab results`: the answer key for a folder of log files."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from lab import dataset, oracle
from lab.errors import LabError
from lab.records import LogFile, read_log_file, require_records


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    parser = commands.add_parser("results", help="print the four results that the log files lead to")
    parser.add_argument("--log-data", type=Path, default=dataset.FOLDER, help="a folder with the four log files")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the key; 0, or 1 when the files do not allow it."""
    try:
        pairs = [
            [require_records(read_log_file(name, (options.log_data / name).read_bytes())) for name in pair.files]
            for pair in dataset.PAIRS
        ]
    except LabError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{error.filename}: {error.strerror}. Name a folder with: {', '.join(dataset.FILES)}.", file=sys.stderr)
        return 1
    print(result_groups(pairs), end="")
    return 0


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
