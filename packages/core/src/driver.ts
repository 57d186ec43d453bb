/**
 * The driver contract, spec 1, and the toolkit for those who implement it.
 *
 * Core owns time, types, merging, retention and the read pipeline; a driver merges cells into a store and finds them again.
 * Every call is a plain promise, every bucket a safe integer, every range includes both ends.
 *
 * `connectionOf`, `Calls`, `callStore` and `isRecord` are for packages that build on drivers, as @kairos/events does: core's own way of opening,
 * closing, retrying and checking.
 */
export { type Connection, connectionOf } from './connection.ts'
export type {
  BucketRange,
  CallOptions,
  Capabilities,
  CellPosition,
  CellQuery,
  CellStore,
  CellValue,
  CellValues,
  CellWrite,
  DriverOptionTypes,
  FetchedCell,
  IntervalSchema,
  OldestLive,
  OpenedStore,
  OpenOptions,
  Records,
  Scalar,
  StorageDriver,
  StoredCell,
  StoreFailure,
  StoreSchema,
  TimeseriesType,
  WriteBatch,
  WriteFailure,
  WriteReceipt,
} from './contract.ts'
export type {
  EventCapabilities,
  EventPage,
  EventQuery,
  EventSchema,
  EventStorage,
  KeyRange,
  StoredEvent,
} from './events-contract.ts'
export { Calls } from './internal/calls.ts'
export { describe } from './internal/describe.ts'
export { isRecord } from './internal/kinds.ts'
export { callStore, messageOf } from './pipeline/retry.ts'
export { abortable } from './toolkit/abortable.ts'
export { eventTime } from './toolkit/event-time.ts'
export { configChangedFailure, failedStore, failedWrite } from './toolkit/failures.ts'
export { importPeer, type PeerRequest } from './toolkit/import-peer.ts'
export { createLease, LEASE_TIME, type Lease, outlastLeases, type RecordState } from './toolkit/lease.ts'
export { checkDriverOptions } from './toolkit/options.ts'
export { pause } from './toolkit/pause.ts'
export { type StringCodec, stringCodec } from './toolkit/string-codec.ts'
export { createTurns } from './toolkit/turns.ts'
