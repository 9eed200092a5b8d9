// What all entries of the package share: all but how the WebAssembly module is found.

export type { AnnotationValue } from "./annotations.js";
export type { CallOptions, ReadOptions, RetryOptions } from "./call.js";
export {
  type ArrowData,
  type Changes,
  type Columns,
  type Descriptor,
  type Info,
  type Point,
  type PointOf,
  type RawColumns,
  type RawPoint,
  type StatColumns,
  type StatPoint,
  type TailEvent,
  type TimeRange,
  points,
} from "./columns.js";
export type { Connect, ConnectOptions, WorkerOption } from "./connect.js";
export {
  Connection,
  type ConnectionHandle,
  type LookupOptions,
  type MetadataUsage,
  type StreamsOptions,
} from "./connection.js";
export type { Profile } from "./credentials.js";
export {
  AmbiguousStream,
  BTRDBServerError,
  BTRDBTypeError,
  BTRDBValueError,
  BTrDBError,
  BadResponse,
  BadSQLValue,
  BadValue,
  Cancelled,
  ConnectionError,
  CredentialsFileNotFound,
  DeadlineExceeded,
  type ErrorDetails,
  type ErrorInit,
  type ErrorJson,
  InvalidCollection,
  InvalidOperation,
  InvalidPointWidth,
  InvalidTagKey,
  InvalidTagValue,
  InvalidTimeRange,
  ModuleFailed,
  NoSuchPoint,
  NotInitialized,
  PermissionDenied,
  ProfileNotFound,
  type ReadSoFar,
  RecycledUUID,
  StreamExists,
  StreamNotFoundError,
  Unauthenticated,
  Unavailable,
  Unimplemented,
  VersionNotAvailable,
  type WrittenSoFar,
} from "./errors.js";
export type { Filter, TextFilter } from "./filter.js";
export { type Stats, compiledModule, stats } from "./instance.js";
export type { WasmBytes, WasmModule, WasmSource } from "./module.js";
export { type PlotUnit, toPlotTime } from "./plot-time.js";
export * as pointWidth from "./point-width.js";
export type { AlignedWindows } from "./point-width.js";
export type { WorkerLike } from "./port.js";
export { Flow, Read } from "./read.js";
export type {
  ArrowValuesOptions,
  CountOptions,
  InsertOptions,
  MergePolicy,
  NearestOptions,
  PointInput,
  PointColumns,
  PointsInput,
  StreamHandle,
  TailOptions,
  Update,
} from "./stream-options.js";
export type { StatusDetail } from "./status-details.js";
export { Stream } from "./stream.js";
export { type ByUuid, type StreamBatch, StreamSet } from "./streamset.js";
export type {
  Aggregate,
  CsvOptions,
  NameOptions,
  NamedColumn,
  Row,
  Series,
  SeriesOptions,
  Table,
  TableOptions,
  TableRecord,
  Values,
} from "./tables.js";
export type {
  ApiKey,
  CallReport,
  Done,
  Intercept,
  OutgoingCall,
  TransportOptions,
} from "./transport.js";
export {
  type Delta,
  type Instant,
  type TimeInput,
  currentlyAsNs,
  datetimeToNs,
  isoString,
  nsDelta,
  nsToDatetime,
  toNanoseconds,
} from "./time.js";
