"""The moments of a run, derived from observations alone."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from lab import dataset
from lab.charts import reports
from lab.engine import spark_progress
from lab.engine.arrivals import Arrival
from lab.engine.failures import Failure
from lab.engine.observe import Batch, QueryRun, Table
from lab.engine.snapshots import OutputSeen, SmallFile, Snapshot
from lab.records import LogFile, read_log_file
from lab.stage.changes import MAX_NAMED, named
from lab.stage.folders import Folders, Lying
from lab.stage.hood import FOLDERS, PHASES, pretty, purpose
from lab.stage.moment import NOW
from lab.stage.moments import MAX_MOMENTS, in_order, moments
from lab.ui.stage.picture import MAX_CHIPS, picture_data

START = datetime(2026, 1, 2, tzinfo=UTC)
FILES = {name: dataset.SHIPPED.log_file(name) for name in dataset.FILES}
FIRST = tuple(FILES[name] for name in dataset.FIRST.files)
SECOND = tuple(FILES[name] for name in dataset.SECOND.files)
COLUMNS = ("serverID", "avgVolume")


def at(seconds):
    return START + timedelta(seconds=seconds)


def batch(number, seconds, files, rows=None):
    table = Table(COLUMNS, rows) if rows is not None else None
    return Batch(number, at(seconds), 20, 2, (), tuple(files), tuple(at(seconds) for _ in files), table)


def a_run(*batches, **more):
    return QueryRun("run", "query", "report", tuple(batches), began=at(0), **more)


def lying(*files, seconds=0.0):
    return Folders(tuple(FILES.values()), tuple(Lying(file, at(seconds)) for file in files))


VOLUMES = ((("s1", 1.2), ("s2", 1.25)), (("s1", 1.3), ("s2", 1.5)))
RUN = a_run(batch(0, 2, FIRST, VOLUMES[0]), batch(1, 4, SECOND, VOLUMES[1]))
ARRIVALS = (Arrival(at(1), FIRST), Arrival(at(3), SECOND))
NOW_LYING = Folders(
    tuple(FILES.values()),
    tuple(Lying(file, at(2 if file in FIRST else 4)) for file in FILES.values()),
)


def test_without_a_run_there_is_now_alone():
    (only,) = moments(None, ARRIVALS, {}, lying(*FIRST))
    assert (only.key, only.state, only.waiting) == (NOW, "not started", dataset.FIRST.files)
    assert {chip.name: chip.state for chip in only.chips if chip.place == "LogData"} == dict.fromkeys(
        dataset.SECOND.files, "to be delivered"
    )


def test_a_run_goes_from_before_its_first_batch_over_each_delivery_and_batch_to_now():
    found = moments(RUN, ARRIVALS, {}, NOW_LYING)
    assert [moment.title for moment in found] == [
        "Before the first batch",
        "Delivered s115.csv and s215.csv",
        "Batch 0",
        "Delivered s1610.csv and s2610.csv",
        "Now: batch 1",
    ]
    assert [len(moment.live) for moment in found] == [0, 2, 2, 4, 4]
    assert [moment.waiting for moment in found] == [(), dataset.FIRST.files, (), ("s1610.csv", "s2610.csv"), ()]
    assert [moment.result_rows for moment in found] == ["–", "–", "2", "2", "2"]
    assert [moment.table.rows if moment.table else None for moment in found[2:]] == [VOLUMES[0], VOLUMES[0], VOLUMES[1]]
    assert found[-1].table_before.rows == VOLUMES[0]


def test_each_moment_says_what_has_changed_since_the_one_before():
    found = moments(RUN, ARRIVALS, {}, NOW_LYING)
    assert [moment.changes for moment in found] == [
        (),
        ("s115.csv and s215.csv came into LogDataLive.",),
        ("Batch 0 read 20 rows: s115.csv and s215.csv.", "The result: s1 1.2, s2 1.25."),
        ("s1610.csv and s2610.csv came into LogDataLive.",),
        ("Batch 1 read 20 rows: s1610.csv and s2610.csv.", "The result: s1 1.2 → 1.3, s2 1.25 → 1.5."),
    ]
    assert found[2].changed == set(dataset.FIRST.files)


def test_a_query_that_has_ended_is_a_change_of_its_own():
    stopped = moments(replace(RUN, ended=True), ARRIVALS, {}, NOW_LYING)
    assert [moment.title for moment in stopped[-2:]] == ["Batch 1", "Now"]
    assert stopped[-1].changes == ("The query was stopped.",)
    failed = moments(replace(RUN, ended=True, failure=Failure("broken", "")), ARRIVALS, {}, NOW_LYING)
    assert (failed[-1].state, failed[-1].failure.sentence, failed[-1].changes) == (
        "failed",
        "broken",
        ("The query failed.",),
    )


def test_without_a_bucket_the_observations_say_what_is_now():
    found = moments(RUN, ARRIVALS, {}, None)
    assert {chip.name: chip.state for chip in found[-1].chips} == dict.fromkeys(dataset.FILES, "read")


def test_what_lay_there_when_the_query_started_was_waiting_for_it():
    earlier = (Arrival(at(-1), FIRST),)
    run = a_run(batch(0, 1, FIRST))
    assert moments(run, earlier, {}, None)[0].waiting == dataset.FIRST.files
    # The same holds if it was delivered before the lab was started, when nobody observed it.
    unseen = replace(run.batches[0], written=(at(-60), at(-60)))
    assert moments(a_run(unseen), (), {}, None)[0].waiting == dataset.FIRST.files


def test_a_name_that_is_delivered_again_is_not_read_again():
    arrivals = (Arrival(at(1), FIRST), Arrival(at(3), ()), Arrival(at(4), FIRST))
    run = a_run(batch(0, 2, FIRST))
    found = moments(run, arrivals, {}, lying(*FIRST, seconds=4))
    assert [moment.title for moment in found[-2:]] == [
        "LogDataLive emptied",
        "Now: delivered s115.csv and s215.csv",
    ]
    assert {chip.state for chip in found[-1].live} == {"not read again"}
    emptied = next(chip for chip in found[-2].chips if chip.name == "s115.csv")
    assert (emptied.place, emptied.state, emptied.batch) == ("LogData", "to be delivered", 0)
    assert "will not read it again" in emptied.why


def test_a_file_that_would_be_refused_and_one_that_spark_ignores_say_so():
    bad = read_log_file("bad.csv", b"s1,8,2\n")
    folders = Folders((bad,), (Lying(LogFile("_hidden.csv", ()), at(0)),))
    (now,) = moments(None, (), {}, folders)
    states = {chip.name: (chip.state, chip.why) for chip in now.chips}
    assert states["bad.csv"][0] == "refused"
    assert "'8' is not a severity" in states["bad.csv"][1]
    assert states["_hidden.csv"][0] == "ignored"
    assert "_hidden.csv" in states["_hidden.csv"][1]


def test_a_moment_has_what_lay_on_the_disk_after_its_newest_batch():
    kept = {
        number: Snapshot((SmallFile(f"offsets/{number}", "v1"),), OutputSeen(total=number + 5, newest=number))
        for number in (0, 1)
    }
    run = a_run(batch(0, 2, FIRST), batch(1, 4, SECOND))
    found = moments(run, ARRIVALS, kept, None)
    assert [moment.result_rows for moment in found] == ["–", "–", "5", "5", "6"]
    assert [[file.name for file in moment.checkpoint] for moment in found] == [
        [],
        [],
        ["offsets/0"],
        ["offsets/0"],
        ["offsets/1"],
    ]
    assert found[-1].changes[-1] == "The log has 1 row more."
    # The current content has priority over the snapshots.
    assert moments(run, ARRIVALS, kept, None, OutputSeen(total=9))[-1].result_rows == "9"


def test_of_many_batches_the_beginning_and_the_newest_are_kept():
    run = a_run(*(batch(number, number + 1, ()) for number in range(200)))
    found = moments(run, (), {}, None)
    assert len(found) <= MAX_MOMENTS
    assert (found[0].key, found[-1].last.number) == ("start", 199)
    assert [moment.last.number for moment in found[1:]] == list(range(200 - len(found) + 1, 200))


NAMES = [f"f{number}.csv" for number in range(6)]


@st.composite
def histories(draw):
    """Draw deliveries of names, each once, and batches that read them; the batches' clock may be slightly off."""
    names = draw(st.permutations(NAMES))
    arrivals, batches, now = [], [], 0.0
    while names:
        count = draw(st.integers(1, 2))
        files, names = tuple(LogFile(name, ()) for name in names[:count]), names[count:]
        now += 1
        arrivals.append(Arrival(at(now), files))
        if draw(st.booleans()):
            arrived = [file for arrival in arrivals for file in arrival.files]
            read = {file.name for one in batches for file in one.files}
            now += 1
            early = draw(st.sampled_from([0, 1.5]))
            batches.append(batch(len(batches), now - early, [file for file in arrived if file.name not in read]))
    return arrivals, batches


