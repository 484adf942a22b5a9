"""Prove the lab on Windows' own Python and Java, under Wine: `python tools/windows/run.py`; see README.md beside it."""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import packages
import platformdirs
from wine import PATIENCE, VARIABLE, TookTooLongError, Wine, last_lines, run

ROOT: Final = Path(__file__).resolve().parent.parent.parent
DEBIAN: Final = {
    "wine": "wine wine64",
    "x86_64-w64-mingw32-gcc": "gcc-mingw-w64-x86-64",
    "chromium": "chromium",
}
CACHE: Final = Path(platformdirs.user_cache_dir("spark-streaming-lab-tools"))
# Tests of files, processes, names and numbers, without Spark. Under Wine, Java does not finish a class archive.
WITHOUT_SPARK: Final = (
    "records oracle formulas variants identity observe results numbers turns submission notebook bucket "
    "bucket_folder bucket_delivery store charts java jars system settings local_files retrospective "
    "retrospective_form"
)
# These include what `python -m lab check` reports of the eight solutions.
WITH_SPARK: Final = "commands history listener learner leftovers delivery"
JOURNEY: Final = "tests/test_browser_hand_in.py::test_from_the_finished_lab_to_the_two_files"
_INTERRUPTED: Final = 130
# The factor by which Spark and a page may be slower than on Linux.
_UNDER_WINE: Final = 3


class FailedError(Exception):
    """A step of the proof failed; the message says why."""


@dataclass(frozen=True)
class Outcome:
    """The outcome of a step."""

    name: str
    result: str
    seconds: float


