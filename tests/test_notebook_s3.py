"""The notebook on S3, as it runs when a person has put three addresses of their own into its first cell."""

import re
from contextlib import redirect_stdout
from io import StringIO

import pytest

from lab.bucket import FOLDERS, LOG_DATA, LOG_DATA_LIVE, OUTPUT
from lab.dataset import FIRST
from lab.handin.outline import Content, outline
from lab.lesson.steps import EXERCISES
from lab.variants import variant

OWN = variant("0123456789abcdef")
NAMES = ("s3_log_data_uri", "s3_log_data_live_uri", "s3_lab9_output_uri")


def with_addresses(source, bucket):
    """Replace the addresses in the first cell by those of a bucket in S3."""
    for name, prefix in zip(NAMES, FOLDERS, strict=True):
        source, count = re.subn(rf"(?m)^{name} = .*$", f'{name} = "{bucket.uri(prefix)}"', source)
        assert count == 1
    return source


@pytest.fixture
def executed(classroom, s3_bucket, without_s3_client):
    """Return a function that executes the notebook's cells, and returns the names and what each cell printed."""
    if without_s3_client:
        pytest.skip(without_s3_client)
    # The notebook itself must put the files there.
    s3_bucket.delete(LOG_DATA)
    names, printed = {}, {}
    answers = {step.id: step.code for step in EXERCISES}

    def execute(until=""):
        for cell in outline(Content(OWN, answers=answers)):
            if cell.id == until:
                break
            if cell.kind == "code":
                source = with_addresses(cell.source, s3_bucket) if cell.id == "setup-folders" else cell.source
                with redirect_stdout(StringIO()) as text:
                    exec(compile(source, cell.id, "exec"), names)  # noqa: S102 - the lab's solutions
                printed[cell.id] = text.getvalue()
        return names, printed

    yield execute
    for query in classroom.engine.root.streams.active:
        query.stop()
    classroom.engine.root.catalog.dropTempView("volume_report")


@pytest.mark.slow
def test_it_gives_the_reports_with_everything_in_the_bucket(executed, s3_bucket):
    _, printed = executed()
    assert {entry.name for entry in s3_bucket.list(LOG_DATA)} >= set(OWN.contents)
    assert s3_bucket.read(LOG_DATA + FIRST.files[0]) == OWN.content(FIRST.files[0])
    assert {entry.name for entry in s3_bucket.list(LOG_DATA_LIVE) if entry.size} == set(OWN.contents)
    assert any(entry.key.endswith(".csv") for entry in s3_bucket.list(f"{OUTPUT}sev0/"))
    log = printed["log-show-second"].splitlines()
    assert sorted(log) == sorted(
        f"{record.serverID} {record.timestamp}"
        for batch in OWN.batches()
        for file in batch
        for record in file.records
        if record.severity == 0
    )
    assert printed["log-show-first"].splitlines() == log[: len(printed["log-show-first"].splitlines())]
    assert "queries running: 0" in printed["stop"]


def test_what_cannot_be_delivered_is_told(executed):
    names, _ = executed(until="schema")
    deliver = names["copy_s3_file_to_live_folder"]
    with pytest.raises(FileNotFoundError, match=r"There is no s9\.csv in s3a?://"):
        deliver("s115.csv", "s9.csv")
    for name in ("../x.csv", "/etc/passwd", ".hidden", ""):
        with pytest.raises(ValueError, match="is not the name of a log file"):
            deliver(name)
    with redirect_stdout(StringIO()):
        deliver("s115.csv")
    with pytest.raises(FileExistsError, match="in the live folder already"):
        deliver("s115.csv")
