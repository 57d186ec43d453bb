import { checkKeys, invalidOption } from '@kairos/core/driver'
import type { CarbonOptions } from './types.ts'

/** Where something listens. */
export interface PortSettings {
  readonly host: string
  readonly port: number
}

/** Where Carbon's protocols are taken; undefined: not at all. */
export interface CarbonSettings {
  readonly carbon: PortSettings | undefined
  readonly pickle: PortSettings | undefined
}

interface PortOptions {
  readonly host?: string
  readonly port?: number
}

const LAST_PORT = 65_535

/** @throws KAIROS_INVALID_CONFIG */
export function carbonOf(carbon: boolean | CarbonOptions, host: string): CarbonSettings {
  const path = 'server.carbon'
  const plain = listenerOf(carbon, path, ['host', 'port', 'picklePort'], host, 2003)
  const { picklePort = 2004 } = typeof carbon === 'object' ? carbon : {}
  if (plain === undefined || picklePort === false) return { carbon: plain, pickle: undefined }
  checkPort(picklePort, `${path}.picklePort`)
  return { carbon: plain, pickle: { host: plain.host, port: picklePort } }
}

/**
 * What a listener's options say, with the host and port where they say nothing.
 * @throws KAIROS_INVALID_CONFIG
 */
export function listenerOf(
  given: boolean | PortOptions,
  path: string,
  known: readonly string[],
  host: string,
  port: number,
): PortSettings | undefined {
  if (given === false) return undefined
  if (given === true) return { host, port }
  checkKeys(given, known, { path })
  return portOf(given, path, host, port)
}

/** @throws KAIROS_INVALID_CONFIG */
export function portOf(given: PortOptions, path: string, usualHost: string, usualPort: number): PortSettings {
  const { host = usualHost, port = usualPort } = given
  if (typeof host !== 'string' || host === '')
    throw invalidOption({ path: `${path}.host`, expected: 'an address or a name', value: host })
  checkPort(port, `${path}.port`)
  return { host, port }
}

function checkPort(port: unknown, path: string): void {
  if (!Number.isSafeInteger(port) || (port as number) < 0 || (port as number) > LAST_PORT)
    throw invalidOption({ path, expected: `a port from 0 to ${LAST_PORT}`, value: port })
}
