"""The option `--log-data` of the commands: which log files they use."""

import argparse

from lab.bucket.log_data import log_data, read_log_data
from lab.dataset import Dataset
from lab.settings import LOG_DATA


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the option."""
    parser.add_argument(
        "--log-data",
        default="",
        metavar="FOLDER",
        help=f"the course's own four log files, in a folder or below s3://…; what {LOG_DATA} names if it is left out",
    )


def of(options: argparse.Namespace) -> Dataset:
    """Return the log files that the option names; without it, the course's own, else the shipped ones.

    Raises LabError when files of the course cannot be used.
    """
    return read_log_data(options.log_data) if options.log_data else log_data()
