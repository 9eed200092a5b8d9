"""What the client writes is what it reads back, under every policy and at every version."""

import numpy as np
import pyarrow as pa
import pytest
from btrdb.exceptions import (
    BadValue,
    InvalidTimeRange,
    StreamNotFoundError,
    VersionNotAvailable,
)
from points import END, FIRST, RAW_SCHEMA, STAT_SCHEMA, raw, rows, stats

# A time that comes twice within one insert, with values that differ.
DUPLICATES = list(zip([100, 105, 110, 110, 120], [0.0, 1.0, 2.0, 3.0, 4.0]))


def table(points):
    time, value = zip(*points)
    return pa.table([pa.array(time, pa.timestamp("ns", tz="UTC")), pa.array(value, pa.float64())], schema=RAW_SCHEMA)


def insert(stream, points, merge="never", arrow=False):
    return stream.arrow_insert(table(points), merge) if arrow else stream.insert(points, merge)


@pytest.mark.parametrize("arrow", [False, True], ids=["plain", "arrow"])
@pytest.mark.parametrize(
    "merge,values_at_110",
    [("never", [2.0, 3.0]), ("equal", [2.0, 3.0]), ("retain", [2.0]), ("replace", [3.0])],
)
def test_duplicates_within_an_insert(create, merge, values_at_110, arrow):
    stream = create()
    insert(stream, DUPLICATES, merge, arrow)
    expected = [(100, 0.0), (105, 1.0), *((110, value) for value in values_at_110), (120, 4.0)]
    assert raw(stream) == expected
    assert rows(stream.arrow_values(FIRST, END)) == expected


@pytest.mark.parametrize("arrow", [False, True], ids=["plain", "arrow"])
@pytest.mark.parametrize("added", [2.0, 3.0])
@pytest.mark.parametrize("merge", ["never", "equal", "retain", "replace"])
def test_duplicates_of_what_is_stored(create, merge, added, arrow):
    stream = create()
    insert(stream, [(100, 1.0), (110, 2.0)], arrow=arrow)
    insert(stream, [(110, added)], merge, arrow)
    expected = {
        "never": [2.0, added],
        "equal": [2.0] if added == 2.0 else [2.0, added],
        "retain": [2.0],
        "replace": [added],
    }
    assert raw(stream) == [(100, 1.0), *((110, value) for value in expected[merge])]


@pytest.mark.parametrize("arrow", [False, True], ids=["plain", "arrow"])
def test_many_points_in_any_order(create, arrow):
    random = np.random.default_rng(20100901)
    time = np.arange(120_000) * 8_333_333 - 5 * 10**14
    value = random.normal(size=len(time))
    order = random.permutation(len(time))
    stream = create()
    version = insert(stream, list(zip(time[order].tolist(), value[order].tolist())), arrow=arrow)
    assert version == stream.version() == 13, "three calls of at most 50,000 points"
    found = stream.arrow_values(FIRST, END)
    assert np.array_equal(found["time"].cast(pa.int64()).to_numpy(), time)
    assert np.array_equal(found["value"].to_numpy(), value)
    ((whole, _),) = stream.windows(FIRST, END, END - FIRST)
    assert (whole.count, whole.min, whole.max) == (120_000, value.min(), value.max())
    assert (whole.mean, whole.stddev) == (pytest.approx(value.mean(), abs=1e-9), pytest.approx(value.std(), abs=1e-9))


def test_windows_of_the_manual(create):
    stream = create()
    start = 1_500_000_000_000_000_000
    stream.insert([(start + k * 10**8, float(k + 1)) for k in range(10)])
    spread = 0.816496580927726
    assert stats(stream.aligned_windows(start, start + 10**9, 28)) == [
        (1499999999814008832, 1, 1, 1, 1, 0),
        (1500000000082444288, 2, 3, 4, 3, pytest.approx(spread, abs=1e-9)),
        (1500000000350879744, 5, 6, 7, 3, pytest.approx(spread, abs=1e-9)),
        (1500000000619315200, 8, 8.5, 9, 2, 0.5),
    ]
    assert [(w[0] - start, w[2], w[4]) for w in stats(stream.windows(start, start + 10**9, 3 * 10**8))] == [
        (0, 2, 3),
        (3 * 10**8, 5, 3),
        (6 * 10**8, 8, 3),
    ]


