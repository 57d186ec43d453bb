export { defineConfig } from './config/define-config.ts'
export { env } from './config/env.ts'
export type {
  Aggregate,
  CarbonOptions,
  InputKind,
  KronosOptions,
  NamePattern,
  ServerBufferOptions,
  ServerConfig,
  ServerMode,
  ServerOptions,
  ServerTimeseriesConfig,
  StatsdOptions,
} from './config/types.ts'
export type { ServerLimits } from './http/limits.ts'
export type { KairosServer } from './kairos-server.ts'
export { loadConfig } from './load-config.ts'
export { type MatchedName, type MatchedTimeseries, matchName } from './mapping/match-name.ts'
export { type ServedProcess, serve } from './serve.ts'
export { createServer } from './server.ts'
