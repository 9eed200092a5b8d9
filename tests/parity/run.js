// Runs the cases through the npm module, in Node or in a page. Lines, values and errors are as in run.py.

const hexOf = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const bytesOf = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (byte) => parseInt(byte, 16));

// What goes in.

const bits = new DataView(new ArrayBuffer(8));

/** An integer, or a double from its bits. */
function number(text) {
  if (!text.startsWith("0x")) return text === "nan" ? NaN : Number(text);
  bits.setBigUint64(0, BigInt(text));
  return bits.getFloat64(0);
}

/** A time as the module takes it: a bigint, or text for it to understand. */
const instant = (text) => (/^-?\d+$/.test(text) ? BigInt(text) : text);
const point = ([time, value]) => ({ time: BigInt(time), value: number(value) });
const columns = (points) => ({
  time: BigInt64Array.from(points, ([time]) => BigInt(time)),
  value: Float64Array.from(points, ([, value]) => number(value)),
});
const mapped = (object, form) => Object.fromEntries(Object.entries(object).map(([key, value]) => [key, form(value)]));
const whole = (args, ...keys) => mapped(picked(args, ...keys), (text) => BigInt(text));
const picked = (args, ...keys) => Object.fromEntries(keys.filter((key) => key in args).map((key) => [key, args[key]]));
const times = (args) => ["start", "end"].map((key) => (key in args ? instant(args[key]) : undefined));

function filterOptions(args) {
  const text = (wanted) => (typeof wanted === "string" ? wanted : new RegExp(wanted.regex));
  return {
    ...mapped(picked(args, "start", "end"), instant),
    ...mapped(picked(args, "collection", "name", "unit"), text),
    ...picked(args, "tags", "annotations"),
    ...("sampling_frequency" in args && { samplingFrequency: number(args.sampling_frequency) }),
    ...("schema" in args && { schema: bytesOf(args.schema) }),
  };
}

function tableOptions({ agg, name_callable: template }) {
  const known = ({ collection, uuid, tags }) => ({ collection, uuid, ...tags });
  const name = (descriptor) => template.replace(/{(\w+)}/g, (_, key) => known(descriptor)[key]);
  const all = ["min", "mean", "max", "count", "stddev"];
  return { ...(agg && { agg: agg === "all" || agg[0] === "all" ? all : agg }), ...(template && { name }) };
}

// What comes out.

function double(value) {
  if (Number.isNaN(value)) return "nan";
  bits.setFloat64(0, value);
  return `0x${bits.getBigUint64(0).toString(16).padStart(16, "0")}`;
}

const shown = (value) => (value == null ? null : typeof value === "bigint" ? String(value) : double(value));
const shownAll = (values) => Array.from(values, shown);

/** A JSON document whose numbers are doubles. */
function json(value) {
  if (typeof value === "number") return double(value);
  if (Array.isArray(value)) return value.map(json);
  return value && typeof value === "object" ? mapped(value, json) : value;
}

const FIELDS = ["time", "min", "mean", "max", "count", "stddev"];
const fields = (read) => ("value" in read ? ["time", "value"] : FIELDS).map((name) => read[name]);
const row = (point) => shownAll(fields(point));
const rowOrNone = (point) => (point ? row(point) : null);
const rows = (read) => Array.from(read.time, (_, index) => shownAll(fields(read).map((column) => column[index])));

/** Points or windows, and the version they were read at; none is told for nothing. */
const read = (read) => ({ version: read.time.length ? String(read.version) : null, rows: rows(read) });
const found = (point) => (point ? { version: String(point.version), point: row(point) } : null);
const byUuid = (versions) => Object.fromEntries(Array.from(versions, ([uuid, version]) => [uuid, String(version)]));
/** The numbers of a column of a table, null where there is none. */
const cells = ({ values, present }) =>
  Array.from(values, (value, row) => (present?.[row] === 0 || Number.isNaN(value) ? null : shown(value)));
const ipc = (bytes) => ({ ipc: hexOf(bytes) });
const frame = (bytes) => ({ frame: hexOf(bytes) });

const known = (descriptor, annotations) => ({
  uuid: descriptor.uuid,
  collection: descriptor.collection,
  tags: descriptor.tags,
  annotations: annotations ? json(annotations) : descriptor.annotations,
  property_version: String(descriptor.propertyVersion),
});

