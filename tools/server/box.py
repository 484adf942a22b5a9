"""Buildah, with its store in a folder."""

import os
import subprocess
from pathlib import Path
from typing import Final

IMAGE: Final = "spark-streaming-lab"


class Buildah:
    """A wrapper of buildah; its output goes to a log."""

    def __init__(self, cache: Path, driver: str, work: Path) -> None:
        self.log = work / "buildah.log"
        temporary = cache / "tmp"
        temporary.mkdir(parents=True, exist_ok=True)
        # `runroot` records the mounts, so it must last only as long as the mount namespace.
        self._options = ["--root", cache / driver, "--runroot", work / f"run-{os.getpid()}", "--storage-driver", driver]
        # Cached wheels stay there.
        self._environment = {**os.environ, "TMPDIR": str(temporary), "BUILDAH_ISOLATION": "chroot"}

        # Remove containers of an earlier try that was killed.
        self("rm", "--all")

    def __call__(self, *arguments: object) -> str:
        """Run a buildah command; return its output. Raise RuntimeError with the end of the log if it failed."""
        command = ["buildah", *map(str, (*self._options, *arguments))]
        with self.log.open("a", encoding="utf-8") as errors:
            ended = subprocess.run(
                command, stdout=subprocess.PIPE, stderr=errors, text=True, env=self._environment, check=False
            )
            errors.write(ended.stdout)
        if ended.returncode:
            raise RuntimeError(f"buildah {arguments[0]} failed:\n{self.log.read_text(encoding='utf-8')[-3000:]}")
        return ended.stdout.strip()

    def start(self, log: Path, *arguments: object) -> subprocess.Popen[bytes]:
        """Start a buildah command whose processes cannot gain rights (`no-new-privs`)."""
        command = ["setpriv", "--no-new-privs", "buildah", *map(str, (*self._options, *arguments))]
        with log.open("ab") as output:
            return subprocess.Popen(command, stdout=output, stderr=output, env=self._environment)
