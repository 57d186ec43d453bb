import type { CallOptions } from '../contract/cells.ts'
import { KairosError } from '../errors.ts'
import { describe } from '../internal/describe.ts'
import { isObject, isRecord } from '../internal/kinds.ts'

export type Fields = Readonly<Record<string, unknown>>

/**
 * The options of a call, each of which must be known to core or to the driver.
 * @throws KAIROS_INVALID_CONFIG
 */
export function optionsOf(options: unknown, known: readonly string[], driverKnown: readonly string[]): Fields {
  if (options === undefined) return {}
  if (!isRecord(options)) throw invalidOption('options', `options must be an object, not ${describe(options)}`)
  for (const key of Object.keys(options)) {
    if (!known.includes(key) && !driverKnown.includes(key)) {
      throw invalidOption(key, `${key} is not an option of this call; known: ${[...known, ...driverKnown].join(', ')}`)
    }
  }
  return options
}

/** The driver's own options that a call was given; undefined where it was given none. */
export function driverOptionsOf(options: Fields, driverKnown: readonly string[]): Fields | undefined {
  const own = driverKnown.filter((key) => options[key] !== undefined).map((key) => [key, options[key]] as const)
  return own.length === 0 ? undefined : Object.fromEntries(own)
}

/** What a driver is given with a call: its own options that the caller gave, and the signal. */
export function callOptionsOf(options: Fields, driverKnown: readonly string[]): CallOptions {
  const signal = signalOf(options)
  const driverOptions = driverOptionsOf(options, driverKnown)
  return { ...(signal && { signal }), ...(driverOptions && { driverOptions }) }
}

/** @throws KAIROS_INVALID_CONFIG */
export function signalOf({ signal }: Fields): AbortSignal | undefined {
  if (signal === undefined) return undefined
  if (isObject(signal) && 'aborted' in signal && 'addEventListener' in signal) return signal as AbortSignal
  throw invalidOption('signal', `signal must be an AbortSignal, not ${describe(signal)}`)
}

export function invalidOption(path: string, message: string): KairosError {
  return new KairosError('KAIROS_INVALID_CONFIG', message, { path })
}
