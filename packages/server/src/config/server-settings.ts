import { checkKeys, invalidOption } from '@kairos/core/driver'
import { type AccessRules, checkHosts, checkOrigins, checkTokens } from '@kairos/events/http'
import { LIMITS, limitsOf, type ServerLimits } from '../http/limits.ts'
import type { KronosSettings } from '../kronos/kronos-settings.ts'
import { checkRecord, within } from './checks.ts'
import { heapShare } from './heap-share.ts'
import { type CarbonSettings, carbonOf, listenerOf, type PortSettings, portOf } from './port-settings.ts'
import { storeUrl } from './store-url.ts'
import type { ServerBufferOptions, ServerConfig, ServerMode, ServerOptions } from './types.ts'

/** The options of a server, checked and with their defaults. */
export interface ServerSettings extends PortSettings, CarbonSettings {
  readonly rules: AccessRules
  readonly limits: ServerLimits
  readonly statsd: PortSettings | undefined
  readonly kronos: KronosSettings | undefined
  readonly mode: ServerMode
  readonly buffer: Required<ServerBufferOptions>
  readonly deadLetter: string | undefined
}

const KEYS = [
  'host',
  'port',
  'token',
  'hosts',
  'cors',
  'limits',
  'carbon',
  'statsd',
  'kronos',
  'mode',
  'buffer',
  'deadLetter',
]
const MODES: readonly ServerMode[] = ['all', 'readonly', 'writeonly']
const BUFFER: Required<ServerBufferOptions> = {
  interval: 2_000,
  maxCells: Math.ceil(100_000 * heapShare()),
  maxPending: Math.ceil(200_000 * heapShare()),
}

/**
 * Where the timeseries are the default ones, which take everything, the listeners are on unless they are turned off.
 * @throws KAIROS_INVALID_CONFIG
 */
export function serverSettings(config: ServerConfig): ServerSettings {
  const { server = {} } = config
  checkKeys(server, KEYS, { path: 'server' })
  const { cors = [], hosts = [], token, limits: given = {}, mode = 'all', buffer = {}, deadLetter } = server
  const { host, port } = portOf(server, 'server', '127.0.0.1', 8080)
  checkKeys(given, LIMITS, { path: 'server.limits' })
  checkKeys(buffer, Object.keys(BUFFER), { path: 'server.buffer' })
  for (const [key, value] of Object.entries(buffer)) {
    if (!Number.isSafeInteger(value) || value < 1 || (key === 'interval' && value > 2 ** 31 - 1))
      throw invalidOption({ path: `server.buffer.${key}`, expected: 'a whole number from 1', value })
  }
  if (deadLetter !== undefined && (typeof deadLetter !== 'string' || deadLetter === ''))
    throw invalidOption({ path: 'server.deadLetter', expected: 'the path of a file', value: deadLetter })
  if (!MODES.includes(mode))
    throw invalidOption({ path: 'server.mode', expected: `one of ${MODES.join(', ')}`, value: mode })
  const takesAll = config.timeseries === undefined && mode !== 'readonly'
  const tokens = checked(() => {
    checkOrigins(cors)
    checkHosts(hosts)
    return checkTokens(token)
  })
  const own = host.includes(':') ? `[${host}]` : host
  return {
    host,
    port,
    rules: { cors, hosts: hosts === true ? hosts : [own, ...hosts], tokens },
    limits: limitsOf(given),
    ...carbonOf(server.carbon ?? takesAll, host),
    statsd: listenerOf(server.statsd ?? takesAll, 'server.statsd', ['host', 'port'], host, 8125),
    kronos: kronosOf(server.kronos ?? false, config, mode),
    mode,
    buffer: { ...BUFFER, ...buffer },
    deadLetter,
  }
}

const EVENT_MODES = { all: 'all', readonly: 'readonly', writeonly: 'collector' } as const

function kronosOf(
  given: NonNullable<ServerOptions['kronos']>,
  config: ServerConfig,
  mode: ServerMode,
): KronosSettings | undefined {
  if (given === false) return undefined
  const options = given === true ? {} : given
  checkKeys(options, ['store', 'namespaces', 'retention'], { path: 'server.kronos' })
  const { store, ...own } = options
  const { namespaces = [], retention = {} } = own
  if (!Array.isArray(namespaces) || namespaces.some((each) => typeof each !== 'string'))
    throw invalidOption({ path: 'server.kronos.namespaces', expected: 'a list of names', value: namespaces })
  checkRecord(retention, 'server.kronos.retention')
  return { url: storeUrl(config, store, 'server.kronos.store').url, mode: EVENT_MODES[mode], config: own }
}

function checked<T>(check: () => T): T {
  try {
    return check()
  } catch (error) {
    throw within('server', error)
  }
}
