import { checkKeys } from '@kairos/core/driver'
import { checkRecord } from './config/checks.ts'
import { type NamedReads, namedReads } from './config/named-reads.ts'
import { type ServerSettings, serverSettings } from './config/server-settings.ts'
import type { ServerConfig } from './config/types.ts'
import { createMapping, type Mapping } from './mapping/mapping.ts'
import { createRegistry, type Registry } from './timeseries/registry.ts'

/** What a server needs of its configuration. */
export interface CheckedConfig {
  readonly settings: ServerSettings
  readonly registry: Registry
  readonly mapping: Mapping
  readonly reads: NamedReads
}

const KEYS = ['stores', 'timeseries', 'aggregates', 'transforms', 'macros', 'server']

/**
 * Checks a whole configuration, without connecting to anything. Timeseries that a previous registry has, too, are the same.
 * @throws KAIROS_INVALID_CONFIG, with `path`
 */
export function checkConfig(config: ServerConfig, previous?: Registry): CheckedConfig {
  checkRecord(config, 'the configuration')
  checkKeys(config, KEYS, { owner: 'the configuration' })
  return {
    settings: serverSettings(config),
    registry: createRegistry(config, previous),
    mapping: createMapping(config),
    reads: namedReads(config),
  }
}
