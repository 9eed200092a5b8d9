"""The benchmark of btrdb-local, answered by DuckDB and Parquet: a row of JSON for every figure.

Run by crates/server/benches/server, never alone: it names the files with the data.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

parser = argparse.ArgumentParser()
for name in ["work", "large", "recording", "phasors", "phasors-rounded"]:
    parser.add_argument(f"--{name}", required=True)
for name in ["points", "windows", "start", "period"]:
    parser.add_argument(f"--{name}", required=True, type=int)
args = parser.parse_args()


def row(case, metric, who, version, measured):
    measured = sorted(measured)
    rank = lambda share: measured[round((len(measured) - 1) * share)]
    print(json.dumps({
        "case": case, "metric": metric, "who": who, "version": version,
        "median": rank(0.5), "p95": rank(0.95), "p99": rank(0.99), "runs": len(measured),
    }), flush=True)


def duck(case, metric, measured):
    row(case, metric, "DuckDB table", duckdb.__version__, measured)


def timed(work, runs):
    elapsed = []
    for _ in range(runs):
        began = time.perf_counter()
        work()
        elapsed.append((time.perf_counter() - began) * 1e3)
    return elapsed


def scientific(number):
    """As Rust writes it: 1e8, 2.5e7."""
    mantissa, exponent = f"{number:e}".split("e")
    return f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"


def windows(points, end=None):
    width = points * args.period // args.windows
    return f"""
        select (t - {args.start}) // {width} as w, min(v), avg(v), max(v), count(*), stddev_pop(v)
        from points where t >= {args.start} and t < {args.start + args.windows * width} group by w order by w"""


def ingest_and_query():
    file = os.path.join(args.work, "peer.duckdb")
    database = duckdb.connect(file)
    database.execute("create table points (t bigint, v double)")
    parquet = pq.ParquetFile(args.large)
    speeds = []
    for batch in parquet.iter_batches(batch_size=1_000_000):
        rows = pa.table({"t": batch.column(0).cast(pa.int64()), "v": batch.column(1)})
        began = time.perf_counter()
        database.execute("insert into points select * from rows")
        speeds.append(rows.num_rows / (time.perf_counter() - began))
    duck("durable ingest, ArrowInsert", "points_per_s", speeds)
    database.execute("checkpoint")
    case = f"1,000 windows over all of {scientific(args.points)} points"
    duck(case, "warm_ms", timed(lambda: database.execute(windows(args.points)).fetchall(), 7))

    first = min(5_000_000, args.points)
    read = lambda: database.sql(f"select t, v from points where t < {args.start + first * args.period}").to_arrow_table()
    duck("raw read as Arrow, messages only", "points_per_s", [first / (took / 1e3) for took in timed(read, 5)])

    tile = args.points // 50
    query = f"""
        select t >> 33 as w, min(v), avg(v), max(v), count(*), stddev_pop(v) from points
        where t >= {args.start + tile * args.period} and t < {args.start + tile * args.period + (512 << 33)} group by w"""
    row("one tile of 512 windows, nobody else there", "latency_ms", "DuckDB table", duckdb.__version__,
        timed(lambda: database.execute(query).fetchall(), 11))
    database.close()

    cold = f"""
import duckdb, time
database = duckdb.connect({file!r}, read_only=True)
began = time.perf_counter()
database.execute('''{windows(args.points)}''').fetchall()
print((time.perf_counter() - began) * 1e3)"""
    cold_runs = [float(subprocess.check_output([sys.executable, "-c", cold])) for _ in range(3)]
    duck(case, "cold_ms", cold_runs)


def room(case, streams):
    """What the columns take as Parquet with zstd, each value column in the encoding that suits it best, and in DuckDB."""
    file, parquet_bytes, points = os.path.join(args.work, "room.duckdb"), 0, 0
    if os.path.exists(file):
        os.remove(file)
    database = duckdb.connect(file)
    for number, points_of in enumerate(streams):
        sizes = []
        for encoding in [
            {"use_dictionary": ["value"], "column_encoding": {"time": "DELTA_BINARY_PACKED"}},
            {"use_dictionary": False, "column_encoding": {"time": "DELTA_BINARY_PACKED", "value": "BYTE_STREAM_SPLIT"}},
            {"use_dictionary": False, "column_encoding": {"time": "DELTA_BINARY_PACKED"}},
        ]:
            target = os.path.join(args.work, "room.parquet")
            pq.write_table(points_of, target, compression="zstd", **encoding)
            sizes.append(os.path.getsize(target))
        parquet_bytes += min(sizes)
        points += points_of.num_rows
        database.execute(f"create table stream_{number} as select * from points_of")
    database.execute("checkpoint")
    # The file also has room that tables took while they were made.
    _, _, block, _, used, *_ = database.execute("pragma database_size").fetchone()
    database.close()
    row(case, "bytes_per_point", "Parquet, zstd", pa.__version__, [parquet_bytes / points])
    duck(case, "bytes_per_point", [used * block / points])


def recording():
    table = pq.read_table(args.recording).rename_columns(["time", "value"])
    return table.filter(table.column("value").is_valid())


def simulated(folder):
    """The streams of a data folder, through the official client's own kind of call: Arrow over gRPC, by btrdb-local export."""
    target = os.path.join(args.work, "exported")
    shutil.rmtree(target, ignore_errors=True)
    subprocess.run(
        [os.environ["BTRDB_LOCAL"], "export", "--data", folder, "--out", target],
        check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for root, _, files in sorted(os.walk(target)):
        for name in sorted(name for name in files if name.endswith(".parquet")):
            table = pq.read_table(os.path.join(root, name), partitioning=None)
            yield table.rename_columns(["time", "value"])


ingest_and_query()
for case in ["ground motion, 1,000,000 points a call"]:
    room(case, [recording()])
room("phasors, all bits", simulated(args.phasors))
room("phasors, rounded to 1e-4", simulated(args.phasors_rounded))
