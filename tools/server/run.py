"""The second half: run the container, do the lab in a browser, and check what must hold of both."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from playwright.sync_api import expect, sync_playwright

from tools.bench.browser import BROWSERS, FLAGS
from tools.server import composed
from tools.server.box import IMAGE, Buildah
from tools.server.lap import Address, do_lap, return_after_restart
from tools.server.neighbours import Database, Proxy, make_network, wait_for
from tools.server.processes import Process, java, lab
from tools.server.table import Table, say

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

USER: Final = 1000
DOMAIN: Final = {"LAB_DOMAIN": "localhost"}
# Docker waits this long between SIGTERM and SIGKILL.
GRACE_SECONDS: Final = 40


class Box:
    """A container of the image, on a read-only root."""

    def __init__(self, buildah: Buildah, work: Path) -> None:
        self._buildah = buildah
        self._work = work
        self.container = buildah("from", "--pull=never", IMAGE)
        self.root = Path(buildah("mount", self.container))
        self.configuration = json.loads(buildah("inspect", self.container))["Docker"]["config"]
        # Compose's volumes, which belong to the user from the start, and compose's /tmp.
        self.volumes = {name: work / name for name in ("lab", "secret", "tmp")}
        for folder in self.volumes.values():
            folder.mkdir(mode=0o700)
            os.chown(folder, USER, USER)
        # buildah mounts these files, and cannot create them on a read-only root.
        (self.root / "run/.containerenv").touch()
        (self.root / "password.py").touch()
        subprocess.run(["mount", "--bind", self.root, self.root], check=True)
        subprocess.run(["mount", "-o", "remount,bind,ro", self.root], check=True)

    def remove(self) -> None:
        """Delete the container; what still runs in it ends with the namespace."""
        subprocess.run(["umount", "--lazy", self.root], check=True)
        self._buildah("rm", self.container)

    def start(self, service: str, log: Path, command: list[str]) -> subprocess.Popen[bytes]:
        """Start a command as compose does for a service, but without an init process."""
        places = {
            self.volumes.get(name, composed.ROOT / name): place for name, place in composed.volumes(service).items()
        }
        mounts = [f"--volume={source}:{place}" for source, place in {**places, self.volumes["tmp"]: "/tmp"}.items()]  # noqa: S108
        variables = composed.environment(service, DOMAIN) if "environment" in composed.SERVICES[service] else {}
        options = ["--isolation=chroot", f"--user={USER}", "--cap-drop=all", *mounts]
        settings = [f"--env={name}={value}" for name, value in variables.items()]
        return self._buildah.start(log, "run", *options, *settings, self.container, "--", *command)


def main(cache: Path, driver: str, work: Path) -> int:
    """Do the second half; return the exit code."""
    table, buildah = Table(), Buildah(cache, driver, work)
    make_network(work, ("lab", "database"))
    box = Box(buildah, work)
    table.row("nothing of pip's configuration is in the image", is_clean(box))
    same = box.configuration.get("Healthcheck", {}).get("Test") == composed.SERVICES["lab"]["healthcheck"]["test"]
    table.row("the image has the health test of compose.yaml", same)
    log = work / "lab.log"
    try:
        box.start("password", log, composed.SERVICES["password"]["command"]).wait(60)
        database = Database(work, box.volumes["secret"])
        Proxy(work, composed.environment("proxy", DOMAIN))
        address = Address("https://localhost", log)
        with browser_context() as context:
            started = start_lab(box, log, table)
            do_lap(context, address, table, work)
            look_at(lab(), java(), box, table)
            keep(database, table)
            stop_lab(started, box, table)
            with table.timed("started anew, it knows the learner, from the database"):
                started = start_lab(box, log)
                return_after_restart(context, address)
            stop_lab(started, box, table)
        said = log.read_text(encoding="utf-8", errors="replace")
        table.row("no traceback in what the lab has printed", "Traceback" not in said)
    except Exception as error:
        table.row("all of it could be tried", held=False, seen=f"{type(error).__name__}: {error}")
        say(log.read_text(encoding="utf-8", errors="replace")[-4000:] if log.exists() else "")
    box.remove()
    say(f"\n{f'{table.failed} did not hold.' if table.failed else 'All held.'}")
    return 1 if table.failed else 0


@contextmanager
def browser_context() -> Iterator["BrowserContext"]:
    """Open a person's browser, which accepts the proxy's certificate."""
    expect.set_options(timeout=30_000)
    program = next(filter(None, map(shutil.which, BROWSERS)))
    # A temporary home, so that root's own browser profile is not used.
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=list(FLAGS), env={**os.environ, "HOME": home}
        )
        yield browser.new_context(viewport={"width": 1280, "height": 1000}, ignore_https_errors=True)
        browser.close()


def start_lab(box: Box, log: Path, table: Table | None = None) -> subprocess.Popen[bytes]:
    """Start the lab and wait until it is healthy; the health test of compose.yaml runs in the container's root."""
    begun = time.monotonic()
    started = box.start("lab", log, box.configuration["Cmd"])
    test = ["chroot", str(box.root), "/opt/venv/bin/python", *composed.health_test("lab")[1:]]
    wait_for(lambda: subprocess.run(test, capture_output=True, check=False).returncode == 0, 60, "the lab is healthy")
    if table:
        table.row("healthy, by compose's health test", held=True, seen=f"{time.monotonic() - begun:.1f} s")
    return started