/** The calls by the names that Python gives them. */
function calls(btrdb) {
  const ofConnection = {
    async info(db) {
      const { majorVersion, minorVersion, build, proxyEndpoints } = await db.info();
      return { majorVersion: String(majorVersion), minorVersion: String(minorVersion), build, proxy: proxyEndpoints };
    },
    stream_from_uuid(db, { uuid, as }, underWay) {
      const stream = db.streamFromUuid(uuid);
      underWay.uuids[as] = stream.uuid;
      underWay.streams.set(as, stream);
      return stream.uuid;
    },
    async streams(db, { identifiers, versions, is_collection_prefix: prefix, as }, underWay) {
      const options = { ...(versions && { versions: versions.map(BigInt) }), ...(prefix != null && { prefix }) };
      const set = await db.streams(identifiers, options);
      underWay.sets.set(as, set);
      return Array.from(set, ({ uuid }) => uuid);
    },
    async streams_in_collection(db, { collection = "", is_collection_prefix: prefix, tags, annotations }) {
      const found = await db.streamsInCollection(collection, { prefix, tags, annotations });
      return Promise.all(found.map(async (stream) => known(await stream.descriptor())));
    },
    list_collections: (db, { starts_with: prefix }) => db.listCollections(prefix),
    list_unique_names: async (db, { collection }) => (await db.listUniqueNames(collection)).sort(),
    list_unique_units: async (db, { collection }) => (await db.listUniqueUnits(collection)).sort(),
    list_unique_annotations: async (db, { collection }) => (await db.listUniqueAnnotations(collection)).sort(),
    async collection_metadata(db, { prefix }) {
      const { tags, annotations } = await db.collectionMetadata(prefix);
      return { tags: mapped(tags, String), annotations: mapped(annotations, String) };
    },
    query: async (db, { stmt, params }) => json(await db.query(stmt, params)),
  };

  const ofStream = {
    btrdb: async (stream) => (await stream.connection.info()).build,
    uuid: (stream) => stream.uuid,
    name: (stream) => stream.name(),
    unit: (stream) => stream.unit(),
    collection: (stream) => stream.collection(),
    async tags(stream, { refresh }) {
      if (refresh) await stream.refreshMetadata();
      return stream.tags();
    },
    async annotations(stream, { refresh }) {
      if (refresh) await stream.refreshMetadata();
      const { propertyVersion } = await stream.descriptor();
      return { annotations: json(await stream.annotations()), property_version: String(propertyVersion) };
    },
    async refresh_metadata(stream) {
      const descriptor = await stream.refreshMetadata();
      return known(descriptor, await stream.annotations());
    },
    exists: (stream) => stream.exists(),
    version: async (stream) => String(await stream.version()),
    values: async (stream, args) => read(await stream.values(...times(args), whole(args, "version"))),
    windows: async (stream, args) =>
      read(await stream.windows(...times(args), BigInt(args.width), whole(args, "version"))),
    aligned_windows: async (stream, args) =>
      read(await stream.alignedWindows(...times(args), Number(args.pointwidth), whole(args, "version"))),
    async count(stream, args) {
      const width = "pointwidth" in args && { pointWidth: Number(args.pointwidth) };
      return String(await stream.count(...times(args), { ...whole(args, "version"), precise: args.precise, ...width }));
    },
    earliest: async (stream, args) => found(await stream.earliest(whole(args, "version"))),
    latest: async (stream, args) => found(await stream.latest(whole(args, "version"))),
    current: async (stream, args) => found(await stream.current(whole(args, "version"))),
    nearest: async (stream, args) =>
      found(await stream.nearest(instant(args.time), { ...whole(args, "version"), backward: args.backward })),
    async changes(stream, { from, to, resolution }) {
      const changes = await stream.changes(BigInt(from), BigInt(to), Number(resolution));
      const ranges = changes.ranges.map(({ start, end }) => [String(start), String(end)]);
      return { version: String(changes.version), ranges };
    },
    insert: async (stream, { points, merge }) => String(await stream.insert(points.map(point), { merge })),
    delete: async (stream, args) => String(await stream.delete(...times(args))),
    flush: async (stream) => void (await stream.flush()),
    obliterate: async (stream) => void (await stream.obliterate()),
    async update(stream, { annotations, ...args }) {
      return String(await stream.update({ ...args, ...(annotations && { annotations: JSON.parse(annotations) }) }));
    },
    async arrow_values(stream, args) {
      const schema = "schema" in args && { schema: bytesOf(args.schema) };
      return ipc((await stream.arrowValues(...times(args), { ...whole(args, "version"), ...schema })).ipc);
    },
    arrow_windows: async (stream, args) =>
      ipc((await stream.arrowWindows(...times(args), BigInt(args.width), whole(args, "version"))).ipc),
    arrow_aligned_windows: async (stream, args) =>
      ipc((await stream.arrowAlignedWindows(...times(args), Number(args.pointwidth), whole(args, "version"))).ipc),
    arrow_insert: async (stream, { table, merge }) => String(await stream.arrowInsert(bytesOf(table), { merge })),
  };

  const values = async (set) => (await set.values()).map(rows);
  /** Series have one statistic. */
  const one = ({ agg, ...args }) => tableOptions({ ...args, agg: [agg].flat()[0] });
  const series = async (set, args) =>
    (await set.toSeries(one(args))).map(({ name, time, values }) => ({
      name,
      time: shownAll(time),
      values: shownAll(values),
    }));
  const table = async (set, args) => frame(await set.toArrowTable(tableOptions(args)));
  const dict = async (set, args) => {
    const records = await set.toDict(tableOptions(args));
    const keys = records.length ? Object.keys(records[0]).slice(1) : null;
    return { keys, rows: records.map((record) => [String(record.time), keys.map((key) => shown(record[key]))]) };
  };
  const ofSet = {
    filter: async (set, args) => Array.from(await set.filter(filterOptions(args)), ({ uuid }) => uuid),
    windows: (set, { width }) => values(set.windows(BigInt(width))),
    aligned_windows: (set, { pointwidth }) => values(set.alignedWindows(Number(pointwidth))),
    allow_window: (set) => set.allowWindow,
    async pin_versions(set, { versions }, underWay, name) {
      const pinned = await set.pinVersions(versions && new Map(Object.entries(mapped(versions, BigInt))));
      underWay.sets.set(name, pinned);
      return byUuid(await pinned.versions());
    },
    versions: async (set) => byUuid(await set.versions()),
    clone: (set) => [set.clone().windows(10n).allowWindow, set.allowWindow],
    index: (set, { uuid }) => (set.index(uuid) < 0 ? null : String(set.index(uuid))),
    values,
    async values_iter(set) {
      const streams = Array.from(set, () => []);
      for await (const { index, columns } of set.valuesIter()) streams[index].push(...rows(columns));
      return streams;
    },
    async rows(set) {
      const all = [];
      for await (const { time, points } of set.rows()) {
        all.push([String(time), points.map((point) => (point ? row(point).slice(1) : null))]);
      }
      return all;
    },
    count: async (set, { precise }) => String(await set.count({ precise })),
    earliest: async (set) => (await set.earliest()).map(rowOrNone),
    latest: async (set) => (await set.latest()).map(rowOrNone),
    current: async (set) => (await set.current()).map(rowOrNone),
    insert: async (set, { points, merge }) =>
      byUuid(await set.insert(new Map(Object.entries(mapped(points, columns))), { merge })),
    arrow_insert: async (set, { tables, merge }) =>
      byUuid(await set.arrowInsert(new Map(Object.entries(mapped(tables, bytesOf))), { merge })),
    arrow_values: async (set) => ipc(await set.arrowValues()),
    arrow_to_arrow_table: async (set) =>
      ipc(await set.toArrowTable({ agg: ["min", "mean", "max", "count", "stddev"], name: ({ uuid }) => uuid })),
    arrow_to_dataframe: table,
    arrow_to_polars: table,
    async arrow_to_numpy(set, args) {
      const { columns } = await set.toColumns(tableOptions(args));
      return columns.map(cells);
    },
    arrow_to_series: series,
    async arrow_to_dict(set, args) {
      const { time, columns } = await set.toColumns(tableOptions(args));
      const all = columns.map(cells);
      return Array.from(time, (when, row) => [String(when), all.map((column) => column[row])]);
    },
    to_dataframe: table,
    to_polars: table,
    to_array: async (set, args) => (await set.toArray(one(args))).map(shownAll),
    to_series: series,
    to_dict: dict,
    to_csv: (set, { dialect, ...args }) =>
      set.toCsv({ ...tableOptions(args), ...(dialect === "excel-tab" && { delimiter: "\t" }) }),
    to_table: (set, args) => set.toTable(tableOptions(args)),
  };

  const ofTime = {
    to_nanoseconds({ text, int, float }) {
      return String(btrdb.toNanoseconds(text ?? (int != null ? BigInt(int) : number(float))));
    },
    datetime_to_ns({ utc }) {
      const [year, month, ...rest] = utc.map(Number);
      return String(btrdb.datetimeToNs(new Date(Date.UTC(year, month - 1, ...rest))));
    },
    ns_to_datetime: ({ ns }) => btrdb.isoString(BigInt(ns)),
    ns_delta({ nanoseconds, ...units }) {
      const rest = nanoseconds && { nanoseconds: nanoseconds.startsWith("0x") ? number(nanoseconds) : BigInt(nanoseconds) };
      return String(btrdb.nsDelta({ ...mapped(units, number), ...rest }));
    },
    currently_as_ns: () => Math.abs(Number(btrdb.currentlyAsNs() / 1_000_000n) - Date.now()) < 60_000,
    from_nanoseconds: ({ ns }) => String(btrdb.pointWidth.fromNanoseconds(BigInt(ns))),
    describe: ({ pointwidth }) => btrdb.pointWidth.describe(Number(pointwidth)),
    for_aligned_windows({ pointwidth, ...args }) {
      const { first, last, count } = btrdb.pointWidth.forAlignedWindows(Number(pointwidth), ...times(args));
      return [first, last, count].map(String);
    },
  };
  return { ofConnection, ofStream, ofSet, ofTime };
}

