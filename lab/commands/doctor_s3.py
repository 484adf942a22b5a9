"""What the doctor says of a bucket in S3: a finding for each link of the chain from the lab to the bucket."""

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lab.bucket import LOG_DATA
from lab.bucket.address import read_s3_address
from lab.bucket.choice import EMBEDDED
from lab.bucket.s3_errors import explain_s3
from lab.commands.finding import Finding, guarded, package
from lab.engine.engine import Engine
from lab.engine.jars import cache_folder, fetch_jars, kept_jars
from lab.engine.java import find_java
from lab.errors import LabError
from lab.lesson.warm_up import lesson_engine
from lab.settings import BUCKET, read_settings

if TYPE_CHECKING:
    from lab.bucket.chain import Chain, Link

MEGABYTE: Final = 1_000_000
# The links that all links to the bucket need, and those that must work before Spark can read from it.
_BEGINNING: Final = (BUCKET, "boto3", "moto")
_FOR_SPARK: Final = ("S3 client", "Bucket", "Write", "Delete")


def findings(*, start: bool) -> Iterator[Finding]:
    """Yield the finding of one link after another.

    With `start`, fetch Spark's S3 client, and start Spark to read from the bucket.
    """
    walk = _Walk()
    yield walk.look(BUCKET, (), _setting)
    yield walk.look("boto3", (), lambda: package("boto3"))
    if _is_embedded():
        yield walk.look("moto", (), lambda: package("moto"))
    yield walk.look("S3 client", (), lambda: _jars(fetch=start))
    chain = None
    if not walk.broken.intersection(_BEGINNING):
        from lab.bucket.chain import Chain  # noqa: PLC0415 - needs boto3, which was found just now

        chain = Chain(read_settings())
    try:
        yield from _to_the_bucket(walk, chain)
        if start:
            yield from _to_spark(walk, chain)
    finally:
        if chain:
            chain.clear()
            chain.storage.close()


class _Walk:
    """Tries links one by one, and remembers which are broken or were skipped."""

    def __init__(self) -> None:
        self.broken: set[str] = set()

    def look(self, what: str, needs: Sequence[str], look: Callable[[], Finding]) -> Finding:
        """Try a link; skip it if one that it needs is broken or was skipped."""
        if missing := [need for need in needs if need in self.broken]:
            finding = Finding(what, "note", f"not tried, for it needs: {', '.join(missing)}")
            self.broken.add(what)
            return finding
        finding = guarded(what, look)
        if finding.state == "missing":
            self.broken.add(what)
        return finding


def _is_embedded() -> bool:
    return read_settings().bucket.lower() == EMBEDDED


def _setting() -> Finding:
    value = read_settings().bucket
    if _is_embedded():
        return Finding(BUCKET, "ok", f"{value}: the lab's own S3 server, whose files go when the lab is stopped")
    return Finding(BUCKET, "ok", str(read_s3_address(value)))


def _jars(*, fetch: bool) -> Finding:
    kept = kept_jars()
    found = "kept"
    if not kept:
        if not fetch:
            return Finding("S3 client", "note", "will be fetched, 14 MB, once", f"It will be kept in {cache_folder()}.")
        with tempfile.TemporaryDirectory() as folder:
            kept = fetch_jars(find_java(), Path(folder))
        found = "fetched, and kept"
    size = sum(jar.stat().st_size for jar in kept)
    return Finding("S3 client", "ok", f"{found}: {len(kept)} files, {size / MEGABYTE:.0f} MB, in {cache_folder()}")


def _to_the_bucket(walk: _Walk, chain: "Chain | None") -> Iterator[Finding]:
    if chain is None:
        yield walk.look("Bucket", _BEGINNING, lambda: Finding("Bucket", "ok", ""))
        return
    for link in chain.links():
        yield walk.look(link.what, link.needs, partial(_of, chain, link))


def _of(chain: "Chain", link: "Link") -> Finding:
    found = link.look()
    advice = chain.notes.get(link.what, "")
    return Finding(link.what, "note" if advice else "ok", found, advice)


def _to_spark(walk: _Walk, chain: "Chain | None") -> Iterator[Finding]:
    """Start Spark and let it read an object; if an earlier link is broken, start Spark without S3."""
    whole = chain is not None and walk.broken.isdisjoint(_FOR_SPARK)
    engine = lesson_engine(chain.storage.access) if chain and whole else lesson_engine()
    try:
        yield walk.look("Spark", (), partial(_started, engine))
        yield walk.look("Spark S3", (*_FOR_SPARK, "Spark"), partial(_read_by_spark, engine, chain))
    finally:
        engine.stop()


def _started(engine: Engine) -> Finding:
    begin = time.monotonic()
    spark = engine.wait().version
    return Finding("Spark", "ok", f"{spark} started and ran a query in {time.monotonic() - begin:.0f} s")


def _read_by_spark(engine: Engine, chain: "Chain | None") -> Finding:
    if chain is None:
        raise LabError("There is nothing to read.", f"Correct {BUCKET}.")
    chain.write()
    place = chain.bucket.uri(LOG_DATA)
    try:
        rows = engine.root.read.text(place).count()
    except Exception as error:  # PySpark's, which is not imported here; its text contains Java's, with the reason
        raise explain_s3(str(error), place) from error
    finally:
        chain.delete()
    if rows != 1:
        raise LabError(f"Spark found {rows} lines at {place}, where there is one.", "Look at the server.")
    return Finding("Spark S3", "ok", f"read {place} through s3a")
