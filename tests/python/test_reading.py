"""What the client reads of the recordings is what the files hold."""

import numpy as np
import pyarrow as pa
import pytest
from btrdb.exceptions import (
    InvalidPointWidth,
    InvalidTimeRange,
    StreamNotFoundError,
    VersionNotAvailable,
)
from btrdb.utils.general import pointwidth
from conftest import HOURS_FILE, Series
from points import RAW_SCHEMA, STAT_SCHEMA, assert_stats, expected_stats, nanos, raw, rows, stats

SECOND = 10**9
MINUTE = 60 * SECOND
DAY = (nanos("2010-09-01"), nanos("2010-09-02"))
PEAK = nanos("2010-09-01T07:33:36.04")

# Around the quake, at the edges of the day, off the grid by single nanoseconds, before any point, and none at all.
SLICES = [
    (PEAK - 5 * SECOND, PEAK + 5 * SECOND),
    (PEAK, PEAK + 1),
    (PEAK + 1, PEAK + 10**7),
    (DAY[0], DAY[0] + 7 * SECOND + 3),
    (DAY[0] - MINUTE, DAY[0] + 3 * 10**7 + 1),
    (DAY[1] - 20 * SECOND - 1, DAY[1] + MINUTE),
    (DAY[0] - 2 * MINUTE, DAY[0] - MINUTE),
]


def test_the_server_says_what_it_is(connection):
    info = connection.info()
    assert (info["majorVersion"], info["minorVersion"] >= 30) == (5, True)
    assert "proxy" in info


def test_marks_of_the_recordings(connection, stream):
    ((whole, _),) = stream.windows(*DAY, DAY[1] - DAY[0])
    assert (whole.count, whole.min, whole.max) == (8_640_000, -212_863, 242_297)
    assert whole.mean == pytest.approx(203.0591948, abs=1e-6)
    assert stream.count() == stream.count(precise=True) == 8_640_000
    assert [s.count(precise=True) for s in connection.streams("seismic/ya/uv06/hhz", "seismic/ya/uv10/hhz")] == [
        720_000,
        720_000,
    ]


@pytest.mark.parametrize("start,end", SLICES)
def test_values(stream, day, start, end):
    time, value = day.between(start, end)
    expected = list(zip(time.tolist(), value.tolist()))
    assert raw(stream, start, end) == expected
    table = stream.arrow_values(start, end)
    assert table.schema == RAW_SCHEMA
    assert rows(table) == expected


def test_every_value_of_the_day_and_of_the_other_stations(connection, stream, day):
    def check(stream, series):
        table = stream.arrow_values(*DAY)
        assert np.array_equal(table["time"].cast(pa.int64()).to_numpy(), series.time)
        assert np.array_equal(table["value"].to_numpy(), series.value)

    check(stream, day)
    for station in ["uv06", "uv10"]:
        check(connection.streams(f"seismic/ya/{station}/hhz")[0], Series(HOURS_FILE, f"{station}_hhz"))


@pytest.mark.parametrize(
    "start,end,pw",
    [
        (*DAY, 46),
        (*DAY, 38),
        (PEAK - 3600 * SECOND, PEAK + 3600 * SECOND + 12345, 35),
        (PEAK - MINUTE, PEAK + MINUTE, 30),
        (PEAK - SECOND - 7, PEAK + SECOND + 7, 24),
        (PEAK - 10**7, PEAK + 10**7, 8),
        (PEAK, PEAK + 1, 0),
        (DAY[1] - MINUTE, DAY[1] + MINUTE, 33),
        (DAY[1] + MINUTE, DAY[1] + 2 * MINUTE, 30),
    ],
)
def test_aligned_windows(stream, day, start, end, pw):
    floor = (start >> pw) << pw
    ceiling = (end >> pw) << pw
    time, value = day.between(floor, ceiling)
    cells = time >> pw
    occupied = np.unique(cells)
    expected = expected_stats(time, value, occupied << pw, np.searchsorted(occupied, cells))
    found = stats(stream.aligned_windows(start, end, pw))
    assert_stats(found, expected)
    table = stream.arrow_aligned_windows(start, end, pw)
    assert table.schema == STAT_SCHEMA
    assert rows(table) == found


