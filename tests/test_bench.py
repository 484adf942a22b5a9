"""`python -m tools.bench`: every measurement works, with tiny sizes; the figures are not judged."""

import json
import time
from dataclasses import replace

import pytest
from clocks import Clock

from lab.bucket.folder import FolderBucket
from lab.errors import LabError
from tools.bench import __main__ as bench
from tools.bench import large, one
from tools.bench.__main__ import main, report
from tools.bench.browser import find_browser, open_browser
from tools.bench.ground import Ground, apart, lab_ground
from tools.bench.machine import caption
from tools.bench.plan import MEASUREMENTS, QUICK, USUAL, USUAL_QUICK, Measurements, Sizes
from tools.bench.progress import Progress, expected
from tools.bench.table import Row, in_words, markdown

TINY = Sizes(
    learners=2,
    deliveries=2,
    default_deliveries=1,
    pause=0,
    starts=1,
    clicks=2,
    rounds=1,
    idle_seconds=0.2,
    records=1000,
    large_rounds=1,
    classes=(2, 3),
)


@pytest.fixture
def ground(classroom, tmp_path):
    """The ground of this test run's Spark."""
    now = time.monotonic()
    return Ground(classroom.engine.root, tmp_path, lambda name: FolderBucket(tmp_path / name), now, now)


@pytest.fixture
def together(ground, monkeypatch):
    """Make every measurement on this test run's Spark, in this process; require that no query is left."""
    monkeypatch.setattr("tools.bench.plan.apart", lambda _, measure: measure(ground))
    yield
    assert ground.root.streams.active == []


def well_formed(printed):
    head, line, *rows = [text for text in printed.splitlines() if text.startswith("|")]
    assert head == "| what | Spark's defaults | the lab | goal | besides |"
    assert {text.count("|") for text in (line, *rows)} == {6}
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def test_a_table_has_a_row_for_each_thing_and_a_caption_that_names_the_machine():
    rows = [
        Row("start", "s", "under 6 s", 5.03, 31.23, "first 7 s"),
        Row("page", "s", "under 2 s", besides="No browser."),
    ]
    found = {"cores": "2", "memory": "8 GB"}
    text = markdown(rows, caption(found))
    assert well_formed(text) == [
        ["start", "31.2 s", "5.03 s", "under 6 s", "first 7 s"],
        ["page", "–", "–", "under 2 s", "No browser."],
    ]
    assert text.endswith("\n\nMeasured on cores 2, memory 8 GB.")
    assert [in_words(value, "%") for value in (182.4, 0.004, -0.5)] == ["182 %", "0.00 %", "-0.50 %"]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["start", "delivery", "burst", "pages", "idle", "memory", "large", "growth"])
def test_each_measurement_gives_rows_with_figures(together, name):
    rows = MEASUREMENTS[name](Measurements(TINY))
    assert rows
    for row in rows:
        assert row.lab is not None
        assert row.goal
    # The other measurements have no counterpart with Spark's defaults.
    assert any(row.defaults is not None for row in rows) == (name in {"start", "delivery", "idle", "large"})


@pytest.mark.slow
def test_the_large_file_has_the_records_that_were_asked_for(tmp_path):
    for records in (1, large.BLOCK + 3):
        large.write_large(tmp_path / "large.csv", records)
        lines = (tmp_path / "large.csv").read_text().splitlines()
        assert len(lines) == records
        assert {line.split(",")[0] for line in lines} <= set(large.SERVERS)


@pytest.mark.slow
def test_a_command_measures_in_processes_of_their_own_and_writes_the_figures(tmp_path, capfd):
    file = tmp_path / "figures.json"
    assert report(["idle"], replace(TINY, defaults=False), file) == 0
    printed = capfd.readouterr()
    (row,) = well_formed(printed.out)
    assert row[0] == "2 idle learners with a running query: CPU of one core"
    assert "1 measurement, about a minute on two cores" in printed.err
    assert "1 of 1: idle …" in printed.err
    figures = json.loads(file.read_text())
    assert set(figures["machine"]) >= {"cores", "CPU", "memory", "OS", "Python", "Java", "pyspark"}
    (found,) = figures["rows"]
    assert found["lab"] >= 0
    assert found["defaults"] is None


