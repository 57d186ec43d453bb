import type { TypeRules } from './rules.ts'

/** A counter. */
export const count: TypeRules = {
  idempotent: false,
  accumulate: (change, value) => ((change as number | undefined) ?? 0) + (value as number),
  size: () => 1,
  weight: () => 1,
  split: (change) => [change],
  empty: () => 0,
  // The caller's readFunc is never applied to a count.
  decode: (value) => value,
  holds: (data) => typeof data === 'number',
  merge: (data) => (data as readonly number[]).reduce((sum, value) => sum + value, 0),
}
