import { type AccessRules, checkHosts, checkOrigins, checkTokens } from '@kairos/events/http'
import { LIMITS, limitsOf, type ServerLimits } from '../http/limits.ts'
import { checkKeys, within } from './checks.ts'
import type { ServerOptions } from './types.ts'

/** The options of a server, checked and with their defaults. */
export interface ServerSettings {
  readonly host: string
  readonly port: number
  readonly rules: AccessRules
  readonly limits: ServerLimits
}

const KEYS = ['host', 'port', 'token', 'hosts', 'cors', 'limits']

/** @throws KAIROS_INVALID_CONFIG */
export function serverSettings(server: ServerOptions = {}): ServerSettings {
  checkKeys(server, 'server', KEYS)
  const { host = '127.0.0.1', port = 8080, cors = [], hosts = [], token, limits: given = {} } = server
  checkKeys(given, 'server.limits', LIMITS)
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
  }
}

function checked<T>(check: () => T): T {
  try {
    return check()
  } catch (error) {
    throw within('server', error)
  }
}
