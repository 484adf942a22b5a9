"""The specifications of the stream's charts; browser tests check how they look."""

import gc
import math
import weakref
from datetime import UTC, datetime

import pytest

from lab import dataset
from lab.charts import (
    AMBER,
    BLUE,
    GREEN,
    GREY,
    MAX_SERVERS,
    MAX_TICKS,
    SERVER_COLOUR,
    SEVERITY_COLOURS,
    VERMILLION,
    VIOLET,
)
from lab.charts.events import events_figures
from lab.charts.history import MARKS, ROW_HEIGHT, history_figure
from lab.charts.reports import MAX_HISTORY, cost_figure, history_table, sev0_figure, volume_figure
from lab.engine.observe import Batch, Table
from lab.records import LogFile, Record
from lab.ui import figures

FILES = tuple(dataset.SHIPPED.log_file(name) for name in dataset.FILES)
TABLE = Table(("serverID", "avgVolume"), (("s1", 1.25), ("s2", 1.2)))


def batch(number, files=FILES[:2], table=TABLE):
    phases = (("latestOffset", 3), ("addBatch", 90 + number))
    return Batch(number, datetime.now(UTC), 20, 2, phases, files, (), table)


def data(figure, name):
    return figure.data[name].to_dict("records")


def names_of_data(spec):
    """Return the names of all tables that a specification refers to."""
    if isinstance(spec, dict):
        own = {spec["data"]["name"]} if "data" in spec else set()
        return own.union(*map(names_of_data, spec.values()))
    return set().union(*map(names_of_data, spec)) if isinstance(spec, list) else set()


def all_figures():
    batches = (batch(0), batch(1, FILES))
    return [
        volume_figure(1, TABLE.rows, TABLE.rows),
        cost_figure(batches),
        sev0_figure(((0, "s1", 3), (1, "s2", 12)), 1),
        *events_figures(FILES[:2], FILES[2:]).values(),
    ]


@pytest.mark.parametrize("number", range(5))
def test_a_shape_refers_to_the_data_that_its_figure_has_and_holds_none_itself(number):
    figure = all_figures()[number]
    spec = figure.spec()
    assert names_of_data({key: value for key, value in spec.items() if key != "datasets"}) == set(spec["datasets"])
    assert set(figure.data) == set(spec["datasets"])


def test_what_streamlit_does_to_a_specification_does_not_reach_the_shape():
    figure = volume_figure(0, TABLE.rows, ())
    spec = figure.spec()
    spec["layer"].clear()
    del spec["datasets"]
    assert len(figure.spec()["layer"]) == 2
    assert "datasets" in figure.spec()


def test_the_report_is_drawn_as_it_is_now_with_a_mark_where_it_was():
    figure = volume_figure(1, (("s2", None), ("s1", 1.3), ("s3", 0.5)), TABLE.rows)
    rows = [(row["serverID"], row["avgVolume"], row["before"]) for row in data(figure, "volumes")]
    assert rows[0] == ("s1", 1.3, 1.25)
    assert rows[1][:2] == ("s3", 0.5)
    assert math.isnan(rows[1][2])
    assert len(rows) == 2
    assert list(figure.table["serverID"]) == ["s1", "s2", "s3"]
    assert figure.words == "The report after batch 1. s1 1.3; s3 0.5. Before: s1 1.25; s2 1.2."


def test_without_a_report_before_there_is_no_mark():
    assert len(volume_figure(0, TABLE.rows, ()).spec()["layer"]) == 2
    assert len(volume_figure(1, TABLE.rows, TABLE.rows).spec()["layer"]) == 3


def test_of_many_servers_the_first_are_drawn_and_the_table_has_all():
    rows = tuple((f"s{number:02}", 1.0) for number in range(MAX_SERVERS + 3))
    figure = volume_figure(0, rows, ())
    assert len(data(figure, "volumes")) == MAX_SERVERS
    assert len(figure.table) == MAX_SERVERS + 3


