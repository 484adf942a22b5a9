"""The Spark master: the lab's own JVM or a cluster, whether the cluster can be reached, and from which address."""

import ipaddress
import re
import socket
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from lab.errors import LabError
from lab.settings import HADOOP_CONF_DIR, SPARK_MASTER, YARN_CONF_DIR, Settings

LOCAL: Final = "local[*]"
REACH_SECONDS: Final = 3

_FORMS: Final = "It is spark://host:7077 for a standalone cluster, yarn, k8s://https://host:6443, or local[*]."
_ELSE: Final = f"Without {SPARK_MASTER}, the lab's own Spark does the work."


@dataclass(frozen=True)
class Master:
    """A Spark master by its URL; `addresses` are the hosts and ports at which it answers, if the URL contains them."""

    url: str
    addresses: tuple[tuple[str, int], ...] = ()

    @property
    def is_cluster(self) -> bool:
        """Whether processes other than the lab's JVM do the work."""
        return not self.url.startswith("local")

    @property
    def elsewhere(self) -> bool:
        """Whether the work may be done on other machines, which cannot read the folders of this one."""
        standalone_here = self.url.startswith("spark:") and all(is_loopback(host) for host, _ in self.addresses)
        return self.is_cluster and not standalone_here


def read_master(url: str) -> Master:
    """Read a master's URL; raise LabError that says what is wrong with it."""
    if not url or re.fullmatch(r"local(\[[\d*, ]+\])?", url):
        return Master(url or LOCAL)
    if url == "yarn":
        return Master(url)
    scheme, _, rest = url.partition("://")
    if scheme == "spark" and rest:
        return Master(url, tuple(_address(url, f"//{part}") for part in rest.split(",")))
    if scheme == "k8s" and rest:
        return Master(url, (_address(url, rest if "://" in rest else f"https://{rest}"),))
    raise LabError(f"{url!r} names no master that Spark knows.", f"{_FORMS} Correct {SPARK_MASTER}.")


def reach(master: Master, settings: Settings) -> str:
    """Return the address of this machine as the master sees it; empty if the URL does not say where the master is.

    Raise LabError when the master does not answer, or when nothing says where YARN is.
    """
    if master.url == "yarn" and not any(folder.is_dir() for folder in settings.of_yarn):
        raise LabError(
            "The master is yarn, but nothing says where that is.",
            f"Set {HADOOP_CONF_DIR} or {YARN_CONF_DIR} to the folder with the cluster's yarn-site.xml. {_ELSE}",
        )
    reasons = []
    for host, port in master.addresses:
        try:
            with socket.create_connection((host, port), REACH_SECONDS) as connection:
                own = str(connection.getsockname()[0])
                return f"[{own}]" if ":" in own else own
        except OSError as error:
            reasons.append(f"{host}:{port}: {(error.strerror or str(error) or type(error).__name__).lower()}")
    if reasons:
        raise LabError(
            f"The Spark master {master.url} cannot be reached ({'; '.join(reasons)}).",
            f"Start it, or correct {SPARK_MASTER}. {_ELSE}",
        )
    return ""


def is_loopback(host: str) -> bool:
    """Return whether a host is `localhost` or a loopback address."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _address(url: str, text: str) -> tuple[str, int]:
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    # URLs of Kubernetes' own tools leave out the port; the URL of a standalone master must have one.
    port = port or {"https": 443, "http": 80}.get(parts.scheme) if host else None
    if not host or not port:
        raise LabError(f"{url!r} does not say host and port of the master.", f"{_FORMS} Correct {SPARK_MASTER}.")
    return host, port
