export type {
  BucketRange,
  Capabilities,
  DriverOptionTypes,
  StorageDriver,
  TimeseriesType,
} from './contract.ts'
export { type CellReference, KairosError, type KairosErrorCode, type KairosErrorDetails } from './errors.ts'
export { memoryDriver } from './memory.ts'
export type { WriteResult } from './pipeline/write.ts'
export type {
  BulkOptions,
  Data,
  Extent,
  InsertOptions,
  IntervalConfig,
  IntervalsConfig,
  Names,
  Point,
  Points,
  Timeseries,
  TimeseriesConfig,
  TimeseriesOf,
  TimeseriesShape,
} from './public-types.ts'
export { type Bucketing, bucketing } from './time/bucketing.ts'
export type { Timestamp } from './time/timestamp.ts'
export { createTimeseries } from './timeseries.ts'
export type { TransformName } from './transforms.ts'
export type { InputOf, ValueOf, ValueType } from './values/value-types.ts'
