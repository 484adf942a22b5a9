"""The execution of a notebook from the first cell to the last, in a fresh kernel with a Spark of its own."""

import asyncio
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, Literal

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError
from nbformat import NotebookNode

import lab
from lab.engine.class_data import class_data
from lab.engine.confinement import find_confinement
from lab.engine.java import Jvm, Launch, find_java, start_jvm
from lab.engine.settings import spark_settings
from lab.errors import LabError
from lab.system import IS_WINDOWS, delete_folder

Kernel = Literal["lab", "python3"]

SECONDS: Final = 300
CELL_SECONDS: Final = 180
_MODULES: Final[Mapping[Kernel, str]] = MappingProxyType({"lab": "lab.handin.kernel", "python3": "ipykernel_launcher"})
# On Windows, ZeroMQ does not work with the default event loop.
_LOOP: Final = asyncio.SelectorEventLoop if IS_WINDOWS else None
# The environment variables that Python and Java need. Others, such as credentials, must not reach the notebook.
_NEEDED: Final = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "SYSTEMROOT", "USERPROFILE", "APPDATA")
_JUPYTER: Final = ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "TMPDIR")


@dataclass(frozen=True)
class ExecutionProgress:
    """The progress of an execution: what it is doing, and how many of all cells are done."""

    words: str
    done: int = 0
    total: int = 0


class Cancelled(Exception):  # noqa: N818 - it is no error: somebody wanted it
    """The execution was cancelled."""


class Execution:
    """One execution of a notebook; `cancel` may be called from any thread."""

    def __init__(
        self,
        notebook: NotebookNode,
        folder: Path,
        kernel: Kernel = "lab",
        seconds: float = SECONDS,
        place: Callable[[int, int], str] = lambda number, total: f"cell {number} of {total}",
    ) -> None:
        """Prepare to execute a copy of a notebook, below an existing folder; `seconds` is the timeout for all cells.

        `place` returns the name of a code cell for error messages, from its number (from 1) and the number of all.
        """
        self._notebook = notebook
        self._below = folder
        self._kernel: Kernel = kernel
        self._seconds = seconds
        self._place = place
        self._cancelled = threading.Event()
        self._stop: Callable[[], object] = lambda: None

    def cancel(self) -> None:
        """Cancel the execution: `run` raises Cancelled."""
        self._cancelled.set()
        # The event loop may be closed already.
        with suppress(RuntimeError):
            self._stop()

    def run(
        self,
        say: Callable[[ExecutionProgress], None] = lambda _: None,
        variables: Mapping[str, str] = MappingProxyType({}),
    ) -> NotebookNode:
        """Return the notebook with its outputs. A cell that fails has an error output; the cells after it still run.

        `variables` are added to the environment of the kernel. Raises LabError on a timeout, or when the kernel or Java
        ends; Cancelled after `cancel`.
        """
        folder = Path(tempfile.mkdtemp(prefix="notebook-", dir=self._below))
        jvm: Jvm | None = None
        try:
            (folder / "work").mkdir()
            say(ExecutionProgress("Starting a Spark of its own"))
            java = find_java()
            data = class_data(java)
            # To confine the JVM of a real kernel would be useless: its Python can do whatever the code says.
            confinement = find_confinement(java.executable) if self._kernel == "lab" else None
            launch = Launch(first=data.first, flags=data.flags(), confinement=confinement, reading=(data.archive,))
            jvm = start_jvm(java, folder, spark_settings(folder), launch, self._cancelled.is_set)
            environment = _environment(folder) | _gateway(jvm) | dict(variables)
            with asyncio.Runner(loop_factory=_LOOP) as runner:
                return runner.run(self._execute(folder, environment, say))
        except LabError:
            if self._cancelled.is_set():
                raise Cancelled from None
            raise
        finally:
            if jvm:
                jvm.stop()
            delete_folder(folder)

    async def _execute(
        self, folder: Path, environment: Mapping[str, str], say: Callable[[ExecutionProgress], None]
    ) -> NotebookNode:
        notebook = deepcopy(self._notebook)
        total = sum(cell.cell_type == "code" for cell in notebook.cells)
        done = 0

        def begin(cell: NotebookNode, **_: Any) -> None:
            nonlocal done
            if cell.cell_type == "code":
                say(ExecutionProgress("Executing the cells", done, total))
                done += 1

        manager = AsyncKernelManager(
            kernel_name=self._kernel,
            kernel_spec_manager=_OurKernels(),
            connection_file=str(folder / "kernel.json"),
            transport_encryption="auto",
        )
        client = NotebookClient(
            notebook,
            km=manager,
            timeout=CELL_SECONDS,
            # The timeout of the whole must come first: on a slow machine, the first start takes longer than a minute.
            startup_timeout=int(self._seconds) + CELL_SECONDS,
            interrupt_on_timeout=False,
            allow_errors=True,
            record_timing=False,
            on_cell_execute=begin,
        )
        task = asyncio.current_task()
        loop = asyncio.get_running_loop()
        late = asyncio.Event()

        def end() -> None:
            if task:
                task.cancel()

        def end_late() -> None:
            late.set()
            end()

        self._stop = lambda: loop.call_soon_threadsafe(end)
        timer = loop.call_later(self._seconds, end_late)
        try:
            if self._cancelled.is_set():
                raise Cancelled
            executed: NotebookNode = await client.async_execute(
                cwd=str(folder / "work"),
                env=dict(environment),
                cleanup_kc=True,
                # A notebook shows only the outputs of its cells. What the process prints could pretend to be the lab's.
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        # nbclient takes a cancellation for a dead kernel, and raises RuntimeError for a kernel that dies at its start.
        except (asyncio.CancelledError, CellTimeoutError, RuntimeError) as error:
            if self._cancelled.is_set():
                raise Cancelled from None
            if late.is_set() or isinstance(error, CellTimeoutError):
                raise LabError(
                    f"The notebook was not done after {self._seconds:g} seconds; it was in {self._place(done, total)}.",
                    "Look at that cell: does it wait for something that never comes?",
                ) from error
            raise LabError("The process that executed the notebook has ended.", "Try it once more.") from error
        finally:
            timer.cancel()
            self._stop = lambda: None
            if await manager.is_alive():
                await manager.shutdown_kernel(now=True)
        return executed


class _OurKernels(KernelSpecManager):
    """The specs of the two kernels by name, independent of what Jupyter has installed."""

    def get_kernel_spec(self, kernel_name: Any) -> KernelSpec:
        # -P: the working folder is not on Python's path, so files written there cannot be imported as modules.
        argv = [sys.executable, "-P", "-m", _MODULES[kernel_name], "-f", "{connection_file}"]
        encrypted = {"supported_encryption": "curve"}
        return KernelSpec(argv=argv, display_name=kernel_name, language="python", metadata=encrypted)


def _environment(folder: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in _NEEDED if name in os.environ}
    ours = {name: str(folder / "jupyter") for name in _JUPYTER}
    (folder / "jupyter").mkdir()
    # The kernel must find this package, wherever the lab was started.
    return kept | ours | {"PYTHONPATH": str(Path(lab.__file__).parent.parent)}


def _gateway(jvm: Jvm) -> dict[str, str]:
    """Return the variables with which PySpark connects to a JVM that is running already (pyspark/java_gateway.py)."""
    return {
        "PYSPARK_GATEWAY_PORT": str(jvm.port),
        "PYSPARK_GATEWAY_SECRET": jvm.secret,
        "SPARK_CONNECT_MODE": "0",
        "SPARK_LOCAL_IP": "127.0.0.1",
    }
