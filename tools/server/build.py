"""The first half: the base, and the image on it."""

import json
import os
import re
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Final

from tools.server.box import IMAGE, Buildah
from tools.server.table import Table, say

ROOT: Final = Path(__file__).resolve().parent.parent.parent
BASE: Final = "localhost/lab-base"
# `pip config list` names a file of this machine; inside the build, the same file is at this path.
CERTIFICATES: Final = "/run/secrets/certificates"
PACKAGES: Final = "python3,python3-venv,ca-certificates"


def main(cache: Path, driver: str, suite: str, work: Path) -> int:
    """Build the image; return the exit code."""
    table, buildah = Table(), Buildah(cache, driver, work)
    archive = cache / f"base-{suite}.tar"
    if not archive.exists():
        with table.timed(f"debootstrap makes a base, {suite}") as seen:
            make_base(suite, archive, work)
            seen.append(f"{archive.stat().st_size / 1e6:.0f} MB")
    if BASE not in buildah("images", "--format", "{{.Name}}").splitlines():
        with table.timed("buildah takes it in"):
            container = buildah("from", "scratch")
            buildah("add", container, archive, "/")
            buildah("commit", "--rm", container, BASE)
    pip, certificates = pip_configuration(work)
    with table.timed("buildah builds the Containerfile") as seen:
        secrets = [
            f"--secret=id=pip,src={pip}",
            *([f"--secret=id=certificates,src={certificates}"] * bool(certificates)),
        ]
        arguments = ["--format=docker", "--layers", "--pull=never", f"--build-arg=BASE={BASE}", *secrets]
        buildah("bud", *arguments, "--file", ROOT / "Containerfile", "--tag", IMAGE, ROOT)
        seen.append(re.sub(r"\s+", " ", buildah("images", "--format", "{{.Size}}", IMAGE)))
    for size, what in layers(json.loads(buildah("inspect", "--type=image", IMAGE))):
        say(f"      {size / 1e6:10.1f} MB  {what}")
    return 1 if table.failed else 0


def make_base(suite: str, archive: Path, work: Path) -> None:
    """Make a minimal Debian with Python, as a tar file."""
    folder, half = work / "base", archive.with_suffix(".half")
    log = work / "debootstrap.log"
    with log.open("wb") as output:
        command = ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", suite, folder]
        if subprocess.run(command, stdout=output, stderr=output, check=False).returncode:
            raise RuntimeError(f"debootstrap failed:\n{log.read_text(errors='replace')[-2000:]}")
    with tarfile.open(half, "w") as tar:
        tar.add(folder, ".")
    half.replace(archive)


def pip_configuration(work: Path) -> tuple[Path, Path | None]:
    """Return a pip configuration for the build, to reach this machine's package index, and the certificates if any."""
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True
    ).stdout
    found = {
        name: value
        # Reversed, since `pip config list` puts the environment's variables last.
        for name, value in re.findall(
            r"^[\w:.]*\.([\w-]+)='(.*)'$", "\n".join(reversed(listed.splitlines())), re.MULTILINE
        )
        if name in {"index-url", "extra-index-url", "trusted-host", "proxy", "timeout", "default-timeout", "cert"}
    }
    certificates = found.get("cert") or os.environ.get("SSL_CERT_FILE")
    if certificates:
        found["cert"] = CERTIFICATES
    path = work / "pip.conf"
    path.write_text("[global]\n" + "".join(f"{name} = {value}\n" for name, value in found.items()), encoding="utf-8")
    return path, Path(certificates) if certificates else None


def layers(inspected: dict[str, str]) -> list[tuple[int, str]]:
    """Return the size of each layer, and the command that made it."""
    sizes = [layer["size"] for layer in json.loads(inspected["Manifest"])["layers"]]
    made = [step.get("created_by", "") for step in inspected["OCIv1"]["history"] if not step.get("empty_layer")]
    return [
        (size, re.sub(r"^/bin/sh -c (#\(nop\) )?|--mount=\S+\s*", "", step)[:70])
        for size, step in zip(sizes, made, strict=True)
    ]


if __name__ == "__main__":
    try:
        sys.exit(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], Path(sys.argv[4])))
    except RuntimeError:
        # The table has already shown the error.
        sys.exit(1)