@pytest.mark.parametrize(
    "start,end,width",
    [
        (*DAY, 3600 * SECOND),
        (*DAY, 54 * SECOND + 1),
        (PEAK - MINUTE, PEAK + MINUTE + 5, 999_999_937),
        (PEAK - SECOND, PEAK + SECOND, 10**7),
        (PEAK - 3, PEAK + 4, 1),
        (DAY[0] - MINUTE, DAY[0] + MINUTE, 7 * SECOND),
        (DAY[1] - MINUTE, DAY[1] + MINUTE, 20 * SECOND),
        (PEAK, PEAK + 5, 10),
    ],
)
def test_windows(stream, day, start, end, width):
    starts = start + width * np.arange((end - start) // width)
    time, value = day.between(start, start + width * len(starts))
    expected = expected_stats(time, value, starts, (time - start) // width)
    found = stats(stream.windows(start, end, width))
    assert_stats(found, expected)
    table = stream.arrow_windows(start, end, width)
    assert table.schema == STAT_SCHEMA
    assert rows(table) == found


def test_the_quake_shows_in_extremes_but_hides_in_means(stream):
    width = 54 * SECOND
    windows = stats(stream.windows(*DAY, width))
    assert len(windows) == 1600
    assert max(window[3] for window in windows) == 242_297
    assert max(window[2] for window in windows) < 30_000


def test_earliest_latest_nearest(stream, day):
    version = stream.version()
    assert stream.earliest() == (stream.nearest(DAY[0], 0)[0], version)
    assert (stream.earliest()[0].time, stream.latest()[0].time) == (day.time[0], day.time[-1])
    for at, backward, expected in [
        (PEAK, False, PEAK),
        (PEAK, True, PEAK - 10**7),
        (PEAK + 1, False, PEAK + 10**7),
        (PEAK + 1, True, PEAK),
        (DAY[0] - MINUTE, False, DAY[0]),
        (DAY[1] + MINUTE, True, DAY[1] - 10**7),
    ]:
        point, read_at = stream.nearest(at, 0, backward)
        ((time,), (value,)) = day.between(expected, expected + 1)
        assert (point.time, point.value, read_at) == (time, value, version), (at, backward)
    assert stream.nearest(DAY[0], 0, backward=True) is None
    assert stream.nearest(DAY[1], 0, backward=False) is None


def test_counts_between(stream, day):
    for start, end in SLICES:
        assert stream.count(start, end, precise=True) == len(day.between(start, end)[0])
    pw = pointwidth.from_nanoseconds(DAY[1] - DAY[0]) - 1
    whole = sum(window[0].count for window in stream.aligned_windows(*DAY, pw))
    assert stream.count(*DAY) == whole


def test_stream_sets(connection, day):
    names = ["seismic/ya/uv05/hhz", "seismic/ya/uv06/hhz", "seismic/ya/uv10/hhz"]
    streams = connection.streams(*names)
    assert streams.versions() == {s.uuid: s.version() for s in streams}
    some = streams.filter(start=PEAK, end=PEAK + SECOND)
    assert [len(points) for points in some.values()] == [100, 100, 100]
    frame = some.to_dataframe()
    assert list(frame.columns) == names and len(frame) == 100
    assert frame[names[0]].to_numpy().tolist() == day.between(PEAK, PEAK + SECOND)[1].tolist()
    minutes = streams.filter(start=PEAK, end=PEAK + 10 * MINUTE).windows(MINUTE)
    assert [len(windows) for windows in minutes.values()] == [10, 10, 10]
    table = minutes.arrow_values()
    assert table.num_rows == 10 and table.num_columns == 16
    assert streams.earliest()[0].time == DAY[0] and streams.latest()[0].time == DAY[1] - 10**7


def test_errors_arrive_as_the_client_knows_them(connection, stream):
    for start, end in [(PEAK, PEAK), (PEAK + 1, PEAK), (-(16 << 56) - 1, PEAK), (PEAK, 48 << 56)]:
        with pytest.raises(InvalidTimeRange):
            stream.values(start, end)
    with pytest.raises(InvalidPointWidth):
        stream.aligned_windows(*DAY, 64)
    with pytest.raises(InvalidPointWidth):
        stream.windows(*DAY, 0)
    for version in [9, stream.version() + 1]:
        with pytest.raises(VersionNotAvailable):
            stream.values(PEAK, PEAK + 1, version)
    missing = connection.stream_from_uuid("00000000-0000-4000-8000-000000000000")
    assert not missing.exists()
    for call in [missing.version, missing.flush, lambda: missing.values(PEAK, PEAK + 1), lambda: missing.nearest(PEAK, 0)]:
        with pytest.raises(StreamNotFoundError):
            call()
    with pytest.raises(StreamNotFoundError):
        connection.streams("seismic/ya/uv05/nothing")
