"""A proxy in front of a server that can be made to fail, as networks and servers do, and to work again."""

import asyncio
import contextlib
import re
import socket
import struct
import threading
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Self

CHUNK = 65_536
# The value of SO_LINGER that closes a connection at once, with a reset.
RESET = struct.pack("ii", 1, 0)

SLOW_DOWN = b"<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class OutageProxy:
    """Passes on what comes to `url`, until one of its methods makes it fail; `pass_on` makes it work again.

    When a method returns, its change is complete: what is sent from then on meets the new state. Each method closes the
    open connections, except `hang`, which leaves them open and silent. A connection that failed never continues later,
    so a lost request stays lost. `connections` counts the accepted connections. Use it as a context manager, or call
    `stop`. One thread does everything, however many connections there are.
    """

    def __init__(self, host: str, port: int) -> None:
        self.connections = 0
        self._target = host, port
        self._handler: Handler = self._passed_on
        self._open: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._silent = False
        self._server: asyncio.Server | None = None
        self._port = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="outage-proxy")
        self._thread.start()
        self.pass_on()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The proxy's address, which stays the same."""
        return f"http://127.0.0.1:{self._port}"

    def pass_on(self) -> None:
        """Pass on everything again."""
        refused = self._server is None
        self._switch(self._passed_on)
        # On some systems, the first connections to a port that was just opened again time out.
        while refused and not self._answers():
            pass

    def refuse(self) -> None:
        """Refuse connections: nobody listens at the port."""
        self._switch(None)

    def hang(self) -> None:
        """Accept connections, and never answer."""
        self._switch(_silently, keep=True)

    def answer(self, status: int, body: bytes, headers: Mapping[str, str] = MappingProxyType({})) -> None:
        """Answer each request with this status, body and headers."""

        async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await _answered(reader, writer, status, body, headers)

        self._switch(handler)

    def reset(self, after: int = 0) -> None:
        """Reset each connection after the server has sent so many bytes on it."""

        async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await self._passed_on(reader, writer, after)

        self._switch(handler)

    def stop(self) -> None:
        """Close everything, and wait until the thread has ended."""
        if self._thread.is_alive():
            self._switch(None)
            asyncio.run_coroutine_threadsafe(self._closed(), self._loop).result()
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()

    def _answers(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self._port), timeout=0.5).close()
        except OSError:
            return False
        return True

    def _switch(self, handler: Handler | None, *, keep: bool = False) -> None:
        asyncio.run_coroutine_threadsafe(self._switched(handler, keep=keep), self._loop).result()

    async def _switched(self, handler: Handler | None, *, keep: bool) -> None:
        self._silent = keep
        self._handler = handler or _refused
        if handler is None and self._server:
            # A client that is just being accepted still finds an open server. Otherwise a socket would be left over,
            # and Python complains when it collects one (since 3.13 with an error).
            for listening in self._server.sockets:
                self._loop.remove_reader(listening)
            await asyncio.sleep(0)
            self._server.close()
            self._server = None
        elif handler and self._server is None:
            self._server = await asyncio.start_server(
                self._accepted, "127.0.0.1", self._port, reuse_address=True, backlog=256
            )
            self._port = self._server.sockets[0].getsockname()[1]
        if not keep:
            tasks = [*self._open]
            for task, writer in [*self._open.items()]:
                _break_off(writer)
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _closed(self) -> None:
        """Wait for the connections that were accepted at the last moment, until they are refused."""
        while tasks := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(tasks)
        # A transport closes its socket in the next iteration of the event loop.
        await asyncio.sleep(0)

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task
        self._open[task] = writer
        try:
            # Either side may disconnect at any time.
            with contextlib.suppress(OSError, EOFError, asyncio.CancelledError, asyncio.LimitOverrunError):
                await self._handler(reader, writer)
        finally:
            del self._open[task]
            _break_off(writer)

    async def _passed_on(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, limit: int | None = None
    ) -> None:
        there_reader, there_writer = await asyncio.open_connection(*self._target)
        try:
            pumps = [
                asyncio.ensure_future(self._pump(reader, there_writer, None)),
                asyncio.ensure_future(self._pump(there_reader, writer, limit)),
            ]
            try:
                await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
                # The other direction may still carry the end of an answer, except after a reset.
                if limit is None and pumps[1].done():
                    writer.close()
                    await writer.wait_closed()
            finally:
                for pump in pumps:
                    pump.cancel()
                await asyncio.gather(*pumps, return_exceptions=True)
        finally:
            _break_off(there_writer)

    async def _pump(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, limit: int | None) -> None:
        """Carry bytes until one side ends, or the limit is reached; drop them while the proxy hangs."""
        passed = 0
        lost = False
        while data := await source.read(CHUNK):
            lost = lost or self._silent
            if lost:
                continue
            if limit is not None and passed + len(data) > limit:
                target.write(data[: limit - passed])
                await target.drain()
                return
            passed += len(data)
            target.write(data)
            await target.drain()
        if lost:
            await asyncio.Event().wait()


async def _refused(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Refuse a client that connected just before the port was closed."""


async def _silently(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while await reader.read(CHUNK):
        pass


async def _answered(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    status: int,
    body: bytes,
    headers: Mapping[str, str],
) -> None:
    """Send one answer; for another request, the client opens another connection."""
    head = await reader.readuntil(b"\r\n\r\n")
    # A client that expects "100 Continue" gets the answer before it sends the body.
    length = re.search(rb"(?im)^content-length:\s*(\d+)", head)
    if length and not re.search(rb"(?im)^expect:", head):
        await reader.readexactly(int(length[1]))
    said = {"Content-Type": "application/xml", "Content-Length": len(body), "Connection": "close", **headers}
    lines = [f"HTTP/1.1 {status} Outage", *(f"{name}: {value}" for name, value in said.items())]
    writer.write("\r\n".join([*lines, "", ""]).encode())
    if not head.startswith(b"HEAD "):
        writer.write(body)
    await writer.drain()
    writer.write_eof()
    # Wait until the client closes, too: closing with unread data would be a reset.
    await _silently(reader, writer)


def _break_off(writer: asyncio.StreamWriter) -> None:
    """Close without an answer; send a reset if the client is still there."""
    if writer.transport.is_closing():
        return
    with contextlib.suppress(OSError):
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    writer.transport.abort()