/** A case under way: its streams and sets by name. */
class Case {
  constructor(btrdb, db, { uuids, sets }) {
    Object.assign(this, { btrdb, db, uuids: { ...uuids }, specs: sets, streams: new Map(), sets: new Map() });
    this.calls = calls(btrdb);
  }

  stream(name) {
    if (!this.streams.has(name)) this.streams.set(name, this.db.streamFromUuid(this.uuids[name]));
    return this.streams.get(name);
  }

  /** The set of a name, made as the case says when it is first used. */
  async set(name) {
    if (this.sets.has(name)) return this.sets.get(name);
    const spec = this.specs[name];
    let set = new this.btrdb.StreamSet(spec.of.map((stream) => this.stream(stream)));
    for (const filter of spec.filter ?? []) set = await set.filter(filterOptions(filter));
    if ("windows" in spec) set = set.windows(BigInt(spec.windows));
    if ("aligned_windows" in spec) set = set.alignedWindows(Number(spec.aligned_windows));
    if ("pin_versions" in spec) {
      const versions = spec.pin_versions && new Map(Object.entries(mapped(spec.pin_versions, BigInt)));
      set = await set.pinVersions(versions ?? undefined);
    }
    this.sets.set(name, set);
    return set;
  }

  async create(name, { collection, tags, annotations }) {
    const stream = await this.db.create(this.uuids[name], collection, tags, annotations);
    this.streams.set(name, stream);
    return { uuid: stream.uuid, collection: await stream.collection(), name: await stream.name() };
  }

  async run({ target, do: name, args }) {
    const { ofConnection, ofStream, ofSet, ofTime } = this.calls;
    if (target === "db") return ofConnection[name](this.db, args, this);
    if (target === "time" || target === "pointwidth") return ofTime[name](args);
    if (target in this.specs || this.sets.has(target)) return ofSet[name](await this.set(target), args, this, target);
    if (name === "create") return this.create(target, args);
    return ofStream[name](this.stream(target), args);
  }
}

/** A line for each step of `plan`, asked of the server at `endpoint`. */
export async function run(btrdb, endpoint, plan) {
  const db = await btrdb.connect(endpoint);
  const lines = [];
  for (const [caseNumber, described] of plan.cases.entries()) {
    const underWay = new Case(btrdb, db, described);
    for (const [stepNumber, step] of described.steps.entries()) {
      let result;
      try {
        result = (await underWay.run(step)) ?? null;
      } catch (error) {
        // Anything else is a mistake, here or there.
        result = { error: error instanceof btrdb.BTrDBError ? error.name : String(error?.stack) };
      }
      lines.push(JSON.stringify({ case: caseNumber, step: stepNumber, result }));
    }
  }
  return lines;
}
