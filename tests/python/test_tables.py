"""Stream sets as tables of pandas, polars, numpy and plain Python."""

import csv
import io

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from btrdb.stream import StreamSet

SECOND = 10**9
START = 1_500_000_000 * SECOND
STATISTICS = ["min", "mean", "max", "count", "stddev"]


@pytest.fixture
def pair(create):
    """Two streams: one point a tenth of a second, the other without those of odd tenths."""
    here = create("one"), create("two")
    here[0].insert([(START + k * SECOND // 10, float(k)) for k in range(10)])
    here[1].insert([(START + k * SECOND // 10, -float(k)) for k in range(0, 10, 2)])
    return StreamSet(list(here)).filter(start=START, end=START + SECOND)


def names(streams):
    return [f"{s.collection}/{s.name}" for s in streams]


def cells(values):
    """A column with None for each gap, however the library shows it."""
    return [None if pd.isna(value) else float(value) for value in values]


TIMES = [START + k * SECOND // 10 for k in range(10)]
ONE = [float(k) for k in range(10)]
TWO = [-float(k) if k % 2 == 0 else None for k in range(10)]


def test_data_frames(pair):
    frame = pair.to_dataframe()
    assert frame.index.tolist() == TIMES
    assert list(frame.columns) == names(pair)
    assert [cells(frame[name]) for name in names(pair)] == [ONE, TWO]
    frame = pair.arrow_to_dataframe()
    assert [time.value for time in frame.index] == TIMES
    assert list(frame.columns) == names(pair)
    assert [cells(frame[name]) for name in names(pair)] == [ONE, TWO]
    renamed = pair.arrow_to_dataframe(name_callable=lambda stream: str(stream.uuid))
    assert list(renamed.columns) == [str(stream.uuid) for stream in pair]


def test_data_frames_of_windows(pair):
    # Half a second holds five points of the one stream, three and two of the other.
    windows = pair.clone().windows(SECOND // 2)
    frame = windows.to_dataframe()
    assert [cells(frame[name]) for name in names(pair)] == [[2.0, 7.0], [-2.0, -7.0]]
    frame = windows.to_dataframe(agg="all")
    one, two = pair
    assert frame[(one.collection, one.name, "count")].tolist() == [5, 5]
    assert frame[(two.collection, two.name, "count")].tolist() == [3, 2]
    frame = windows.arrow_to_dataframe(agg=["all"])
    assert list(frame.columns) == [f"{name}/{kind}" for name in names(pair) for kind in STATISTICS]
    assert cells(frame[f"{names(pair)[1]}/min"]) == [-4.0, -8.0]
    assert cells(frame[f"{names(pair)[1]}/stddev"]) == pytest.approx([np.std([0, 2, 4]), 1.0], abs=1e-9)
    aligned = pair.clone().aligned_windows(27)
    plain, arrow = aligned.to_dataframe(agg="count"), aligned.arrow_to_dataframe(agg=["count"])
    assert plain.index.tolist() == [time.value for time in arrow.index]
    assert [cells(plain[name]) for name in names(pair)] == [cells(arrow[f"{name}/count"]) for name in names(pair)]


def test_series(pair):
    for series in [pair.to_series(), pair.arrow_to_series()]:
        assert [one.name for one in series] == names(pair)
        points = [[value for value in cells(one) if value is not None] for one in series]
        assert points == [ONE, [value for value in TWO if value is not None]]
        assert pd.Timestamp(series[0].index[3]).value == TIMES[3]


def test_polars(pair):
    polars = pytest.importorskip("polars")
    for frame in [pair.to_polars(), pair.arrow_to_polars()]:
        assert isinstance(frame, polars.DataFrame)
        assert frame.columns == ["time", *names(pair)]
        assert frame["time"].cast(polars.Int64).to_list() == TIMES
        assert [cells(frame[name].to_list()) for name in names(pair)] == [ONE, TWO]


def test_arrays_and_dictionaries(pair):
    assert [cells(one) for one in pair.to_array()] == [ONE, [value for value in TWO if value is not None]]
    arrays = pair.arrow_to_numpy()
    assert [cells(column) for column in np.asarray(arrays).T] == [ONE, TWO]
    plain = pair.to_dict()
    assert [row["time"] for row in plain] == TIMES
    assert [[row[name] for row in plain] for name in names(pair)] == [ONE, TWO]
    arrow = pair.arrow_to_dict()
    assert [time.value for time in arrow] == TIMES
    assert [cells(row[name] for row in arrow.values()) for name in names(pair)] == [ONE, TWO]
    table = pair.arrow_to_arrow_table()
    assert isinstance(table, pa.Table) and table["time"].cast(pa.int64()).to_pylist() == TIMES


def test_csv_and_text(pair):
    file = io.StringIO()
    pair.to_csv(file)
    rows = list(csv.DictReader(io.StringIO(file.getvalue())))
    assert [int(row["time"]) for row in rows] == TIMES
    assert [[float(row[name]) if row[name] else None for row in rows] for name in names(pair)] == [ONE, TWO]
    assert len(pair.to_table().splitlines()) == 12, "a head, a rule and ten rows"


def test_rows_and_counts(pair):
    rows = list(pair.rows())
    assert [(one.time, one.value, two and two.value) for one, two in rows] == list(zip(TIMES, ONE, TWO))
    assert pair.count(precise=True) == 15
    assert [point.value for point in pair.earliest()] == [0.0, 0.0]
    assert [point.value for point in pair.latest()] == [9.0, -8.0]


def test_filters_choose_streams(connection, create):
    one = create("one", annotations={"phase": "1"})
    two = create("two", one.collection, annotations={"phase": "2"})
    streams = StreamSet([one, two])
    assert [s.name for s in streams.filter(name="ONE")] == ["one"]
    assert [s.name for s in streams.filter(annotations={"phase": "2"})] == ["two"]
    assert [s.name for s in streams.filter(unit="v", collection=one.collection)] == ["one", "two"]
    assert len(streams.filter(tags={"name": "three"})) == 0


def test_pinned_stream_sets(pair):
    pair.pin_versions()
    pinned = pair.versions()
    for stream in pair:
        stream.insert([(START + 1, 99.0)])
    assert pair.versions() == pinned and [s.version() for s in pair] == [version + 1 for version in pinned.values()]
    # The client itself forgets the pins of plain raw reads; these calls carry them.
    assert pair.arrow_values().num_rows == 10
    assert [sum(w.count for w in windows) for windows in pair.clone().windows(SECOND).values()] == [10, 5]
    again = StreamSet(list(pair)).filter(start=START, end=START + SECOND)
    assert again.arrow_values().num_rows == 11


def test_inserts_into_sets(create):
    streams = StreamSet([create("one"), create("two")])
    frames = {s.uuid: pd.DataFrame({"time": [1, 2], "value": [float(k), 5.0]}) for k, s in enumerate(streams)}
    assert streams.insert(frames) == {s.uuid: 11 for s in streams}
    schema = pa.schema([("time", pa.timestamp("ns", tz="UTC")), ("value", pa.float64())])
    tables = {s.uuid: pa.table({"time": [2, 3], "value": [7.0, 8.0]}, schema=schema) for s in streams}
    assert streams.arrow_insert(tables, merge="replace") == {s.uuid: 12 for s in streams}
    values = [[point.value for point in points] for points in streams.filter(start=1, end=4).values()]
    assert values == [[0.0, 7.0, 8.0], [1.0, 7.0, 8.0]]
