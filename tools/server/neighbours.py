"""The services beside the lab: Debian's PostgreSQL and Caddy, with the settings of compose.yaml."""

import fcntl
import os
import shutil
import socket
import ssl
import struct
import subprocess
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from tools.server.composed import ROOT

PROGRAMS: Final = max(Path("/usr/lib/postgresql").glob("*/bin"), default=Path("/nowhere"))
# From Linux's netdevice(7): SIOCSIFFLAGS; IFF_UP and IFF_RUNNING.
_SET_FLAGS: Final = 0x8914
_UP: Final = 0x41


def make_network(work: Path, names: tuple[str, ...]) -> None:
    """Set up the network of this namespace: only loopback, with the host names that compose gives to services."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as connection:
        fcntl.ioctl(connection, _SET_FLAGS, struct.pack("16sh", b"lo", _UP))
    hosts = work / "hosts"
    hosts.write_text(f"127.0.0.1 localhost {' '.join(names)} {socket.gethostname()}\n", encoding="ascii")
    subprocess.run(["mount", "--bind", hosts, "/etc/hosts"], check=True)


def wait_for(happened: Callable[[], object], seconds: float, what: str) -> float:
    """Wait until something has happened; return the seconds. Raise RuntimeError when it has not happened in time."""
    begun = time.monotonic()
    while not happened():
        if time.monotonic() - begun > seconds:
            raise RuntimeError(f"{what}: not within {seconds:.0f} seconds")
        time.sleep(0.1)
    return time.monotonic() - begun


class Database:
    """PostgreSQL with the generated password; the lab reaches it over the network alone, as with compose."""

    def __init__(self, work: Path, secret: Path) -> None:
        self._folder = work / "database"
        self._folder.mkdir()
        shutil.chown(self._folder, "postgres")
        password = self._folder / "password"
        shutil.copy(secret / "password", password)
        shutil.chown(password, "postgres")
        # PostgreSQL refuses to run as root.
        self._run = partial(
            subprocess.run,
            check=True,
            cwd=self._folder,
            user="postgres",
            group="postgres",
            extra_groups=[],
            stdout=subprocess.PIPE,
            text=True,
        )
        data = self._folder / "data"
        methods = ["--auth-host=scram-sha-256", "--auth-local=trust", f"--pwfile={password}"]
        self._run([PROGRAMS / "initdb", "-D", data, "-U", "lab", "-E", "UTF8", "--no-sync", *methods])
        options = f"-c listen_addresses=127.0.0.1 -c unix_socket_directories={self._folder} -c fsync=off"
        self._run([PROGRAMS / "pg_ctl", "-D", data, "-w", "-l", self._folder / "log", "-o", options, "start"])
        self._tool("createdb", "lab")

    def ask(self, query: str) -> str:
        """Return what psql prints for a query."""
        return str(self._tool("psql", "--tuples-only", "--no-align", "--command", query, "lab").strip())

    def back_up(self) -> Path:
        """Back the database up as docs/deployment.md says; return the file."""
        path = self._folder / "lab.sql"
        path.write_text(self._tool("pg_dump", "--clean", "--if-exists", "lab"), encoding="utf-8")
        return path

    def restore(self, path: Path) -> None:
        """Restore a back-up as docs/deployment.md says."""
        self._tool("psql", "--quiet", "--set=ON_ERROR_STOP=1", "--file", path, "lab")

    def _tool(self, program: str, *arguments: object) -> str:
        return str(
            self._run([PROGRAMS / program, "--host", self._folder, "--username", "lab", *map(str, arguments)]).stdout
        )


class Proxy:
    """Caddy with the Caddyfile of compose.yaml."""

    def __init__(self, work: Path, variables: Mapping[str, str]) -> None:
        self._folder = work / "proxy"
        self._folder.mkdir()
        places = {name: str(self._folder) for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")}
        with (work / "proxy.log").open("wb") as output:
            subprocess.Popen(
                ["caddy", "run", "--config", ROOT / "tools/server/Caddyfile", "--adapter", "caddyfile"],
                stdout=output,
                stderr=output,
                env={**os.environ, **variables, **places},
            )
        self._root = self._folder / "caddy/pki/authorities/local/root.crt"
        wait_for(self._answers, 30, "the proxy answers with a certificate of its own")

    def _answers(self) -> bool:
        """Return whether Caddy answers over TLS with a certificate for this name that its own root has signed."""
        try:
            trust = ssl.create_default_context(cafile=str(self._root))
            with socket.create_connection(("127.0.0.1", 443), 2) as plain:
                trust.wrap_socket(plain, server_hostname="localhost").close()
            return True
        except OSError:
            return False
