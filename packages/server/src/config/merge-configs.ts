import { isRecord } from '@kairos/core/driver'
import type { ServerConfig } from './types.ts'

/** The keys whose members are merged by name. */
const BY_NAME = ['stores', 'timeseries', 'transforms', 'macros', 'server'] as const

/**
 * One configuration of several, of which a later one overrides an earlier. Stores, timeseries, transforms, macros and the options of the server are
 * merged by name, and a name that comes twice is the later's, whole; `aggregates` are put behind each other. Checked afterwards.
 */
export function mergeConfigs(configs: readonly ServerConfig[]): ServerConfig {
  // Not an object: to set `__proto__`, which is an unknown key like others, would give it a prototype, whose keys nothing checks.
  const merged = new Map<string, unknown>()
  for (const config of configs) {
    for (const [key, value] of Object.entries(config)) merged.set(key, mergedValue(key, merged.get(key), value))
  }
  return Object.fromEntries(merged)
}

function mergedValue(key: string, earlier: unknown, later: unknown): unknown {
  if (BY_NAME.some((name) => name === key) && isRecord(earlier) && isRecord(later)) return { ...earlier, ...later }
  if (key === 'aggregates' && Array.isArray(earlier) && Array.isArray(later)) return [...earlier, ...later]
  return later
}
