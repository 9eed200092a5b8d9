"""Points and stat points as plain tuples, so that they can be compared to the last bit."""

import numpy as np
import pyarrow as pa

# The limits of time: the first instant, and the exclusive end of queries.
FIRST = -(16 << 56)
END = (48 << 56) - 1

RAW_SCHEMA = pa.schema(
    [
        pa.field("time", pa.timestamp("ns", tz="UTC"), nullable=False),
        pa.field("value", pa.float64(), nullable=False),
    ]
)
STAT_SCHEMA = pa.schema(
    [
        pa.field("time", pa.timestamp("ns", tz="UTC"), nullable=False),
        pa.field("min", pa.float64(), nullable=False),
        pa.field("mean", pa.float64(), nullable=False),
        pa.field("max", pa.float64(), nullable=False),
        pa.field("count", pa.uint64(), nullable=False),
        pa.field("stddev", pa.float64(), nullable=False),
    ]
)


def nanos(text):
    """Nanoseconds of a time such as 2010-09-01T07:33:36.04, UTC."""
    return int(np.datetime64(text, "ns").astype(np.int64))


def raw(stream, start=FIRST, end=END, version=0):
    """The stream's points as (time, value)."""
    return [(point.time, point.value) for point, _ in stream.values(start, end, version)]


def stats(windows):
    """Windows as (time, min, mean, max, count, stddev)."""
    return [(w.time, w.min, w.mean, w.max, w.count, w.stddev) for w, _ in windows]


def rows(table):
    """An Arrow table as tuples, the times as integers."""
    columns = [table.column(0).cast(pa.int64()), *table.columns[1:]]
    return list(zip(*(column.to_pylist() for column in columns)))


def expected_stats(time, value, starts, cell):
    """Statistics of the points of each window, computed from the points themselves.

    `cell` gives the window that each point belongs to, ascending; `starts` the start of each window. Windows without
    points come out as count 0 and zeros.
    """
    out = []
    first = np.searchsorted(cell, np.arange(len(starts)))
    past = np.searchsorted(cell, np.arange(len(starts)), side="right")
    for start, a, b in zip(starts, first, past):
        v = value[a:b]
        out.append((int(start), v.min(), v.mean(), v.max(), b - a, v.std()) if b > a else (int(start), 0, 0, 0, 0, 0))
    return out


def assert_stats(found, expected):
    """Times, extremes and counts must be equal, means and deviations to what floating point allows."""
    assert [(s[0], s[1], s[3], s[4]) for s in found] == [(s[0], s[1], s[3], s[4]) for s in expected]
    np.testing.assert_allclose([s[2] for s in found], [s[2] for s in expected], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose([s[5] for s in found], [s[5] for s in expected], rtol=1e-9, atol=1e-9)
