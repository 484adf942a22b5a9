"""Spark's S3 client, which is not part of PySpark: fetched once by Spark's own resolver, kept in the user's cache."""

import hashlib
import re
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from lab.bucket.folder import explain_os_error
from lab.engine.cache import user_cache
from lab.engine.java import Java, JvmEndedError, Launch, start_jvm, trust_flags
from lab.engine.settings import Setting
from lab.errors import LabError

# The version of Hadoop in PySpark 4.3.0 (pyspark/jars/hadoop-client-api-3.5.0.jar), and the version of the AWS SDK that
# this Hadoop is built with.
HADOOP: Final = "3.5.0"
AWS_SDK: Final = "2.35.4"
PACKAGES: Final = (
    f"org.apache.hadoop:hadoop-aws:{HADOOP}",
    *(
        f"software.amazon.awssdk:{part}:{AWS_SDK}"
        for part in ("s3", "s3-transfer-manager", "apache-client", "netty-nio-client")
    ),
)
# `bundle` is one file of 686 MB with all services of AWS; PySpark already has the others.
EXCLUDED: Final = (
    "software.amazon.awssdk:bundle",
    "io.netty:*",
    "org.slf4j:slf4j-api",
    "commons-logging:commons-logging",
    "commons-codec:commons-codec",
)

_ADVICE: Final = (
    "Set DEFAULT_ARTIFACT_REPOSITORY to a mirror of Maven Central, if there is one here, or unset LAB_BUCKET."
)


def cache_folder() -> Path:
    """Return the folder where the files are kept; each set of versions has its own."""
    wanted = hashlib.sha256("\n".join((*PACKAGES, *EXCLUDED)).encode()).hexdigest()[:8]
    return user_cache() / f"s3-client-{wanted}"


def kept_jars() -> tuple[Path, ...]:
    """Return the files, or nothing if they have not been fetched. They are never there in part."""
    return tuple(sorted(cache_folder().glob("*.jar")))


def fetch_jars(
    java: Java,
    run_folder: Path,
    given_up: Callable[[], bool] = lambda: False,
    say: Callable[[str, float], None] = lambda *_: None,
) -> tuple[Path, ...]:
    """Return the files; fetch them if they are not in the cache yet.

    `say` is called with the progress, in words and as a fraction from 0 to 1.

    Raise LabError when they cannot be fetched.
    """
    if kept := kept_jars():
        return kept
    target = cache_folder()
    log = run_folder / "jvm.log"
    seen = 0

    def waiting() -> bool:
        nonlocal seen
        # Called many times a second, so the log is read only when it has grown.
        if log.exists() and (size := log.stat().st_size) != seen:
            seen = size
            say(*_progress(log.read_text(encoding="utf-8", errors="replace")))
        return given_up()

    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix="fetching-") as folder:
            settings = (
                Setting("spark.master", "local", "nothing is run; somebody's own properties may name a cluster"),
                Setting("spark.jars.ivy", folder, "where Spark's resolver, Ivy, puts what it fetches"),
                Setting("spark.jars.packages", ",".join(PACKAGES), "what to fetch"),
                Setting("spark.jars.excludes", ",".join(EXCLUDED), "what not to"),
            )
            # Spark fetches the packages before it opens the gateway. So when the gateway is open, the JVM can stop.
            try:
                start_jvm(java, run_folder, settings, Launch(flags=trust_flags(), outside=True), waiting).stop()
            except JvmEndedError as error:
                raise explain_unresolved(error.log, error) from error
            _put(Path(folder) / "jars", target)
    except OSError as error:
        raise explain_os_error(error, target) from error
    return kept_jars()


def explain_unresolved(text: str, otherwise: LabError) -> LabError:
    """Return why the resolver could not fetch the files, from its output; `otherwise` if the output does not say."""
    if re.search(r"PKIX path|SSLHandshakeException|unable to find valid certification path", text):
        return LabError(
            "Spark's S3 client could not be fetched: Java does not trust the certificate of the server, or of a proxy.",
            "Set JAVA_HOME to a Java 17 to 21 that has the proxy's certificate (on Debian: install ca-certificates-java).",
        )
    if "No space left on device" in text:
        return LabError(
            "Spark's S3 client could not be fetched: the disk is full.", "Free some space, then start again."
        )
    if re.search(r"unresolved dependency|UNRESOLVED DEPENDENCIES|FAILED DOWNLOADS", text):
        return LabError(
            "Spark's S3 client (14 MB) could not be fetched: Maven Central was not reached, or does not have it.",
            f"Connect this machine to the internet once, then start Spark again. {_ADVICE}",
        )
    return otherwise


def _progress(text: str) -> tuple[str, float]:
    found, fetched = len(re.findall(r"^\s*found ", text, re.MULTILINE)), text.count("[SUCCESSFUL ]")
    if fetched:
        return f"{fetched} of {found} files", min(1.0, fetched / max(1, found))
    return (f"{found} files to fetch" if found else "", 0.0)


def _put(jars: Path, target: Path) -> None:
    """Move all files to the cache in one step, unless another process was faster."""
    try:
        jars.rename(target)
    except OSError:
        if not kept_jars():
            shutil.rmtree(target, ignore_errors=True)
            jars.rename(target)
