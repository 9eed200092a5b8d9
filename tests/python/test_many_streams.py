"""Several streams joined into one Arrow table, snapped to a grid where asked, cast to a template."""

import math

import numpy as np
import pyarrow as pa
import pytest
from btrdb.stream import StreamSet
from points import RAW_SCHEMA, rows

SECOND = 10**9


def joined(streams, start, end, **more):
    """The table of `streams` with None where there is NaN, which is how the server says that there is no value."""
    table = StreamSet(streams).filter(start=start, end=end, **more).arrow_values()
    fields = [RAW_SCHEMA.field("time"), *(pa.field(str(s.uuid), pa.float64(), nullable=False) for s in streams)]
    assert table.schema == pa.schema(fields)
    return [tuple(None if isinstance(cell, float) and math.isnan(cell) else cell for cell in row) for row in rows(table)]


def test_outer_join_on_time(create):
    one, two = create("one"), create("two")
    one.insert(list(zip([100, 105, 110, 115, 120], [0.0, 1.0, 2.0, 3.0, 4.0])))
    two.insert(list(zip([101, 106, 110, 114, 119], [5.0, 6.0, 7.0, 8.0, 9.0])))
    assert joined([one, two], 100, 121) == [
        (100, 0, None),
        (101, None, 5),
        (105, 1, None),
        (106, None, 6),
        (110, 2, 7),
        (114, None, 8),
        (115, 3, None),
        (119, None, 9),
        (120, 4, None),
    ]
    assert joined([two, one], 110, 111) == [(110, 7, 2)]


def test_empty_streams(create):
    streams = [create("one"), create("two")]
    assert joined(streams, 1, SECOND) == []


def test_snapping_to_a_grid(create):
    streams = [create(name) for name in ["one", "two", "three"]]
    half = SECOND // 2
    streams[0].insert([(half, 0.5), (2 * SECOND, 2.0)])
    streams[1].insert([(half - 1, 0.5), (2 * SECOND, 2.0)])
    streams[2].insert([(SECOND, 1.0), (2 * SECOND, 2.0)])
    assert joined(streams, SECOND, 3 * SECOND, sampling_frequency=1) == [
        (SECOND, 0.5, None, 1),
        (2 * SECOND, 2, 2, 2),
    ]


@pytest.mark.parametrize("end", [3 * SECOND, 29 * SECOND // 10])
def test_points_that_snap_to_the_end_or_later_are_left_out(create, end):
    stream = create()
    stream.insert([(SECOND, 1.0), (2 * SECOND, 2.0), (11 * SECOND // 4, 2.75)])
    assert joined([stream], SECOND, end, sampling_frequency=1) == [(SECOND, 1), (2 * SECOND, 2)]


@pytest.mark.parametrize("frequency,expected", [(30, 18_000), (15, 9_000), (1, 600), (0.1, 60)])
def test_resampling_of_30_points_a_second(create, frequency, expected):
    stream = create()
    time = 1_500_000_000 * SECOND + np.arange(18_000) * SECOND // 30
    stream.insert([(t, 1.0) for t in time.tolist()])
    found = joined([stream], int(time[0]), int(time[-1]) + 1, sampling_frequency=frequency)
    assert len(found) == pytest.approx(expected, rel=1e-3)


def test_the_three_stations_side_by_side(connection, day):
    streams = connection.streams("seismic/ya/uv05/hhz", "seismic/ya/uv06/hhz", "seismic/ya/uv10/hhz")
    start = 1_283_322_600 * SECOND
    found = joined(list(streams), start - SECOND, start + SECOND)
    time, value = day.between(start - SECOND, start + SECOND)
    assert [(row[0], row[1]) for row in found] == list(zip(time.tolist(), value.tolist()))
    assert all(row[2] is None and row[3] is None for row in found[:100])
    assert all(row[2] is not None and row[3] is not None for row in found[100:])


def test_templates(create):
    one, two = create("one"), create("two")
    one.insert([(1, 0.1), (2, 0.2)])
    two.insert([(1, 0.3)])
    template = pa.schema([pa.field("t", pa.int64()), pa.field("v", pa.float32())])
    table = one.arrow_values(0, 10, schema=template)
    assert table.schema == template
    assert table.to_pydict() == {"t": [1, 2], "v": [np.float32(0.1), np.float32(0.2)]}
    template = pa.schema(
        [
            pa.field("t", pa.timestamp("ns", tz="UTC"), nullable=False),
            pa.field("a", pa.float64(), nullable=False),
            pa.field("b", pa.float32(), nullable=False),
        ]
    )
    table = StreamSet([one, two]).filter(start=1, end=2, schema=template).arrow_values()
    assert table.schema == template
    assert rows(table) == [(1, 0.1, np.float32(0.3))]
