export { createEventClient } from './client/create-event-client.ts'
export type {
  BackgroundOptions,
  EventClient,
  EventClientOptions,
  LogOptions,
  LostEvent,
  ScopeEvent,
  ScopeOptions,
  ServerIndex,
  WaitOptions,
} from './client/types.ts'
export { newId } from './event/new-id.ts'
export { type TimeInput, toDate, toIso, toSeconds, toTicks } from './event/time.ts'
export type { AccessEntry } from './http/access-log.ts'
export type { AllowedHosts } from './http/access-rules.ts'
export type { AllowedOrigins } from './http/cors.ts'
export { type KronosHandlerOptions, kronosHandler, type ServingMode } from './http/kronos-handler.ts'
export type { RequestLimits } from './http/request-limits.ts'
export type { KronosRoute, KronosRouting } from './http/routing.ts'
export { fromJson, toJson } from './json/event-json.ts'
export type { JsonValue } from './json/json-values.ts'
export type { JsonSchema } from './json/schema-sketch.ts'
export { createEventStore } from './store/create-event-store.ts'
export { tally } from './tally/tally.ts'
export type { TallyOptions, TallyPoint, TallyResult } from './tally/types.ts'
export type {
  AnyEventStore,
  AnyMembers,
  AnyStreams,
  CallOptions,
  DeleteOptions,
  EventFields,
  EventInput,
  EventStore,
  EventStoreConfig,
  EventStoreSource,
  EventsInput,
  EventsPage,
  Eviction,
  GetOptions,
  InferOptions,
  Order,
  PageOptions,
  PutResult,
  RangeOptions,
  Retention,
  StoredFields,
  StoredMembers,
  StreamEvent,
  StreamName,
  StreamsOptions,
  StreamTypes,
} from './types.ts'
