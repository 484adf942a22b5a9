"""The Jupyter kernel in which the lab executes a learner's notebook: the cell reader performs the cells.

So a server that executes notebooks for a class is no remote shell. Only the lab's own set-up cells are really executed.
A cell that differs from them by one character counts as a learner's.

`execute.py` starts it as `python -m lab.handin.kernel -f CONNECTION_FILE`, in the working folder of the notebook.
"""

import io
import os
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from ipykernel.kernelapp import IPKernelApp
from ipykernel.kernelbase import Kernel

from lab import __version__
from lab.bucket.folder import FolderBucket
from lab.cells import CellError, CellOutput, Limits, run_cell
from lab.cells.shown import table_as_text
from lab.dataset import SHIPPED
from lab.engine.workspace import Workspace
from lab.handin.outline import FOLDER, GIVEN, SETUP_CELLS, digest, digests_of


class _Printed(io.TextIOBase):
    """A text stream that writes into the output of a cell."""

    def __init__(self, output: CellOutput) -> None:
        self._output = output

    def write(self, text: str) -> int:
        *lines, rest = text.split("\n")
        for line in lines:
            self._output.print(line)
        if rest:
            self._output.print(rest, end="")
        return len(text)


class LabKernel(Kernel):
    """A kernel that performs cells with the cell reader; a cell that fails has an error output, as in any kernel."""

    implementation = "spark-streaming-lab"
    implementation_version = __version__
    language_info = {"name": "python", "mimetype": "text/x-python", "file_extension": ".py"}  # noqa: RUF012
    banner = "Spark Streaming for log processing"

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        # The digests of the set-up cells come from the parent process; by default, those for the shipped log files.
        self._own = frozenset((os.environ.get(SETUP_CELLS) or digests_of(SHIPPED)).split(","))
        self._setup: dict[str, Any] = {"__name__": "__main__"}
        self._names: dict[str, Any] = {}
        # Used only to decide which addresses are inside the workspace.
        workspace = Workspace(FolderBucket(Path(FOLDER)))
        self._limits = Limits(workspace.owns)

    async def do_execute(self, code: str, silent: bool, *_: Any, **__: Any) -> dict[str, Any]:  # noqa: FBT001
        """Perform a cell and send its output; see ipykernel's `Kernel.do_execute`."""
        output = CellOutput()
        try:
            # Capture what the set-up cells and the lab's functions print.
            with redirect_stdout(_Printed(output)):
                if digest(code) in self._own:
                    exec(code, self._setup)  # noqa: S102 - a cell of the lab, letter for letter
                    # Learners' cells cannot reach the other names of the set-up.
                    self._names.update({name: self._setup[name] for name in GIVEN if name in self._setup})
                else:
                    run_cell(code, self._names, output, self._limits)
        except CellError as error:
            self._send(output)
            return self._failed(type(error.cause).__name__ if error.cause else "Refused", error.message, error.line)
        except Exception as error:
            self._send(output)
            return self._failed(type(error).__name__, str(error), 0)
        if not silent:
            self._send(output)
        return {"status": "ok", "execution_count": self.execution_count, "payload": [], "user_expressions": {}}

    def _send(self, output: CellOutput) -> None:
        if output.lines:
            self.send_response(self.iopub_socket, "stream", {"name": "stdout", "text": f"{output.text}\n"})
        if output.table is not None:
            data = {"text/plain": table_as_text(output.table), "text/html": output.table.to_html()}
            result = {"execution_count": self.execution_count, "data": data, "metadata": {}}
            self.send_response(self.iopub_socket, "execute_result", result)

    def _failed(self, name: str, message: str, line: int) -> dict[str, Any]:
        where = [f"in line {line} of the cell"] if line else []
        content = {"ename": name, "evalue": message, "traceback": [*where, f"{name}: {message}"]}
        self.send_response(self.iopub_socket, "error", content)
        return {"status": "error", "execution_count": self.execution_count, **content}


if __name__ == "__main__":
    IPKernelApp.launch_instance(kernel_class=LabKernel)