def is_clean(box: Box) -> bool:
    """Return whether the build left nothing of pip's configuration in the image."""
    left = [path for place in ("run/secrets/*", "etc/pip.conf", "root/.cache/pip/*") for path in box.root.glob(place)]
    return not any(path.stat().st_size for path in left) and "PIP_" not in str(box.configuration)


def look_at(server: Process, jvm: Process, box: Box, table: Table) -> None:
    """Check what must hold of the processes while they run."""
    for process, name in ((server, "the lab"), (jvm, "Java")):
        table.row(
            f"{name} runs as {USER}, without capabilities, and gets no more",
            process.is_confined(USER),
            process.rights(),
        )
    table.row("its root is read-only, for the kernel", "ro" in server.mount_options("/"), server.mount_options("/"))
    archive = next(iter(jvm.mapped(".jsa")), "")
    # The kernel reports the path as seen from outside the container.
    place = archive.partition("/rootfs")[2]
    table.row("Java uses the archive of the image", place.startswith("/opt/venv/share/"), place)
    made = [path.name for path in box.volumes["lab"].rglob("*.jsa")]
    table.row("no other archive was made", not made, made)
    kept = sorted(
        str(path.relative_to(box.volumes["lab"]).parent) for path in box.volumes["lab"].rglob("*") if path.is_file()
    )
    say(f"      folders in the volume: {' '.join(dict.fromkeys(kept))}")
    say(f"      memory: lab {server.memory() / 1e6:.0f} MB, Java {jvm.memory() / 1e6:.0f} MB")


def keep(database: Database, table: Table) -> None:
    """Check that learners' data is in the database, and that a back-up of it can be restored."""
    count = "select count(distinct learner) || ' learner, ' || count(*) || ' documents' from kept_documents"
    found = database.ask(count)
    table.row("what the learner wrote is in PostgreSQL", found.startswith("1 learner"), found)
    with table.timed("a back-up, all deleted, and restored"):
        path = database.back_up()
        database.ask("delete from kept_documents")
        database.restore(path)
    table.row("as it was", database.ask(count) == found)


def stop_lab(started: subprocess.Popen[bytes], box: Box, table: Table) -> None:
    """Send SIGTERM, as `docker stop` does, and wait until the lab and Java have ended."""
    server, jvm = lab(), java()
    server.signal(signal.SIGTERM)
    seconds = wait_for(lambda: server.ended() and jvm.ended(), GRACE_SECONDS, "the lab and Java end after SIGTERM")
    started.wait(GRACE_SECONDS)
    left = [path.name for path in box.volumes["tmp"].iterdir()]
    table.row(
        "SIGTERM ends the lab and Java, and leaves nothing in /tmp", not left, f"{seconds:.1f} s {' '.join(left)}"
    )


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[4])))