def test_it_says_how_long_it_takes_and_what_is_left_on_a_slower_machine():
    clock = Clock()
    names = ["burst", "memory", "large"]
    progress = Progress(names, Sizes(), clock)
    whole = sum(expected(name, Sizes()) for name in names)
    assert progress.beginning == f"3 measurements, about {whole / 60:.0f} minutes on two cores with nothing else to do."
    assert progress.begins("burst") == "1 of 3: burst …"
    slower = 3 * expected("burst", Sizes())
    clock.now += slower
    left = 3 * (whole - expected("burst", Sizes()))
    assert progress.ends("burst") == f"burst: {slower:.0f} s; about {left / 60:.0f} minutes left"
    for name in names[1:]:
        progress.begins(name)
    progress.ends("memory")
    assert "left" not in progress.ends("large")


def test_the_quick_one_takes_two_minutes_and_every_measurement_has_a_time():
    assert sum(expected(name, QUICK) for name in USUAL_QUICK) < 150
    assert sum(expected(name, Sizes()) for name in USUAL) > 500
    assert all(expected(name, TINY) for name in MEASUREMENTS)


@pytest.mark.parametrize(
    ("arguments", "names", "sizes"),
    [
        ([], USUAL, Sizes()),
        (["--quick"], USUAL_QUICK, QUICK),
        (["--quick", "--only", "growth", "--learners", "7"], ["growth"], replace(QUICK, learners=7)),
        (["--no-defaults", "--records", "5"], USUAL, Sizes(records=5, defaults=False)),
    ],
)
def test_what_the_command_line_measures(monkeypatch, arguments, names, sizes):
    seen = []
    monkeypatch.setattr(bench, "report", lambda *given: seen.append(given) or 0)
    assert main(arguments) == 0
    assert seen == [([*names], sizes, None)]


@pytest.mark.slow
def test_what_is_refused_in_another_process_is_raised_here(monkeypatch):
    monkeypatch.setenv("LAB_BUCKET", "nonsense")
    with pytest.raises(LabError, match="nonsense"):
        apart(lab_ground, one.ready)
    assert report(["burst"], TINY) == 1


@pytest.mark.slow
def test_a_browser_sees_the_first_page_and_the_chart_after_each_click():
    if find_browser() is None:
        pytest.skip("no Chromium was found; on Debian: apt-get install chromium")
    measurements = Measurements(TINY)
    rows = [*measurements.page(), *measurements.click()]
    assert len(rows) == 4
    assert [row.besides for row in rows if row.lab is None] == []


def test_what_a_browser_waited_for_in_vain_is_said():
    if find_browser() is None:
        pytest.skip("no Chromium was found; on Debian: apt-get install chromium")
    with pytest.raises(LabError, match=r"waiting for locator.*#nowhere"), open_browser() as browser:
        browser.new_page().locator("#nowhere").wait_for(timeout=1)


def test_without_a_browser_its_rows_say_so(monkeypatch):
    def none():
        raise LabError("No browser: Chromium is missing.", "On Debian: apt-get install chromium")

    monkeypatch.setattr("tools.bench.browser.open_browser", none)
    measurements = Measurements(TINY)
    for row in (*measurements.page(), *measurements.click()):
        assert row.lab is None
        assert row.besides == "No browser: Chromium is missing. On Debian: apt-get install chromium"


def test_the_command_line_names_the_measurements(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert ", ".join(MEASUREMENTS) in shown
    for wrong in (["--only", "nonsense"], ["--learners", "1"]):
        with pytest.raises(SystemExit):
            main(wrong)
