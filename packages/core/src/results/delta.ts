import { withJson } from '../internal/json.ts'
import { flagOf, optionsOf } from '../pipeline/call-options.ts'
import { entriesOf } from './checked.ts'

/** The options of `delta` and `rateOf`. */
export interface DeltaOptions {
  /** The values are those of a counter that starts again from 0, as that of a restarted process: one that is smaller than the last has grown from 0. */
  readonly reset?: boolean | undefined
}

/**
 * By how much each value differs from the last number before it. Null for the first one and for nulls: what comes after a gap says what changed over all of it.
 * @throws KAIROS_INVALID_VALUE if a value is neither a number nor null, KAIROS_INVALID_CONFIG
 * @example `delta(await meter.series('flat', 'hour', { fill: null })) // Map { 0 => null, 3600 => 2, 7200 => null, 10800 => 5 } of 10, 12, null, 17`
 */
export function delta<Key>(result: ReadonlyMap<Key, number | null>, options?: DeltaOptions): Map<Key, number | null> {
  return changes(result, options, (change) => change)
}

/**
 * How fast each value changes since the last number before it, per second; the keys are seconds. For counters kept as gauges: `{ reset: true }`. (The values of a
 * count per second are its transform `rate`.)
 * @throws KAIROS_INVALID_VALUE if a value is neither a number nor null, KAIROS_INVALID_CONFIG
 * @example `rateOf(await meter.series('flat', 'hour', { fill: 'none' })) // Map { 0 => null, 3600 => 0.5 } of 100, 1900`
 */
export function rateOf(result: ReadonlyMap<number, number | null>, options?: DeltaOptions): Map<number, number | null> {
  return changes(result, options, (change, key, before) => change / (key - before))
}

function changes<Key>(
  result: ReadonlyMap<Key, number | null>,
  options: DeltaOptions | undefined,
  shown: (change: number, key: Key, before: Key) => number,
): Map<Key, number | null> {
  const reset = flagOf('reset', optionsOf(options, ['reset'], []).reset)
  const found = new Map<Key, number | null>()
  let last: readonly [key: Key, value: number] | undefined
  for (const [key, value] of entriesOf(result)) {
    if (value === null || last === undefined) found.set(key, null)
    else {
      const [before, from] = last
      found.set(key, shown(reset && value < from ? value : value - from, key, before))
    }
    if (value !== null) last = [key, value]
  }
  return withJson(found)
}
