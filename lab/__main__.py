"""The command line of the lab."""

import argparse
import sys
from collections.abc import Sequence

from lab import __version__

try:
    from lab.commands import check, class_data, doctor, grade, results, s3_setup
    from lab.commands.judging import COULD_NOT_RUN
    from lab.startup import hindrances
    from lab.system import speak_any_console
except ImportError as missing:
    # Packages are missing, or are installed for another Python: the doctor's first findings say which is the case.
    from lab.commands import installation

    sys.exit(installation.hindrance(missing))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command, and return the exit code."""
    speak_any_console()
    parser = argparse.ArgumentParser(prog="python -m lab", description="Spark Streaming for log processing, a lab.")
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True)
    for command in (check, doctor, results, grade, s3_setup, class_data):
        command.add(commands)
    options = parser.parse_args(arguments)
    # The doctor reports wrong settings itself, with its other findings.
    if options.run is not doctor.run and (wrong := hindrances()):
        print("\n".join(wrong), file=sys.stderr)
        return COULD_NOT_RUN
    code: int = options.run(options)
    return code


if __name__ == "__main__":
    sys.exit(main())