def test_the_history_of_a_report_has_a_row_for_each_batch_newest_first():
    later = Table(TABLE.columns, (("s1", 1.3), ("s3", None)))
    table = history_table((batch(0), batch(1, FILES, later), batch(2, table=None)))
    assert list(table.columns) == ["batch", "files it read", "s1", "s2", "s3"]
    assert list(table["batch"]) == [1, 0]
    assert list(table["s1"]) == [1.3, 1.25]
    assert len(history_table(tuple(batch(number) for number in range(MAX_HISTORY + 5)))) == MAX_HISTORY


def test_what_a_batch_cost_is_in_the_order_of_its_phases():
    figure = cost_figure((batch(0),))
    assert data(figure, "phases") == [
        {"batch": "batch 0", "phase": "the whole batch", "milliseconds": 93, "when": "newest batch"},
        {"batch": "batch 0", "phase": "look for new files", "milliseconds": 3, "when": "newest batch"},
        {"batch": "batch 0", "phase": "compute and write", "milliseconds": 90, "when": "newest batch"},
    ]
    assert {row["batch"]: row["when"] for row in data(cost_figure((batch(0), batch(1))), "phases")} == {
        "batch 0": "earlier",
        "batch 1": "newest batch",
    }


def test_what_the_newest_batch_cost_is_beside_what_the_earlier_ones_did_and_no_colour_tells_a_phase():
    for layer in cost_figure((batch(0), batch(1))).spec()["layer"]:
        assert layer["encoding"]["y"]["field"] == "phase"
        assert layer["encoding"]["color"]["field"] == "when"


def test_the_rows_of_the_newest_batch_stand_out():
    figure = sev0_figure(((0, "s1", 3), (1, "s2", 12)), 1)
    assert [row["when"] for row in data(figure, "log")] == ["earlier", "newest batch"]
    assert figure.spec()["encoding"]["x"]["scale"]["domain"] == [0.5, 12.5]


def test_rows_of_the_log_that_read_the_same_are_one_mark_with_their_number():
    figure = sev0_figure(((0, "s1", 5),) * 3 + ((1, "s2", 8),), 1)
    assert [(row["serverID"], row["rows"]) for row in data(figure, "log")] == [("s1", 3), ("s2", 1)]
    assert len(figure.table) == 4
    assert len(figure.spec()["layer"]) == 2
    assert figure.words.endswith("s1 t5, s1 t5, s1 t5, s2 t8")


def test_what_a_chart_says_in_words_is_bounded():
    words = sev0_figure(tuple((0, "s1", time) for time in range(1, 101)), 0).words
    assert words.endswith("s1 t60, and 40 more")


def test_records_of_a_time_unit_are_stacked_and_files_not_read_are_named():
    read = LogFile("a.csv", (Record("s1", 0, 1), Record("s1", 2, 1), Record("s1", 2, 1), Record("s1", 1, 2)))
    waiting = LogFile("b.csv", (Record("s1", 2, 4),))
    figure = events_figures((read,), (waiting,))["s1"]
    assert [(row["timestamp"], row["severity"], row["bottom"], row["top"]) for row in data(figure, "blocks")] == [
        (1, "SEV0", 2, 3),
        (1, "SEV2", 0, 2),
        (2, "SEV1", 0, 1),
    ]
    assert [(row["file"], row["begin"], row["end"], row["read"]) for row in data(figure, "windows")] == [
        ("a.csv", 0.5, 2.5, True),
        ("b.csv: not read yet", 3.5, 4.5, False),
    ]


def test_three_fatal_errors_among_two_thousand_records_have_marks_of_their_own():
    calls = tuple(Record("s1", 2, unit) for unit in range(1, 6) for _ in range(400))
    errors = (Record("s1", 0, 2), Record("s1", 0, 4), Record("s1", 0, 4))
    figure = events_figures((LogFile("a.csv", calls + errors),), ())["s1"]
    assert [(row["timestamp"], row["top"], row["several"]) for row in data(figure, "fatal")] == [
        (2, 401, ""),
        (4, 402, "2"),
    ]
    (marks,) = (layer for layer in figure.spec()["layer"] if "shape" in layer["encoding"])
    # The size is in pixels, however many records there are.
    assert marks["mark"]["size"] == 70
    assert marks["encoding"]["shape"]["scale"]["range"][2] == "diamond"


