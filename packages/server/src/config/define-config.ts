import type { ServerConfig } from './types.ts'

/**
 * Returns the configuration as it is; for the compiler, which then checks it and completes its keys.
 * @example export default defineConfig({ stores: { live: 'redis://localhost' }, timeseries: { … } })
 */
export function defineConfig(config: ServerConfig): ServerConfig {
  return config
}
