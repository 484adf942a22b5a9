"""Requests to the ASGI app, without a server."""

import asyncio


def ask(app, kind="http", method="GET", scheme="http", path="/stream", query="", **headers):
    """Return the messages that the app sends for a request."""
    sent, incoming = [], [{"type": "websocket.connect"}] if kind == "websocket" else [{"type": "http.request"}]

    async def receive():
        if incoming:
            return incoming.pop(0)
        if kind == "websocket":
            return {"type": "websocket.disconnect"}
        # A browser keeps the connection open while it waits for its answer.
        return await asyncio.Future()

    async def send(message):
        sent.append(message)

    headers = {"host": "lab.example.org"} | {name.replace("_", "-"): value for name, value in headers.items()}
    scope = {
        "type": kind,
        "path": path,
        "query_string": query.encode(),
        "scheme": scheme,
        "root_path": "",
        "subprotocols": [],
    }
    scope |= {"headers": [(name.encode(), value.encode()) for name, value in headers.items()], "server": ("x", 80)}
    asyncio.run(app(scope | ({"method": method} if kind == "http" else {}), receive, send))
    return sent


def header(sent, name):
    """Return the values of a header of the answer."""
    return [value.decode() for key, value in sent[0]["headers"] if key.decode().lower() == name]


def cookies(sent):
    return header(sent, "set-cookie")


def body(sent):
    return b"".join(each.get("body", b"") for each in sent[1:]).decode()
