"""Builds the container of the lab and does the lab in it, with the parts of compose.yaml but without Docker.

`buildah` builds the Containerfile on a base that `debootstrap` makes: that needs Debian and root, but no registry.
Then `buildah run` starts it as compose.yaml says: as user 1000, without capabilities, on a read-only root. Debian's
PostgreSQL and Caddy run beside it in a separate network, and a browser does the lab through the proxy. Both halves run
in namespaces, so that their processes and mounts end with them. The Python needs the packages of the lab's tests.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.server.table import say

PROGRAMS = {
    "buildah": "buildah",
    "caddy": "caddy",
    "chromium": "chromium",
    "debootstrap": "debootstrap",
    "setpriv": "util-linux",
    "unshare": "util-linux",
    "pg_lsclusters": "postgresql",
}
# All processes of a half end with its first process, and that one ends with this process, whatever happens.
NAMESPACES = ("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")


def main() -> int:
    """Run both halves; return 0 if all held, 1 if something did not, 2 if it could not be tried."""
    parser = argparse.ArgumentParser(prog="tools/server/try", description=__doc__.partition("\n")[0])
    parser.add_argument("--cache", type=Path, metavar="FOLDER", help="keep the base, layers and wheels there")
    parser.add_argument("--suite", default="trixie", help="the Debian of the base (default: %(default)s)")
    parser.add_argument(
        "--storage-driver", choices=["overlay", "vfs"], help="buildah's; by default overlay where that works, else vfs"
    )
    options = parser.parse_args()
    missing = {package for program, package in PROGRAMS.items() if shutil.which(program) is None}
    if missing:
        print(f"Programs are missing: apt-get install {' '.join(sorted(missing))}")
    if os.geteuid():
        print("Only root may mount what it has to mount.")
    if missing or os.geteuid():
        return 2
    # Exit as on Ctrl+C, so that running commands end and the folder is deleted.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(2))
    with tempfile.TemporaryDirectory(prefix="lab-server-", ignore_cleanup_errors=True) as folder:
        work = Path(folder)
        # The database runs as another user, who must be able to enter this folder.
        work.chmod(0o711)
        cache = (options.cache or work / "cache").resolve()
        driver = options.storage_driver or ("overlay" if overlays(work) else "vfs")
        say(f"Folder {cache}, storage driver {driver}, base {options.suite}\n")
        arguments = [str(cache), driver, options.suite, str(work)]
        code = half("build", arguments)
        return code or half("run", arguments, "--net")


def half(name: str, arguments: list[str], *namespaces: str) -> int:
    """Run one half in new namespaces; return its exit code."""
    command = [*NAMESPACES, *namespaces, sys.executable, "-m", f"tools.server.{name}", *arguments]
    return subprocess.run(command, check=False).returncode


def overlays(folder: Path) -> bool:
    """Return whether an overlay can be mounted in a folder; it cannot if the folder is in an overlay itself."""
    for name in ("lower", "upper", "work", "merged"):
        (folder / name).mkdir()
    places = ",".join(f"{name}dir={folder / name}" for name in ("lower", "upper", "work"))
    mount = ["mount", "-t", "overlay", "overlay", "-o", places, folder / "merged"]
    return subprocess.run(["unshare", "--mount", *mount], capture_output=True, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
