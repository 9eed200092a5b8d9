"""Runs the cases through the official Python client and prints a line of JSON for each step.

    python run.py ADDRESS < plan.json

Integers become decimal text, doubles `0x` and the 16 digits of their bits, times integers of nanoseconds; an error becomes
the name of its class. What is missing in a frame of pandas or polars becomes null.
"""

import io
import json
import math
import re
import struct
import sys
import time
import warnings
from datetime import datetime, timezone
from uuid import UUID

import btrdb
import numpy as np
import pandas as pd
import pyarrow as pa
from btrdb.stream import StreamSet
from btrdb.utils import timez
from btrdb.utils.general import pointwidth

warnings.simplefilter("ignore")

FIRST = btrdb.stream.MINIMUM_TIME
END = btrdb.stream.MAXIMUM_TIME
STATISTICS = ("min", "mean", "max", "count", "stddev")


# What goes in.


def number(text):
    """An integer, or a double from its bits."""
    if text.startswith("0x"):
        return struct.unpack(">d", bytes.fromhex(text[2:]))[0]
    return math.nan if text == "nan" else int(text)


def instant(text):
    """A time as the client takes it: an integer, or text for it to understand."""
    return int(text) if re.fullmatch(r"-?\d+", text) else text


def span(args):
    return {key: instant(args[key]) for key in ("start", "end") if key in args}


def whole(args, *keys):
    return {key: int(args[key]) for key in keys if key in args}


def points(rows):
    return [(int(when), number(value)) for when, value in rows]


def schema(hexadecimal):
    return pa.ipc.open_stream(bytes.fromhex(hexadecimal)).schema


def table(hexadecimal):
    return pa.ipc.open_stream(bytes.fromhex(hexadecimal)).read_all()


def naming(args):
    template = args.get("name_callable")
    if template is None:
        return {}

    def name(stream):
        known = {"collection": stream.collection, "uuid": str(stream.uuid), **stream.tags()}
        return re.sub(r"{(\w+)}", lambda key: known[key[1]], template)

    return {"name_callable": name}


def aggregate(args):
    return {"agg": args["agg"]} if "agg" in args else {}


# What comes out.


def double(value):
    return "nan" if math.isnan(value) else "0x" + struct.pack(">d", value).hex()


def shown(value):
    """A number, integers and doubles told apart; null for none."""
    if value is None:
        return None
    return str(value) if isinstance(value, (int, np.integer)) else double(float(value))


def cell(value):
    """A number of a frame, where NaN says that there is none."""
    return None if value is None or pd.isna(value) else shown(value)


def document(value):
    """A JSON document whose numbers are doubles."""
    if isinstance(value, dict):
        return {key: document(item) for key, item in value.items()}
    if isinstance(value, list):
        return [document(item) for item in value]
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return double(float(value))
    return value


def row(point):
    if isinstance(point, btrdb.point.RawPoint):
        return [str(point.time), double(point.value)]
    return [str(point.time), *(shown(getattr(point, statistic)) for statistic in STATISTICS)]


def read(pairs):
    """Points or windows, and the version they were read at; none is told for nothing."""
    versions = {version for _, version in pairs}
    assert len(versions) < 2, versions
    return {"version": str(versions.pop()) if versions else None, "rows": [row(point) for point, _ in pairs]}


def found(pair):
    return pair and {"version": str(pair[1]), "point": row(pair[0])}


def ipc(data):
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, data.schema) as writer:
        writer.write_table(data)
    return {"ipc": sink.getvalue().hex()}


def known(stream):
    annotations, version = stream.annotations()
    return {
        "uuid": str(stream.uuid),
        "collection": stream.collection,
        "tags": stream.tags(),
        "annotations": document(annotations),
        "property_version": str(version),
    }


def by_uuid(versions):
    return {str(uuid): str(version) for uuid, version in versions.items()}