@given(histories())
def test_every_batch_comes_after_the_deliveries_of_what_it_has_read_and_nothing_is_lost(history):
    arrivals, batches = history
    steps = list(in_order(batches, arrivals))
    assert [step for step in steps if isinstance(step, Batch)] == batches
    assert [step for step in steps if isinstance(step, Arrival)] == arrivals
    there = set()
    for step in steps:
        if isinstance(step, Batch):
            assert {file.name for file in step.files} <= there
        there |= {file.name for file in step.files}


@given(histories())
def test_no_file_is_at_two_places_and_what_was_read_stays_read(history):
    arrivals, batches = history
    data = tuple(LogFile(name, ()) for name in NAMES)
    there = tuple(Lying(file, at(0)) for arrival in arrivals for file in arrival.files)
    read = set()
    for moment in moments(a_run(*batches), arrivals, {}, Folders(data, there)):
        assert sorted(chip.name for chip in moment.chips) == sorted(NAMES)
        still = {chip.name for chip in moment.chips if chip.batch is not None}
        assert read <= still
        read = still
    assert read == {file.name for one in batches for file in one.files}


@given(histories())
def test_the_keys_of_moments_are_their_own_and_stay_when_more_come(history):
    arrivals, batches = history
    before = [moment.key for moment in moments(a_run(*batches), arrivals, {}, None)]
    assert len(set(before)) == len(before)
    later = (*arrivals, Arrival(at(1000), (LogFile("later.csv", ()),)))
    assert before[:-1] == [moment.key for moment in moments(a_run(*batches), later, {}, None)][: len(before) - 1]


