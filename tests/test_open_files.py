"""A low limit of open files: the lab asks for a higher one, and says so in a sentence if that is refused."""

import logging
import os
import socket
import subprocess
import sys
import textwrap
import time

from clocks import Clock

from lab.system import FEW_FILES, MANY_FILES, open_files
from lab.ui.sockets import SAY_SECONDS, TooManyConnectionsHandler


def with_files(few, most, program):
    """Run a program with a soft limit of `few` open files, and a hard limit of `most`."""
    begin = f"import resource; resource.setrlimit(resource.RLIMIT_NOFILE, ({few}, {most}))\n"
    return subprocess.Popen(
        [sys.executable, "-c", begin + textwrap.dedent(program)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_many_files_can_be_open():
    assert open_files() >= FEW_FILES


REQUIRE = """
    from lab.errors import LabError
    from lab.system import open_files, require_files
    print(open_files())
    try:
        require_files()
    except LabError as error:
        print(error)
"""

if os.name != "nt":  # Windows has no such limit

    def test_what_the_system_allows_is_asked_for():
        printed, _ = with_files(256, 4096, REQUIRE).communicate(timeout=60)
        assert printed == "4096\n"
        assert MANY_FILES > 4096

    def test_too_few_files_are_named_with_what_to_do():
        printed, _ = with_files(256, 256, REQUIRE).communicate(timeout=60)
        assert printed.startswith("256\nThis process, and the Java that it starts, may have 256 files open at a time")
        assert "`ulimit -n 4096`" in printed
        assert "reinstall" not in printed

    CROWDED = """
        import asyncio, sys
        from lab.ui.sockets import TooManyConnectionsHandler

        async def serve():
            asyncio.get_running_loop().set_exception_handler(TooManyConnectionsHandler())
            server = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0, backlog=2048)
            print(server.sockets[0].getsockname()[1], flush=True)
            await asyncio.sleep(60)

        asyncio.run(serve())
    """

    def test_idle_connections_do_not_fill_the_disk_with_what_is_said_of_them():
        process = with_files(64, 64, CROWDED)
        port = int(process.stdout.readline())
        idle = [socket.create_connection(("127.0.0.1", port)) for _ in range(100)]
        time.sleep(3)
        process.kill()
        _, said = process.communicate()
        for connection in idle:
            connection.close()
        assert said.count("No more connections can be opened") == 1
        assert "may have 64 files and connections open at a time" in said
        assert len(said) < 1000


def test_it_is_said_once_a_minute_and_anything_else_as_before(caplog):
    clock, said = Clock(), []

    class Loop:
        def default_exception_handler(self, context):
            said.append(context)

    handler = TooManyConnectionsHandler(clock)
    with caplog.at_level(logging.ERROR):
        for _ in range(5):
            handler(Loop(), {"message": "socket.accept() out of system resource"})
        assert len(caplog.records) == 1
        clock.now += SAY_SECONDS
        handler(Loop(), {"message": "socket.accept() out of system resource"})
    assert len(caplog.records) == 2
    handler(Loop(), {"message": "something else"})
    assert said == [{"message": "something else"}]
