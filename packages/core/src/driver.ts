/**
 * The driver contract, spec 1, and a toolkit for implementing it.
 *
 * Core owns time, types, merging, retention and the read pipeline; a driver merges cells into a store and finds them again.
 * Every call returns a plain promise, every bucket is a safe integer, and every range includes both ends.
 */

export { abortable } from './calls/abortable.ts'
export { pause } from './calls/pause.ts'
export { isWriteFailure, retryOf } from './calls/store-failures.ts'
export { createYielder } from './calls/yielder.ts'
export type { DriverCallOptions } from './contract/call-options.ts'
export type {
  BucketRange,
  Capabilities,
  CellPosition,
  CellQuery,
  CellStore,
  CellValue,
  CellValues,
  CellWrite,
  DriverOptionTypes,
  Facts,
  FetchedCell,
  FoundPlace,
  IntervalSchema,
  NamesPage,
  NamesQuery,
  OldestLive,
  OpenedStore,
  OpenOptions,
  OriginalType,
  Records,
  Scalar,
  StorageDriver,
  StoredCell,
  StoreFailure,
  StoreSchema,
  SweepQuery,
  SweepReceipt,
  TimeseriesType,
  WriteBatch,
  WriteFailure,
  WriteReceipt,
} from './contract/cells.ts'
export type {
  EventCapabilities,
  EventPage,
  EventQuery,
  EventSchema,
  EventStorage,
  KeyRange,
  StoredEvent,
} from './contract/events.ts'
export type {
  BucketGroups,
  MergeCapabilities,
  MergedCell,
  MergeQuery,
  MergeResult,
  SeriesStats,
} from './contract/merging.ts'
export type { CellReplacement, ReplaceBatch, ReplaceCapabilities, ReplaceReceipt } from './contract/replacing.ts'
export type { SketchValues, SummaryValue } from './contract/sketches.ts'
export { importPeer, type PeerRequest } from './drivers/import-peer.ts'
export { withDetails } from './error-details.ts'
export { describe } from './internal/describe.ts'
export { isRecord } from './internal/kinds.ts'
export { messageOf, withoutSecrets } from './internal/message-of.ts'
export { compareCodePoints } from './internal/order.ts'
export { binPacking } from './toolkit/bin-packing.ts'
export { checkSchema, type KnownSchemas } from './toolkit/check-schema.ts'
export { dictionary } from './toolkit/dictionary.ts'
export { eachConcurrently } from './toolkit/each-concurrently.ts'
export { eventTime, UUID_EPOCH } from './toolkit/event-time.ts'
export { configChangedFailure, failedStore, failedWrite, worstRetry } from './toolkit/failures.ts'
export { harmless } from './toolkit/harmless.ts'
export { hashText } from './toolkit/hash-text.ts'
export { type InvalidOption, invalidOption } from './toolkit/invalid-option.ts'
export { createLease, LEASE_TIME, type Lease, outlastLeases, type RecordState } from './toolkit/lease.ts'
export { leasedStore } from './toolkit/leased-store.ts'
export { mapConcurrently } from './toolkit/map-concurrently.ts'
export { monotonicNow } from './toolkit/monotonic-now.ts'
export { type Once, once } from './toolkit/once.ts'
export { checkKeys, checkMilliseconds, type KeysOwner } from './toolkit/options.ts'
export { ORIGINAL_TYPES } from './toolkit/original-types.ts'
export { type PackLimits, pack } from './toolkit/pack.ts'
export { pageOfNames } from './toolkit/page-of-names.ts'
export { pathOfUrl } from './toolkit/path-of-url.ts'
export { type MergeRegisters, registerMerger } from './toolkit/register-merger.ts'
export { registerPacking } from './toolkit/register-packing.ts'
export { sameValue } from './toolkit/same-value.ts'
export type { SketchPacking } from './toolkit/sketch-packing.ts'
export { slugOf } from './toolkit/slug-of.ts'
export { type StringCodec, stringCodec } from './toolkit/string-codec.ts'
export { expiryOf, TYPES_OF_SPEC_1 } from './toolkit/types-of-spec-1.ts'
export { within } from './toolkit/within.ts'
