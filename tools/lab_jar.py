"""Make lab/engine/lab.jar of the Java sources and the files in hadoop beside it: `python tools/lab_jar.py`.

Run it after each change of these. It needs a Java compiler, version 17 or newer.
"""

import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from importlib.util import find_spec
from pathlib import Path
from typing import Final

ENGINE: Final = Path(__file__).resolve().parent.parent / "lab" / "engine"
SOURCES: Final = tuple(sorted(ENGINE.glob("*.java")))
# Hadoop looks for these by their names on the class path.
DEFAULTS: Final = tuple(sorted((ENGINE / "hadoop").glob("*-default.xml")))
JAR: Final = ENGINE / "lab.jar"
MANIFEST: Final = "META-INF/MANIFEST.MF"
# The oldest Java that the lab takes.
RELEASE: Final = "17"


def source_hash() -> str:
    """Return the SHA-256 of the sources; it does not depend on the line ends."""
    return hashlib.sha256(b"".join(_text(file) for file in (*SOURCES, *DEFAULTS))).hexdigest()


def defaults() -> dict[str, bytes]:
    """Return the content of each file of defaults by its name in the jar."""
    return {file.name: _text(file) for file in DEFAULTS}


def _text(file: Path) -> bytes:
    return file.read_text(encoding="utf-8").encode()


def compiler_version(javac: str) -> str:
    """Return the major version of a compiler."""
    said = subprocess.run([javac, "-version"], capture_output=True, text=True, check=True)
    found = re.search(r"javac (\d+)", said.stdout + said.stderr)
    return found[1] if found else "unknown"


def compile_classes(javac: str, folder: Path) -> dict[str, bytes]:
    """Compile the sources into a folder and return the content of each class file by its name in the jar."""
    pyspark = find_spec("pyspark")
    if pyspark is None or pyspark.origin is None:
        sys.exit("The package pyspark is missing. Run: pip install -r requirements.txt")
    spark = Path(pyspark.origin).parent / "jars" / "*"
    options = ["--release", RELEASE, "-g:source,lines", "-Xlint:all,-path", "-Werror"]
    subprocess.run([javac, *options, "-cp", spark, "-d", folder, *SOURCES], check=True)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*.class"))}


def manifest(version: str) -> str:
    """Return the manifest of a jar that a compiler of this version makes from the current sources."""
    return f"Manifest-Version: 1.0\nBuild-Jdk-Spec: {version}\nSource-Hash: {source_hash()}\n\n"


def main() -> None:
    """Make the jar."""
    javac = shutil.which("javac")
    if javac is None:
        sys.exit("There is no javac here. On Debian: apt-get install default-jdk-headless")
    with tempfile.TemporaryDirectory() as folder:
        classes = compile_classes(javac, Path(folder))
    with zipfile.ZipFile(JAR, "w") as jar:
        for name, content in {MANIFEST: manifest(compiler_version(javac)).encode(), **defaults(), **classes}.items():
            # With a fixed date, the same sources give the same jar.
            jar.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content)
    print(f"{JAR}: {JAR.stat().st_size} bytes, {', '.join(classes)}")


if __name__ == "__main__":
    main()
