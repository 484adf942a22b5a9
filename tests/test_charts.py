"""What the charts of the stream are made of; that they are drawn well is seen in a browser."""

import gc
import weakref
from datetime import UTC, datetime

import pytest

from lab import dataset
from lab.charts import MAX_SERVERS, MAX_TICKS
from lab.charts.events import events_figures
from lab.charts.history import ROW_HEIGHT, history_figure
from lab.charts.reports import cost_figure, sev0_figure, volume_figure
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
    """The tables that a specification refers to, wherever it does."""
    if isinstance(spec, dict):
        own = {spec["data"]["name"]} if "data" in spec else set()
        return own.union(*map(names_of_data, spec.values()))
    return set().union(*map(names_of_data, spec)) if isinstance(spec, list) else set()


def all_figures():
    batches = (batch(0), batch(1, FILES))
    return [
        volume_figure(batches),
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
    figure = volume_figure((batch(0),))
    spec = figure.spec()
    spec["layer"].clear()
    del spec["datasets"]
    assert len(figure.spec()["layer"]) == 2
    assert "datasets" in figure.spec()


def test_volumes_stand_beside_each_other_by_batch():
    figure = volume_figure((batch(0), batch(1, FILES, Table(TABLE.columns, (("s1", 1.3), ("s2", None))))))
    assert [(row["label"], row["serverID"], row["avgVolume"]) for row in data(figure, "volumes")] == [
        ("batch 0, s115.csv, s215.csv", "s1", 1.25),
        ("batch 0, s115.csv, s215.csv", "s2", 1.2),
        ("batch 1, s115.csv, s215.csv, s1610.csv, s2610.csv", "s1", 1.3),
    ]
    assert figure.words.endswith("batch 0: s1 1.25; batch 0: s2 1.2; batch 1: s1 1.3")


def test_of_many_servers_the_first_are_drawn_and_the_table_has_all():
    rows = tuple((f"s{number:02}", 1.0) for number in range(MAX_SERVERS + 3))
    figure = volume_figure((batch(0, table=Table(TABLE.columns, rows)),))
    assert len(data(figure, "volumes")) == MAX_SERVERS
    assert len(figure.table) == MAX_SERVERS + 3


def test_what_a_batch_cost_is_in_the_order_of_its_phases():
    figure = cost_figure((batch(0),))
    assert data(figure, "phases") == [
        {"batch": "batch 0", "phase": "look for new files", "milliseconds": 3, "order": 0},
        {"batch": "batch 0", "phase": "compute and write", "milliseconds": 90, "order": 1},
    ]


def test_the_rows_of_the_newest_batch_stand_out():
    figure = sev0_figure(((0, "s1", 3), (1, "s2", 12)), 1)
    assert [row["when"] for row in data(figure, "log")] == ["earlier", "newest batch"]
    assert figure.spec()["encoding"]["x"]["scale"]["domain"] == [0.5, 12.5]


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


def test_too_many_time_units_to_tell_apart_have_neither_ticks_nor_names():
    near, far = (
        events_figures((LogFile("a.csv", (Record("s1", 2, last),)),), ())["s1"].spec()["layer"]
        for last in (MAX_TICKS, MAX_TICKS + 1)
    )
    assert (len(near), len(far)) == (3, 2)
    assert len(near[0]["encoding"]["x"]["axis"]["values"]) == MAX_TICKS
    assert "values" not in far[0]["encoding"]["x"]["axis"]


def test_a_chart_is_drawn_once_for_a_learner_until_its_values_change(learner):
    asked = []

    def draw(*values):
        asked.append(values)
        return sum(values)

    assert [figures.drawn(learner, draw, *values) for values in ((1, 2), (1, 2), (1, 3), (1, 2))] == [3, 3, 4, 3]
    assert asked == [(1, 2), (1, 3), (1, 2)]


def test_what_was_drawn_goes_with_the_learner(classroom):
    gone = classroom.enter("c" * 32)
    figures.drawn(gone, volume_figure, (batch(0),))
    assert gone in figures._drawn
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
    # Vega leaves out titles that it takes to be too close.
    assert more["encoding"]["y"]["axis"]["labelOverlap"] is False
    assert more["encoding"]["color"]["scale"]["domain"] == ["wrong", "hint"]
    assert history_figure(rows).words.endswith("Open the stream: wrong after 3 min")
