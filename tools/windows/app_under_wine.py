"""A plugin of pytest: the tests in a browser, which runs on Linux, get the app as Windows' Python serves it under Wine."""

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
            # Of a console of its own: what it starts is in it, too.
            start_new_session=True,
        )

    def folders(self) -> list[Path]:
        return [*self._wine.temporary.glob("spark-streaming-lab-*"), *self._wine.cache.glob("runs/*")]

    def java(self) -> list[int]:
        return self._wine.processes("java")

    def press_ctrl_c(self) -> None:
        # In Windows, everything in the console gets it, but for what has a process group of its own.
        os.killpg(self.process.pid, signal.SIGINT)

    def stop(self) -> None:
        try:
            super().stop()
        finally:
            self._wine.end()
            log = Path(os.environ[VARIABLE], "server.log")
            log.write_text("".join(self.said), encoding="utf-8")


browsing.Server = ServerUnderWine