class Proof:
    """The steps of the proof, one after another, in a work folder."""

    def __init__(self, options: argparse.Namespace, work: Path) -> None:
        self.options = options
        self.work = work
        self.wine = Wine(work)
        self.outcomes: list[Outcome] = []

    @property
    def passed(self) -> bool:
        """Whether every step has passed."""
        return all(outcome.result == "passed" for outcome in self.outcomes)

    def step(self, name: str, seconds: float, action: Callable[[float, Path], None]) -> bool:
        """Do one step; `action` gets its time limit in seconds and its log file. Return whether it passed."""
        log = self.work / f"{len(self.outcomes) + 1:02}-{name.replace(' ', '-').replace('/', '-')}.log"
        limit = seconds * self.options.patience
        log.unlink(missing_ok=True)
        print(f"{name} …", flush=True)
        begin = time.monotonic()
        try:
            action(limit, log)
            result = "passed"
        except TookTooLongError:
            result = f"not done in {limit:.0f} s"
        except (FailedError, OSError, subprocess.SubprocessError) as error:
            result = f"FAILED: {error}"
        spent = time.monotonic() - begin
        self.outcomes.append(Outcome(name, result, spent))
        print(f"{name}: {result}, {spent:.0f} s", flush=True)
        if result != "passed" and log.exists():
            print(last_lines(log), flush=True)
        return result == "passed"

    def run(self) -> None:
        """Set up a Windows, then run the proofs; if the set-up fails, run none."""
        ready = self.step("Debian packages", 900, self._debian)
        if not self.wine.home.exists():
            ready = (
                ready
                and self.step("Windows packages", 1800, self._fetch)
                and self.step("a new Windows", 300, lambda limit, _: self.wine.make(limit))
                and self.step("Python in it", 600, self._install)
            )
        if ready and self.step("a clone in it", 60, self._clone):
            for name, seconds, action in self._proofs():
                if not self.options.only or any(word in name for word in self.options.only):
                    self.step(name, seconds, action)

    def _proofs(self) -> list[tuple[str, float, Callable[[float, Path], None]]]:
        return [
            ("doctor", 400, lambda limit, log: self._lab(limit, log, "-m", "lab", "doctor")),
            ("results", 120, lambda limit, log: self._lab(limit, log, "-m", "lab", "results")),
            ("tests without Spark", 1500, lambda limit, log: self._tests(limit, log, WITHOUT_SPARK)),
            ("tests with Spark, eight solutions", 1500, lambda limit, log: self._tests(limit, log, WITH_SPARK)),
            ("the whole lab in a browser", 900, self._journey),
            ("grade", 400, self._grade),
        ]

    def table(self) -> str:
        """Return a table of the steps, their times and results."""
        width = max(len(outcome.name) for outcome in self.outcomes)
        return "\n".join(
            f"{outcome.name:{width}}  {outcome.seconds:6.0f} s  {outcome.result}" for outcome in self.outcomes
        )

    def _debian(self, limit: float, log: Path) -> None:
        missing = [names for program, names in DEBIAN.items() if shutil.which(program) is None]
        if not missing:
            return
        install = ["apt-get", "install", "--yes", "--no-install-recommends", *" ".join(missing).split()]
        as_root = [] if os.geteuid() == 0 else ["sudo"]
        for command in (["apt-get", "update"], install):
            code = run(
                [*as_root, *command], limit, log=log, environment={**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
            )
            if code:
                raise FailedError(f"{' '.join(command)} ended with {code}")

    def _fetch(self, _: float, __: Path) -> None:
        self.fetched = packages.fetch(self.options.requirements, self.options.python, self.options.cache)

    def _install(self, limit: float, log: Path) -> None:
        number = packages.install(self.fetched, self.options.requirements, self.options.python, self.wine.home)
        added = self.wine.add_what_wine_lacks()
        self.wine.checkout.mkdir()
        code = self.wine.run(["-c", "import sys, numpy, pandas, pyarrow, typst; print(sys.version)"], limit, log)
        if code:
            raise FailedError(f"Python cannot import its packages (exit code {code})")
        self.wine.checkout.rmdir()
        print(f"  {last_lines(log).strip()}\n  {number} packages; Wine lacked: {', '.join(added) or 'nothing'}")

    def _clone(self, limit: float, log: Path) -> None:
        shutil.rmtree(self.wine.checkout, ignore_errors=True)
        # This is git's default on Windows.
        command = ["git", "clone", "--config", "core.autocrlf=true", str(ROOT), str(self.wine.checkout)]
        if code := run(command, limit, log=log):
            raise FailedError(f"git ended with {code}")
        # Uncommitted changes are included, so that one can search for a cause.
        changed = subprocess.run(["git", "diff", "--binary", "HEAD"], cwd=ROOT, capture_output=True, check=True).stdout
        if changed:
            subprocess.run(["git", "apply"], cwd=self.wine.checkout, input=changed, check=True)
        # Spark's S3 client, if this machine has it: it is the same on each system.
        kept = Path(platformdirs.user_cache_dir("spark-streaming-lab"))
        for folder in kept.glob("s3-client-*"):
            shutil.copytree(folder, self.wine.cache / folder.name, dirs_exist_ok=True)

    def _lab(self, limit: float, log: Path, *arguments: str) -> None:
        before = self._run_folders()
        if code := self.wine.run(arguments, limit, log):
            raise FailedError(f"exit code {code}")
        if left := self._run_folders() - before:
            raise FailedError(f"left behind: {', '.join(left)}")

    def _run_folders(self) -> set[str]:
        found = (*self.wine.temporary.glob("spark-streaming-lab-*"), *self.wine.cache.glob("runs/*"))
        return {folder.name for folder in found}

    def _tests(self, limit: float, log: Path, names: str) -> None:
        files = [f"tests/test_{name}.py" for name in names.split()]
        there = [file for file in files if (self.wine.checkout / file).exists()]
        self._lab(
            limit, log, "-m", "pytest", "-m", "", "-n", "0", "-p", "no:cacheprovider", "--durations", "10", *there
        )

    def _journey(self, limit: float, log: Path) -> None:
        here = os.pathsep.join((str(ROOT), str(ROOT / "tests"), str(Path(__file__).parent)))
        plugin = ["-p", "app_under_wine", "-n", "0", "-p", "no:cacheprovider"]
        command = [sys.executable, "-m", "pytest", *plugin, "--basetemp", str(self.work / "browser"), JOURNEY]
        environment = {
            **os.environ,
            "PYTHONPATH": here,
            VARIABLE: str(self.work),
        }
        try:
            code = run(command, limit, environment=environment, folder=ROOT, log=log)
        finally:
            self.wine.end()
        if code:
            raise FailedError(f"exit code {code}")

    def _grade(self, limit: float, log: Path) -> None:
        """Grade the downloaded notebook, on Windows, too."""
        notebook = next((self.work / "browser").rglob("lab8-*.ipynb"), None)
        if notebook is None:
            raise FailedError("the browser was given no notebook")
        shutil.copy(notebook, self.wine.checkout)
        self._lab(limit, log, "-m", "lab", "grade", notebook.name, "--out", "grades.csv")
        said = (self.wine.checkout / "grades.csv").read_text(encoding="utf-8-sig")
        if ",100," not in said:
            raise FailedError(f"the notebook did not get 100 points: {said}")


def main() -> int:
    """Run the proof; return 0 only if everything passed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", default="3.13", help="which Python for Windows; default: %(default)s")
    parser.add_argument(
        "--requirements",
        type=Path,
        nargs="+",
        default=[ROOT / "tests" / "requirements.txt"],
        help="what is installed there; default: what the tests need",
    )
    parser.add_argument("--cache", type=Path, default=CACHE, help="keeps what was downloaded; default: %(default)s")
    parser.add_argument(
        "--work", type=Path, help="a folder for all else (3 GB), which stays; if a Windows is in it, that is used again"
    )
    parser.add_argument("--only", nargs="+", default=(), metavar="WORD", help="only what has one of these in its name")
    parser.add_argument("--patience", type=float, default=1.0, metavar="FACTOR", help="makes the limits of time longer")
    options = parser.parse_args()
    if options.work:
        options.work.mkdir(parents=True, exist_ok=True)
    os.environ[PATIENCE] = str(_UNDER_WINE * options.patience)
    work = (options.work or Path(tempfile.mkdtemp(prefix="lab-on-wine-"))).resolve()
    proof = Proof(options, work)
    # Exit on SIGTERM, so that the processes it started end, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(_INTERRUPTED))
    begin = time.monotonic()
    try:
        proof.run()
    except KeyboardInterrupt:
        return _INTERRUPTED
    finally:
        proof.wine.end()
        if proof.outcomes:
            print(f"\n{proof.table()}\n\n{time.monotonic() - begin:.0f} s in all; Wine: {_version()}")
        if not options.work:
            shutil.rmtree(work, ignore_errors=True)
    return 0 if proof.passed else 1


def _version() -> str:
    if shutil.which("wine") is None:
        return "none"
    said = subprocess.run(["wine", "--version"], capture_output=True, text=True, check=False).stdout
    return said.strip().splitlines()[-1] if said.strip() else "unknown"


if __name__ == "__main__":
    sys.exit(main())
