"""`python -m lab class-data`: make the archive of Java's classes (CDS) now, instead of during the first lesson."""

import argparse
import sys
import time

from lab.engine.class_data import class_data, prepare_for_all
from lab.engine.java import find_java
from lab.errors import LabError
from lab.lesson.warm_up import lesson_engine

MEGABYTE = 1 << 20


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "class-data",
        help="make the archive of Java's classes now, with which Spark starts faster",
        description="Starts Spark once and makes the archive of the classes that it loads, which takes half a minute. "
        "The lab does the same by itself when it first runs. Exits with 0 if the archive is there, with 1 if not.",
    )
    parser.add_argument(
        "--for-all",
        action="store_true",
        help="put it into this Python's own folder, for all its users, as a container needs it; "
        "by default it is in your cache",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Make the archive, unless it is there; return the exit code."""
    begun = time.monotonic()
    engine = lesson_engine()
    try:
        if options.for_all:
            prepare_for_all()
        data = class_data(find_java())
        if not data.made:
            # The lab does not retry after a failure for a day; this command retries at once.
            data.failure_file.unlink(missing_ok=True)
            print("Spark starts, to see what it loads …", flush=True)
            engine.wait()
            print("Java makes the archive …", flush=True)
            engine.wait_for_class_data()
        if not data.made:
            said = f" {data.failure}" if data.failure else ""
            raise LabError(
                f"Java has not made {data.archive}.{said}", "Free 300 MB there, and see to it that you may write there."
            )
    except LabError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{error.filename}: {error.strerror}. Only whoever may write there can do it.", file=sys.stderr)
        return 1
    finally:
        engine.stop()
    size, seconds = data.size / MEGABYTE, time.monotonic() - begun
    print(f"{data.archive} ({size:.0f} MB, {seconds:.0f} s)")
    return 0