def cells(name, column):
    """The numbers of a column. Where one is missing, pandas makes doubles of counts."""
    present = [None if value is None or pd.isna(value) else value for value in column]
    if name.endswith("/count"):
        present = [value if value is None else int(value) for value in present]
    return [shown(value) for value in present]


def frame(columns, times):
    return {"time": [str(when) for when in times], "columns": [[name, cells(name, column)] for name, column in columns]}


def without_missing(series, name):
    kept = [(when, cell(value)) for when, value in zip(nanoseconds(series.index), series) if cell(value) is not None]
    return {"name": name, "time": [str(when) for when, _ in kept], "values": [value for _, value in kept]}


def nanoseconds(index):
    return pd.DatetimeIndex(index).as_unit("ns").asi8


class Case:
    """A case under way: its streams and sets by name."""

    def __init__(self, db, case):
        self.db = db
        self.uuids = {name: UUID(uuid) for name, uuid in case["uuids"].items()}
        self.streams = {}
        self.specs = case["sets"]
        self.sets = {}

    def stream(self, name):
        return self.streams.setdefault(name, self.db.stream_from_uuid(self.uuids[name]))

    def set(self, name):
        if name not in self.sets:
            spec = self.specs[name]
            made = StreamSet([self.stream(stream) for stream in spec["of"]])
            for narrower in spec.get("filter", []):
                made = made.filter(**self.filter_arguments(narrower))
            if "windows" in spec:
                made = made.windows(int(spec["windows"]))
            if "aligned_windows" in spec:
                made = made.aligned_windows(int(spec["aligned_windows"]))
            if "pin_versions" in spec:
                made.pin_versions(self.versions(spec["pin_versions"]))
            self.sets[name] = made
        return self.sets[name]

    def versions(self, versions):
        """Those named, or with none those of now."""
        return versions and {UUID(uuid): int(version) for uuid, version in versions.items()}

    def filter_arguments(self, args):
        given = span(args)
        for key in ("collection", "name", "unit"):
            if key in args:
                given[key] = re.compile(args[key]["regex"]) if isinstance(args[key], dict) else args[key]
        given.update({key: args[key] for key in ("tags", "annotations") if key in args})
        if "sampling_frequency" in args:
            given["sampling_frequency"] = number(args["sampling_frequency"])
        if "schema" in args:
            given["schema"] = schema(args["schema"])
        return given

    def run(self, step):
        target, does, args = step["target"], step["do"], step["args"]
        if target in ("db", "time", "pointwidth"):
            return getattr(self, f"{target}_{does}")(args)
        if target in self.specs or target in self.sets:
            return getattr(self, f"set_{does}")(self.set(target), args)
        if does == "create":
            return self.create(target, args)
        return getattr(self, f"stream_{does}")(self.stream(target), args)

    # BTrDB

    def create(self, name, args):
        tags, annotations = args.get("tags"), args.get("annotations")
        made = self.db.create(self.uuids[name], args["collection"], tags, annotations)
        self.streams[name] = made
        return {"uuid": str(made.uuid), "collection": made.collection, "name": made.name}

    def db_info(self, args):
        info = self.db.info()
        versions = {"majorVersion": str(info["majorVersion"]), "minorVersion": str(info["minorVersion"])}
        return {**info, **versions, "proxy": info["proxy"]["proxyEndpoints"]}

    def db_stream_from_uuid(self, args):
        made = self.db.stream_from_uuid(args["uuid"])
        self.uuids[args["as"]] = made.uuid
        self.streams[args["as"]] = made
        return str(made.uuid)

    def db_streams(self, args):
        versions = [int(version) for version in args["versions"]] if "versions" in args else None
        prefix = args.get("is_collection_prefix", False)
        made = self.db.streams(*args["identifiers"], versions=versions, is_collection_prefix=prefix)
        self.sets[args.get("as", "")] = made
        return [str(stream.uuid) for stream in made]

    def db_streams_in_collection(self, args):
        collection = [args["collection"]] if "collection" in args else []
        prefix = {"is_collection_prefix": args["is_collection_prefix"]} if "is_collection_prefix" in args else {}
        found = self.db.streams_in_collection(
            *collection, **prefix, tags=args.get("tags"), annotations=args.get("annotations")
        )
        return [known(stream) for stream in found]

    def db_list_collections(self, args):
        return self.db.list_collections(**args)

    def db_list_unique_names(self, args):
        return sorted(self.db.list_unique_names(**args))

    def db_list_unique_units(self, args):
        return sorted(self.db.list_unique_units(**args))

    def db_list_unique_annotations(self, args):
        return sorted(self.db.list_unique_annotations(**args))

    def db_collection_metadata(self, args):
        tags, annotations = self.db.collection_metadata(**args)
        text = lambda counts: {key: str(count) for key, count in counts.items()}
        return {"tags": text(tags), "annotations": text(annotations)}

    def db_query(self, args):
        return document(self.db.query(args["stmt"], args.get("params")))

    # Stream

    def stream_btrdb(self, stream, args):
        return stream.btrdb.info()["build"]

    def stream_uuid(self, stream, args):
        return str(stream.uuid)

    def stream_name(self, stream, args):
        return stream.name

    def stream_unit(self, stream, args):
        return stream.unit

    def stream_collection(self, stream, args):
        return stream.collection

    def stream_tags(self, stream, args):
        return stream.tags(**args)

    def stream_annotations(self, stream, args):
        annotations, version = stream.annotations(**args)
        return {"annotations": document(annotations), "property_version": str(version)}

    def stream_refresh_metadata(self, stream, args):
        stream.refresh_metadata()
        return known(stream)

    def stream_exists(self, stream, args):
        return stream.exists()

    def stream_version(self, stream, args):
        return str(stream.version())

    def stream_values(self, stream, args):
        return read(stream.values(**span(args), **whole(args, "version")))

    def stream_windows(self, stream, args):
        return read(stream.windows(**span(args), **whole(args, "width", "version")))

    def stream_aligned_windows(self, stream, args):
        return read(stream.aligned_windows(**span(args), **whole(args, "pointwidth", "version")))

    def stream_count(self, stream, args):
        precise = args.get("precise", False)
        return str(stream.count(**span(args), **whole(args, "pointwidth", "version"), precise=precise))

    def stream_earliest(self, stream, args):
        return found(stream.earliest(**whole(args, "version")))

    def stream_latest(self, stream, args):
        return found(stream.latest(**whole(args, "version")))

    def stream_current(self, stream, args):
        return found(stream.current(**whole(args, "version")))

    def stream_nearest(self, stream, args):
        version = int(args.get("version", 0))
        return found(stream.nearest(instant(args["time"]), version, backward=args.get("backward", False)))

    def stream_changes(self, stream, args):
        """A call that the client has without a method for it."""
        versions = (int(args["from"]), int(args["to"]))
        replies = list(self.db.ep.changes(stream.uuid, *versions, int(args["resolution"])))
        ranges = [[str(changed.start), str(changed.end)] for reply, _ in replies for changed in reply]
        return {"version": str(max(version for _, version in replies)), "ranges": ranges}

    def stream_insert(self, stream, args):
        return str(stream.insert(points(args["points"]), merge=args.get("merge", "never")))

    def stream_delete(self, stream, args):
        return str(stream.delete(**span(args)))

    def stream_flush(self, stream, args):
        return stream.flush()

    def stream_obliterate(self, stream, args):
        return stream.obliterate()

    def stream_update(self, stream, args):
        given = {key: args[key] for key in ("tags", "collection", "replace") if key in args}
        if "annotations" in args:
            given["annotations"] = json.loads(args["annotations"])
        return str(stream.update(**given))

    def stream_arrow_values(self, stream, args):
        template = {"schema": schema(args["schema"])} if "schema" in args else {}
        return ipc(stream.arrow_values(**span(args), **whole(args, "version"), **template))

    def stream_arrow_windows(self, stream, args):
        return ipc(stream.arrow_windows(**span(args), **whole(args, "width", "version")))

    def stream_arrow_aligned_windows(self, stream, args):
        return ipc(stream.arrow_aligned_windows(**span(args), **whole(args, "pointwidth", "version")))

    def stream_arrow_insert(self, stream, args):
        return str(stream.arrow_insert(table(args["table"]), merge=args.get("merge", "never")))

    # StreamSet

    def set_filter(self, streams, args):
        return [str(stream.uuid) for stream in streams.filter(**self.filter_arguments(args))]

    def set_windows(self, streams, args):
        return self.set_values(streams.clone().windows(int(args["width"])), {})

    def set_aligned_windows(self, streams, args):
        return self.set_values(streams.clone().aligned_windows(int(args["pointwidth"])), {})

    def set_allow_window(self, streams, args):
        return streams.allow_window

    def set_pin_versions(self, streams, args):
        return by_uuid(streams.pin_versions(self.versions(args.get("versions"))).versions())

    def set_versions(self, streams, args):
        return by_uuid(streams.versions())

    def set_clone(self, streams, args):
        """Whether windows may still be asked for of a clone that is read as windows, and of what it was cloned from."""
        clone = streams.clone().windows(10)
        return [clone.allow_window, streams.allow_window]

    def set_index(self, streams, args):
        stream = streams[UUID(args["uuid"])]
        return str(streams.index(stream))

    def set_values(self, streams, args):
        return [[row(point) for point in of_stream] for of_stream in streams.values()]

    def set_values_iter(self, streams, args):
        return streams.values_iter()

    def set_rows(self, streams, args):
        rows = []
        for points in streams.rows():
            (when,) = {point.time for point in points if point is not None}
            rows.append([str(when), [point and row(point)[1:] for point in points]])
        return rows

    def set_count(self, streams, args):
        return str(streams.count(**args))

    def set_earliest(self, streams, args):
        return [point and row(point) for point in streams.earliest()]

    def set_latest(self, streams, args):
        return [point and row(point) for point in streams.latest()]

    def set_current(self, streams, args):
        return [point and row(point) for point in streams.current()]

    def set_insert(self, streams, args):
        data = {}
        for uuid, rows in args["points"].items():
            times, values = zip(*points(rows)) if rows else ([], [])
            data[UUID(uuid)] = pd.DataFrame({"time": np.array(times, "int64"), "value": np.array(values, "float64")})
        return by_uuid(streams.insert(data, merge=args.get("merge", "never")))

    def set_arrow_insert(self, streams, args):
        data = {UUID(uuid): table(hexadecimal) for uuid, hexadecimal in args["tables"].items()}
        return by_uuid(streams.arrow_insert(data, merge=args.get("merge", "never")))

    def set_arrow_values(self, streams, args):
        return ipc(streams.arrow_values())

    def set_arrow_to_arrow_table(self, streams, args):
        return ipc(streams.arrow_to_arrow_table())

    def set_arrow_to_dataframe(self, streams, args):
        data = streams.arrow_to_dataframe(**aggregate(args), **naming(args))
        return frame(data.items(), nanoseconds(data.index))

    def set_arrow_to_polars(self, streams, args):
        return self.polars(streams.arrow_to_polars(**aggregate(args), **naming(args)))

    def set_arrow_to_numpy(self, streams, args):
        data = streams.arrow_to_numpy(**aggregate(args))
        return [[cell(value) for value in column] for column in data.T]

    def set_arrow_to_series(self, streams, args):
        """Each without the times of other streams, under the name of its stream."""
        aggregate_name = "" if streams.allow_window else "/" + args.get("agg", ["mean"])[0]
        series = streams.arrow_to_series(**aggregate(args), **naming(args))
        return [without_missing(one, one.name.removesuffix(aggregate_name)) for one in series]

    def set_arrow_to_dict(self, streams, args):
        """Without the names, which are those of arrow_to_dataframe."""
        rows = streams.arrow_to_dict(**aggregate(args), **naming(args))
        times = nanoseconds(list(rows)) if rows else []
        return [[str(when), [cell(value) for value in of_time.values()]] for when, of_time in zip(times, rows.values())]

    def set_to_dataframe(self, streams, args):
        """With the name of the statistic after that of a stream."""
        data = streams.to_dataframe(**aggregate(args), **naming(args))
        names = ["/".join(name) if isinstance(name, tuple) else name + self.suffix(streams, args) for name in data]
        return frame(zip(names, (data.iloc[:, place] for place in range(len(names)))), data.index)

    def suffix(self, streams, args):
        return "" if streams.allow_window else "/" + args.get("agg", "mean")

    def set_to_polars(self, streams, args):
        return self.polars(streams.to_polars(**aggregate(args), **naming(args)), self.suffix(streams, args))

    def polars(self, data, suffix=""):
        times = data["time"].dt.epoch("ns").to_list()
        return frame([(name + suffix, data[name].to_list()) for name in data.columns if name != "time"], times)

    def set_to_array(self, streams, args):
        return [[shown(value) for value in of_stream] for of_stream in streams.to_array(**aggregate(args))]

    def set_to_series(self, streams, args):
        series = streams.to_series(datetime64_index=False, **aggregate(args), **naming(args))
        return [
            {"name": one.name, "time": [str(when) for when in one.index], "values": [shown(value) for value in one]}
            for one in series
        ]

    def set_to_dict(self, streams, args):
        rows = streams.to_dict(**aggregate(args), **naming(args))
        keys = list(rows[0])[1:] if rows else None
        return {"keys": keys, "rows": [[str(one["time"]), [shown(one[key]) for key in keys]] for one in rows]}

    def set_to_csv(self, streams, args):
        out = io.StringIO(newline="")
        streams.to_csv(out, dialect=args.get("dialect"), **aggregate(args), **naming(args))
        return out.getvalue()

    def set_to_table(self, streams, args):
        return streams.to_table(**aggregate(args), **naming(args))

    # Time

    def time_to_nanoseconds(self, args):
        ((kind, given),) = args.items()
        return str(timez.to_nanoseconds(given if kind == "text" else number(given)))

    def time_datetime_to_ns(self, args):
        year, month, day, hour, minute, second, millisecond = map(int, args["utc"])
        moment = datetime(year, month, day, hour, minute, second, millisecond * 1000, timezone.utc)
        return str(timez.datetime_to_ns(moment))

    def time_ns_to_datetime(self, args):
        moment = timez.ns_to_datetime(int(args["ns"]))
        return f"{moment:%Y-%m-%dT%H:%M:%S.%f}000Z"

    def time_ns_delta(self, args):
        return str(timez.ns_delta(**{unit: number(count) for unit, count in args.items()}))

    def time_currently_as_ns(self, args):
        """Whether it is what the clock says, to a minute."""
        return abs(timez.currently_as_ns() - time.time_ns()) < 60_000_000_000

    def pointwidth_from_nanoseconds(self, args):
        return str(int(pointwidth.from_nanoseconds(int(args["ns"]))))

    def pointwidth_describe(self, args):
        return str(pointwidth(int(args["pointwidth"])))

    def pointwidth_for_aligned_windows(self, args):
        windows = pointwidth(int(args["pointwidth"])).for_aligned_windows(**span(args))
        return [str(part) for part in windows]


def main():
    db = btrdb.connect(sys.argv[1])
    for number_of_case, case in enumerate(json.load(sys.stdin)["cases"]):
        under_way = Case(db, case)
        for number_of_step, step in enumerate(case["steps"]):
            if "python" in step["not_run_by"]:
                continue
            try:
                result = under_way.run(step)
            except Exception as error:
                result = {"error": type(error).__name__}
            line = {"case": number_of_case, "step": number_of_step, "result": result}
            print(json.dumps(line, allow_nan=False), flush=True)


main()