def test_of_many_names_the_first_are_named():
    assert named(["a"]) == "a"
    assert named(["a", "b", "c"]) == "a, b and c"
    assert named(list("abcdefg")) == f"a, b, c, d and {7 - MAX_NAMED} more"


def test_a_picture_is_bounded_and_has_an_alternative_in_words():
    many = tuple(LogFile(f"f{number:03}.csv", ()) for number in range(50))
    found = moments(None, (), {}, Folders(many, ()))
    data = picture_data(found, 0)
    assert len(data["places"][0]["chips"]) == MAX_CHIPS
    assert data["places"][0]["more"] == 50 - MAX_CHIPS
    told = picture_data(moments(RUN, ARRIVALS, {}, NOW_LYING), 2)
    assert "s115.csv, in LogDataLive: read in batch 0" in told["words"]
    assert "Rows of the result: 2." in told["words"]
    assert json.loads(json.dumps(told)) == told


def test_the_files_of_a_checkpoint_are_set_out_and_explained():
    file = SmallFile("offsets/3", 'v1\n{"a":{"b":1}}\n{broken\n' + "[" * 3000)
    assert pretty(file).startswith('v1\n{\n  "a": {\n    "b": 1\n  }\n}\n{broken\n[[[')
    assert pretty(replace(file, text="v1", cut=True)) == "v1\n…"
    assert [purpose(SmallFile(name, "")) for name in ("offsets/3", "sources/0/3", "commits/3")] == list(
        FOLDERS.values()
    )


def test_every_phase_that_spark_tells_of_has_a_sentence():
    assert set(PHASES) == set(spark_progress.PHASES) == set(reports.PHASES)