def test_a_new_stream_is_empty(create):
    stream = create()
    assert stream.version() == 10
    assert stream.count() == stream.count(precise=True) == 0
    assert stream.earliest() is stream.latest() is stream.nearest(0, 0) is None
    assert raw(stream) == []
    assert stream.arrow_values(FIRST, END).equals(RAW_SCHEMA.empty_table())
    assert stream.aligned_windows(0, 2**40, 30) == ()
    assert stream.arrow_aligned_windows(0, 2**40, 30).equals(STAT_SCHEMA.empty_table())
    assert stats(stream.windows(0, 20, 10)) == [(0, 0, 0, 0, 0, 0), (10, 0, 0, 0, 0, 0)]
    assert rows(stream.arrow_windows(0, 20, 10)) == [(0, 0, 0, 0, 0, 0), (10, 0, 0, 0, 0, 0)]


def test_versions_stay_what_they_were(create):
    stream = create()
    first = stream.insert([(1, 1.0), (2, 2.0)])
    assert stream.flush() is None
    second = stream.insert([(2, 5.0), (3, 3.0)], merge="replace")
    stream.flush()
    assert (first, second, stream.version()) == (11, 12, 12)
    for version, expected in [
        (10, []),
        (first, [(1, 1.0), (2, 2.0)]),
        (second, [(1, 1.0), (2, 5.0), (3, 3.0)]),
    ]:
        assert raw(stream, version=version) == expected
        assert rows(stream.arrow_values(FIRST, END, version)) == expected
        assert stream.count(precise=True, version=version) == len(expected)
        assert all(at == version for _, at in stream.values(FIRST, END, version))
    assert stream.nearest(3, first) is None
    assert stream.latest(second)[0].time == 3
    with pytest.raises(VersionNotAvailable):
        raw(stream, version=second + 1)


def test_delete_makes_a_version_and_leaves_the_older_ones(create):
    stream = create()
    stream.insert([(time, float(time)) for time in range(10)])
    before = stream.version()
    assert stream.delete(3, 7) == before + 1
    assert raw(stream) == [(time, float(time)) for time in [0, 1, 2, 7, 8, 9]]
    assert len(raw(stream, version=before)) == 10
    assert stream.count(precise=True) == 6


def test_changes_between_versions(connection, create):
    stream = create()
    stream.insert([(time, 0.0) for time in range(100)])
    stream.insert([(time, 0.0) for time in range(300, 400)])

    def touched(start, end, resolution):
        batches = connection.ep.changes(stream.uuid, start, end, resolution)
        found = [(changed.start, changed.end) for ranges, _ in batches for changed in ranges]
        assert found == sorted(found)
        return found

    def covered(ranges, time):
        return any(start <= time < end for start, end in ranges)

    later = touched(11, 12, 0)
    assert all(covered(later, time) for time in range(300, 400))
    both = touched(0, 12, 0)
    assert all(covered(both, time) for time in [*range(100), *range(300, 400)])
    assert touched(12, 12, 0) == []


def test_limits_of_time(create):
    stream = create()
    stream.insert([(FIRST, 1.0), (END - 1, 2.0)])
    assert raw(stream) == [(FIRST, 1.0), (END - 1, 2.0)]
    assert (stream.earliest()[0].time, stream.latest()[0].time) == (FIRST, END - 1)
    for time in [FIRST - 1, END]:
        with pytest.raises(InvalidTimeRange):
            stream.insert([(0, 1.0), (time, 1.0)])
    assert stream.count(precise=True) == 2, "a refused insert leaves nothing"


@pytest.mark.parametrize("arrow", [False, True], ids=["plain", "arrow"])
@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_values_that_are_no_numbers_are_refused(create, value, arrow):
    stream = create()
    with pytest.raises(BadValue):
        insert(stream, [(1, 1.0), (2, value)], arrow=arrow)
    assert (raw(stream), stream.version()) == ([], 10)


@pytest.mark.parametrize("arrow", [False, True], ids=["plain", "arrow"])
def test_values_come_back_to_the_last_bit(create, arrow):
    stream = create()
    values = [0.1, -0.0, 0.0, 5e-324, -1.7976931348623157e308, 2.0**53 + 2]
    insert(stream, list(enumerate(values)), arrow=arrow)
    bits = [value.hex() for value in values]
    assert [value.hex() for _, value in rows(stream.arrow_values(FIRST, END))] == bits
    assert [value.hex() for _, value in raw(stream)] == bits


def test_an_empty_insert_changes_nothing(create):
    stream = create()
    stream.insert([(1, 1.0)])
    assert stream.insert([]) == 0
    assert stream.arrow_insert(RAW_SCHEMA.empty_table()) == 11 == stream.version()


def test_writing_to_a_missing_stream(connection):
    missing = connection.stream_from_uuid("00000000-0000-4000-8000-000000000000")
    for arrow in [False, True]:
        with pytest.raises(StreamNotFoundError):
            insert(missing, [(1, 1.0)], arrow=arrow)
