export { defineConfig } from './config/define-config.ts'
export type { ServedConfig, ServerConfig, ServerOptions } from './config/types.ts'
export type { ServerLimits } from './http/limits.ts'
export { createServer, type KairosServer } from './server.ts'
