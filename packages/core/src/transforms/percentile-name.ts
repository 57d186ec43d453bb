/**
 * A percentile from `'p0'` to `'p100'`, with a fraction where it needs one, as `'p99.9'`: the smallest value for which at least that many percent of
 * the values are as small or smaller. The compiler knows the form, the call the limits.
 */
export type Percentile = `p${number}`

/** All percentiles, in a list of names. */
export const PERCENTILES = 'p0 to p100'

/** One spelling for each, so that a result's key says which it is; more digits than these no count can tell apart. */
const NAME = /^p(?:100|(0|[1-9]\d?)(?:\.(\d{0,11}[1-9]))?)$/

export function isPercentile(name: string): name is Percentile {
  return NAME.test(name)
}

/** A share of all as a fraction of whole numbers: 999/1000 for `'p99.9'`. */
export interface Share {
  readonly numerator: number
  readonly denominator: number
}

/** The share that a percentile asks for. */
export function shareOf(name: Percentile): Share {
  const [, whole = '100', fraction = ''] = NAME.exec(name)!
  return { numerator: Number(whole + fraction), denominator: 100 * 10 ** fraction.length }
}

/** The percentile that such a text is another spelling of: p05, p99.90, P95, p1e1, 95%, or p999 as some tools write 99.9. */
export function percentileLike(text: string): Percentile | undefined {
  const digits = /^\s*p?\s*_?([\d.]+(?:e\d+)?)\s*%?\s*$/i.exec(text)?.[1]
  if (digits === undefined) return undefined
  const names = [`p${Number(digits)}`, digits.replace(/^(99)(9+)$/, 'p$1.$2')]
  return names.find(isPercentile)
}
