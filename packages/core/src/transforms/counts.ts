import { describe } from '../internal/describe.ts'
import { invalidOption } from '../internal/invalid-option.ts'
import { isFunction } from '../internal/kinds.ts'
import { type CountsTransform, planned } from './planned.ts'

/** What `top` returns. */
export interface TopTransform extends CountsTransform {
  readonly [planned]: { readonly name: 'top'; readonly n: number }
}

/** What `share` returns. */
export interface ShareTransform<Value> extends CountsTransform {
  readonly [planned]: { readonly name: 'share'; readonly test: (value: Value) => boolean }
}

/**
 * A transform of histograms: the `n` values that were seen most often as `[value, times]`, most first, and of those with the same times the smaller value
 * first. Without data an empty list.
 * @throws KAIROS_INVALID_CONFIG if `n` is not a whole number from 1
 * @example `await visits.get('home', 'day', { transform: top(3) }) // Map { 1709164800 => [ [ 'Berlin', 20 ], … ] }`
 */
export function top(n: number): TopTransform {
  if (!Number.isSafeInteger(n) || n < 1)
    throw invalidOption('n', `n must be a whole number of at least 1 in top(n), not ${describe(n)}`)
  return { [planned]: { name: 'top', n } }
}

/**
 * A transform of histograms: the share, from 0 to 1, of the times whose value passes the test. Without data null.
 * @throws KAIROS_INVALID_CONFIG if `test` is not a function
 * @example `await delays.get('SFO', 'hour', { transform: share((minutes) => minutes > 15) }) // Map { 1709164800 => 0.25 }`
 */
export function share<Value>(test: (value: Value) => boolean): ShareTransform<Value> {
  if (!isFunction(test)) throw invalidOption('test', `test must be a function in share(test), not ${describe(test)}`)
  return { [planned]: { name: 'share', test } }
}
