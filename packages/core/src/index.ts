export type { BufferFailure, BufferOptions, BufferStats, WriteBuffer } from './api/buffer.ts'
export type { CallOptions, CloseOptions } from './api/call-options.ts'
export type {
  Cell,
  CellsOptions,
  CellToWrite,
  CellWriteOptions,
  CellWriteResult,
  StoredData,
} from './api/cells.ts'
export type { IntervalConfig, IntervalsConfig, TimeseriesConfig } from './api/config.ts'
export type { CallMessage, StoreMessage } from './api/diagnostics.ts'
export type { Discovered, DiscoveredInterval } from './api/discovered.ts'
export type { QueryResult } from './api/reads.ts'
export type { RebuildOptions, RebuildProgress, RebuildResult } from './api/rebuild.ts'
export type { Data, LabelMatch, Matcher, Name, Names, ReadNames, TimeseriesShape } from './api/shape.ts'
export type { Distribution, DistributionBin, Summary, UniqueSketch } from './api/sketches.ts'
export type { CellData, StoredValue } from './api/stored.ts'
export type { DeleteOptions, Extent, ListOptions, NamesOptions, Timeseries } from './api/timeseries.ts'
export type { TimeseriesOf } from './api/timeseries-of.ts'
export type { TopEntry } from './api/top.ts'
export type { BulkInsertOptions, InsertOptions, Point, Points, WriteResult } from './api/writes.ts'
export type { RetryEvent } from './calls/patience.ts'
export type {
  BucketRange,
  Capabilities,
  DriverOptionTypes,
  StorageDriver,
  TimeseriesType,
} from './contract/cells.ts'
export { discover } from './discover.ts'
export { memoryDriver } from './drivers/memory-driver.ts'
export { type CellReference, KairosError, type KairosErrorCode, type KairosErrorDetails } from './errors.ts'
export type { LabelledName, LabelValue } from './internal/labels.ts'
export type { UsualStep } from './pipeline/read/usual-steps.ts'
export { type PointTimes, type TimePoint, toPoints } from './points.ts'
export { type Bucketing, bucketing } from './time/bucketing.ts'
export type { CalendarOptions } from './time/calendar-options.ts'
export type { StepForm } from './time/step.ts'
export type { Timestamp } from './time/timestamp.ts'
export { createTimeseries } from './timeseries.ts'
export { type ShareTransform, share, type TopTransform, top } from './transforms/counts.ts'
export type { TransformName } from './transforms/names.ts'
export type { Percentile } from './transforms/percentile-name.ts'
export type { InputOf, ValueOf, ValueType } from './values/value-types.ts'