def test_a_severity_is_told_by_its_width_as_well():
    records = tuple(Record("s1", severity, 1) for severity in (0, 1, 2))
    blocks = data(events_figures((LogFile("a.csv", records),), ())["s1"], "blocks")
    widths = {row["severity"]: row["end"] - row["begin"] for row in blocks}
    assert widths["SEV2"] > widths["SEV1"] > widths["SEV0"] > 0


def test_servers_and_severities_share_no_colour():
    assert SERVER_COLOUR not in SEVERITY_COLOURS.values()
    assert len(set(SEVERITY_COLOURS.values())) == len(SEVERITY_COLOURS)


# The backgrounds of the charts: Streamlit's two themes, and the windows of files that were read.
GROUNDS = {"light": "#ffffff", "a window, light": "#f6f6f6", "dark": "#171614", "a window, dark": "#201f1d"}


@pytest.mark.parametrize("ground", GROUNDS.values(), ids=GROUNDS)
@pytest.mark.parametrize("colour", [BLUE, AMBER, GREEN, VERMILLION, VIOLET, GREY])
def test_what_is_drawn_has_a_contrast_of_three_to_what_it_is_drawn_on(colour, ground):
    assert contrast(colour, ground) >= 3


def contrast(one, other):
    """Return the contrast ratio as WCAG 2 defines it."""
    dark, light = sorted(map(luminance, (one, other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_of_the_marks_of_a_history_no_two_have_the_same_shape_but_for_their_colour():
    shapes = [shape for _, shape in MARKS.values()]
    assert len(set(shapes)) == len(shapes)


def test_more_records_in_the_same_time_units_are_other_data_of_the_same_chart():
    few, many = (events_figures((LogFile("a.csv", (Record("s1", 2, 1),) * count),), ())["s1"] for count in (1, 40))
    assert few.shape is many.shape
    # Above a stack there is room for labels.
    assert [data(figure, "room")[0]["top"] > data(figure, "blocks")[0]["top"] for figure in (few, many)] == [True, True]


def test_too_many_time_units_to_tell_apart_have_neither_ticks_nor_names():
    near, far = (
        events_figures((LogFile("a.csv", (Record("s1", 2, last),)),), ())["s1"].spec()["layer"]
        for last in (MAX_TICKS, MAX_TICKS + 1)
    )
    assert (len(near), len(far)) == (6, 4)
    assert len(near[0]["encoding"]["x"]["axis"]["values"]) == MAX_TICKS
    assert "values" not in far[0]["encoding"]["x"]["axis"]


def test_a_chart_is_drawn_once_for_a_learner_whatever_moment_comes_back(learner):
    asked = []

    def draw(*values):
        asked.append(values)
        return sum(values)

    assert [figures.cached(learner, draw, *values) for values in ((1, 2), (1, 2), (1, 3), (1, 2))] == [3, 3, 4, 3]
    assert asked == [(1, 2), (1, 3)]
    # The entry that was shown longest ago is evicted.
    for number in range(figures.KEPT):
        figures.cached(learner, draw, number)
    figures.cached(learner, draw, 1, 2)
    assert asked.count((1, 2)) == 2


def test_what_was_drawn_goes_with_the_learner(classroom):
    gone = classroom.enter("c" * 32)
    figures.cached(gone, volume_figure, 0, TABLE.rows, ())
    assert gone in figures._cache
    known = weakref.ref(gone)
    gone.close()
    classroom._seats.pop(gone.id)
    del gone
    gc.collect()
    assert known() is None


def test_the_history_has_a_row_for_each_step_with_its_title():
    rows = (
        ("Declare the schema", "wrong", 1.0),
        ("Declare the schema", "hint", 2.0),
        ("Open the stream", "wrong", 3.0),
    )
    few, more = (history_figure(some).spec() for some in (rows[:2], rows))
    assert more["height"] - few["height"] == ROW_HEIGHT
    assert more["encoding"]["y"]["sort"] == ["Declare the schema", "Open the stream"]
    # Vega leaves out labels that it considers too close.
    assert more["encoding"]["y"]["axis"]["labelOverlap"] is False
    assert more["encoding"]["color"]["scale"]["domain"] == ["wrong", "hint"]
    assert history_figure(rows).words.endswith("Open the stream: wrong after 3 min")
