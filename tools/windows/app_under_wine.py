"""A pytest plugin: the browser tests run on Linux, but Windows' Python serves the app under Wine."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import browsing
from wine import ENCODING, VARIABLE, Wine


class ServerUnderWine(browsing.Server):
    """The app under Wine; `LAB_WINE` names the work folder."""

    def launch(self, arguments: Sequence[str], variables: Mapping[str, str]) -> "subprocess.Popen[str]":
        self._wine = Wine(Path(os.environ[VARIABLE]))
        self._wine.open()
        return subprocess.Popen(
            self._wine.python(arguments),
            cwd=self._wine.checkout,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding=ENCODING,
            errors="replace",
            env=self._wine.environment(variables),
            # In a console of its own, which its children share.
            start_new_session=True,
        )

    def folders(self) -> list[Path]:
        return [*self._wine.temporary.glob("spark-streaming-lab-*"), *self._wine.cache.glob("runs/*")]

    def java(self) -> list[int]:
        return self._wine.processes("java")

    def press_ctrl_c(self) -> None:
        # In Windows, Ctrl+C reaches every process of the console, unless it has its own process group.
        os.killpg(self.process.pid, signal.SIGINT)

    def stop(self) -> None:
        try:
            super().stop()
        finally:
            self._wine.end()
            log = Path(os.environ[VARIABLE], "server.log")
            log.write_text("".join(self.said), encoding="utf-8")


browsing.Server = ServerUnderWine
