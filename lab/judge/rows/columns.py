"""Column names: which columns of a table have the servers and the values."""

import re
from collections.abc import Sequence
from typing import Final

from lab.judge.rows.row import Kind

_SERVERS: Final = ("serverid", "server", "servers", "servername", "c0")
_NAMED: Final = {
    "volume": ("avgvolume", "volume", "average", "avg"),
    "log": ("timestamp", "time", "ts", "t", "timestamps"),
}
_KNOWN: Final = re.compile(
    r"|".join(
        (*_SERVERS, *_NAMED["volume"], *_NAMED["log"], "c[0-9]", "severity", "sev[012]?", "count", "index", "value")
    )
)


def plain(name: str) -> str:
    """Return a column's name in lower case, with only letters and digits, for comparisons."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def is_known(name: str) -> bool:
    """Return whether a name is clearly a column's name, not a word of a sentence."""
    return bool(_KNOWN.fullmatch(plain(name))) or plain(name).endswith("volume")


def has_servers(names: Sequence[str]) -> bool:
    """Return whether one of the names is that of the column of servers."""
    return any(plain(name) in _SERVERS for name in names)


def places(names: Sequence[str], kind: Kind) -> tuple[int, int] | None:
    """Return the positions of the server and the value in a row; None if the names do not show them."""
    plains = [plain(name) for name in names]
    server = next((index for index, name in enumerate(plains) if name in _SERVERS), None)
    if server is None:
        return None
    named = [index for index, name in enumerate(plains) if name in _NAMED[kind]]
    if not named and kind == "volume":
        named = [index for index, name in enumerate(plains) if "volume" in name or name.startswith("avg")]
    if not named:
        # pandas writes its index as a column without a name.
        named = [index for index, name in enumerate(plains) if index != server and name not in {"", "index"}]
    return (server, named[0]) if len(named) == 1 else None
