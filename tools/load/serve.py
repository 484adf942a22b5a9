"""The app in a process that can be inspected from within: `python -m tools.load.serve DESCRIPTOR OPTION…`.

The descriptor is a socket of the process that drives the class. Each line on it is a command, answered by a line of
JSON. The options are those of `streamlit run streamlit_app.py`. When the other end closes, the server stops as with
Ctrl+C.
"""

import gc
import json
import os
import re
import signal
import socket
import sys
import threading
from collections import Counter
from pathlib import Path

from lab.course import classroom
from lab.engine import leftovers
from lab.ui.parts import parts

ROOT = Path(__file__).resolve().parent.parent.parent
# The reaper looks this often instead of once a minute; a command sets how long a seat is kept.
REAP_EVERY_SECONDS = 1.0
# It also removes Spark's leftovers sooner.
OLD_SECONDS = 5.0
_WATCHED = (
    "lab.",
    "streamlit.runtime.app_session",
    "streamlit.runtime.scriptrunner",
    "py4j.clientserver",
    "pyspark.sql",
)
_JVM_WATCHED = re.compile(r"(?:SparkSession|MicroBatchExecution|SessionState|StreamingQueryWrapper|QueryExecution)$")


class Inside:
    """What only the process itself can count. One thread asks, since each thread has its own connection to the JVM."""

    def __init__(self) -> None:
        classroom.REAP_EVERY_SECONDS = REAP_EVERY_SECONDS
        leftovers.OLD_SECONDS = OLD_SECONDS

    def answer(self, command: dict) -> dict:
        """Carry out a command."""
        if "grace" in command:
            classroom.GRACE_SECONDS = command["grace"]
        if command.get("look"):
            return self._look()
        return {"seats": len(self._seats())}

    def _seats(self) -> list:
        with parts().classroom._lock:
            return [seat.learner for seat in parts().classroom._seats.values()]

    def _look(self) -> dict:
        root = parts().classroom.engine.root
        gc.collect()
        seats = self._seats()
        return {
            "seats": len(seats),
            "queries": sum(len(learner.workspace.active) for learner in seats),
            "python threads": Counter(_nameless(thread.name) for thread in threading.enumerate()),
            "python objects": _objects(),
            "python blocks": sys.getallocatedblocks(),
            **self._look_into_jvm(root._jvm, root._sc._gateway),
        }

    def _look_into_jvm(self, jvm, gateway) -> dict:
        management = jvm.java.lang.management.ManagementFactory
        # Twice: the second collection frees what the first one finalized.
        jvm.System.gc()
        jvm.System.gc()
        threads = management.getThreadMXBean()
        names = [info.getThreadName() for info in threads.dumpAllThreads(False, False) if info]  # noqa: FBT003
        text = _histogram(jvm, gateway)
        rows = [line.split() for line in text.splitlines()]
        counts = {row[3]: (int(row[1]), int(row[2])) for row in rows if len(row) >= 4 and row[1].isdigit()}
        return {
            "jvm heap": management.getMemoryMXBean().getHeapMemoryUsage().getUsed(),
            "jvm threads": Counter(map(_nameless, names)),
            "jvm objects": {name: count for name, (count, _) in counts.items() if _JVM_WATCHED.search(name)},
            "jvm bytes": {name: size for name, (_, size) in counts.items() if size > 20_000},
        }


def _histogram(jvm, gateway) -> str:
    """Return how many objects of each class there are, like `jcmd GC.class_histogram`, but without jcmd."""

    def array(kind, *items):
        made = gateway.new_array(kind, len(items))
        for position, item in enumerate(items):
            made[position] = item
        return made

    # By reflection, since the server's own class is not accessible, but its interface is.
    known = jvm.java.lang.Class.forName
    texts = array(jvm.String)
    kinds = ("javax.management.ObjectName", "java.lang.String", "[Ljava.lang.Object;", "[Ljava.lang.String;")
    invoke = known("javax.management.MBeanServer").getMethod("invoke", array(jvm.Class, *map(known, kinds)))
    bean = jvm.javax.management.ObjectName("com.sun.management:type=DiagnosticCommand")
    server = jvm.java.lang.management.ManagementFactory.getPlatformMBeanServer()
    signature = array(jvm.String, "[Ljava.lang.String;")
    arguments = array(jvm.Object, bean, "gcClassHistogram", array(jvm.Object, texts), signature)
    return invoke.invoke(server, arguments)


def _nameless(name: str) -> str:
    """Return a thread's name without the part that differs among threads of its kind."""
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|0x[0-9a-f]+|\d+", "#", name)[:60]


def _objects() -> dict[str, int]:
    found = Counter(
        f"{type(one).__module__}.{type(one).__qualname__}"
        for one in gc.get_objects()
        if str(type(one).__module__).startswith(_WATCHED)
    )
    return dict(found)


def listen(channel: socket.socket, inside: Inside) -> None:
    """Answer commands until the other end closes; then stop the server."""
    with channel, channel.makefile("r") as commands:
        for line in commands:
            try:
                answer = inside.answer(json.loads(line))
            except Exception as error:  # every error is reported to the other end
                answer = {"error": f"{type(error).__name__}: {error}"}
            channel.sendall((json.dumps(answer) + "\n").encode())
    os.kill(os.getpid(), signal.SIGINT)


def main(descriptor: int, options: list[str]) -> None:
    """Serve until the process is told to stop."""
    from streamlit.web import cli  # noqa: PLC0415

    inside = Inside()
    channel = socket.socket(fileno=descriptor)
    threading.Thread(target=listen, args=[channel, inside], name="load-test", daemon=True).start()
    sys.argv = ["streamlit", "run", str(ROOT / "streamlit_app.py"), *options]
    cli.main()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
