export type {
  BucketRange,
  Capabilities,
  DriverOptionTypes,
  StorageDriver,
  TimeseriesType,
} from './contract.ts'
export { type CellReference, KairosError, type KairosErrorCode, type KairosErrorDetails } from './errors.ts'
export { memoryDriver } from './memory.ts'
export type { IntervalConfig, IntervalsConfig, TimeseriesConfig } from './public/config.ts'
export type { Data, Names, TimeseriesShape } from './public/shape.ts'
export type { CallOnly, Extent, Timeseries, TimeseriesOf } from './public/timeseries.ts'
export type { BulkOptions, InsertOptions, Point, Points, WriteResult } from './public/writes.ts'
export { type Bucketing, bucketing } from './time/bucketing.ts'
export type { Timestamp } from './time/timestamp.ts'
export { createTimeseries } from './timeseries.ts'
export type { TransformName } from './transforms.ts'
export type { InputOf, ValueOf, ValueType } from './values/value-types.ts'
