export { defineConfig } from './config/define-config.ts'
export { env } from './config/env.ts'
export type {
  Aggregate,
  CarbonOptions,
  InputKind,
  KronosOptions,
  NamePattern,
  ServerTimeseriesConfig,
  ServerBufferOptions,
  ServerConfig,
  ServerMode,
  ServerOptions,
  StatsdOptions,
} from './config/types.ts'
export type { ServerLimits } from './http/limits.ts'
export type { KairosServer } from './kairos-server.ts'
export { loadConfig } from './load-config.ts'
export { type MatchedName, matchName, type MatchedTimeseries } from './mapping/match-name.ts'
export { type ServedProcess, serve } from './serve.ts'
export { createServer } from './server.ts'
