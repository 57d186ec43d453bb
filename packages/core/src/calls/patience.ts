import { must } from '../internal/invalid-option.ts'

/** How long one step of a call may take by default, in milliseconds. */
export const PATIENCE = 10_000
/** The longest timeout of a timer. */
const LONGEST = 2 ** 31 - 1

/** The argument of `onRetry`, which is called before a step is tried again. */
export interface RetryEvent {
  /** What failed: `'write'`, `'read'`, `'open'`, … */
  readonly operation: string
  /** How many attempts have failed: 1 after the first. */
  readonly attempt: number
  /** The error of the last one. */
  readonly cause: unknown
  /** Milliseconds until the next attempt. */
  readonly wait: number
}
export type OnRetry = (event: RetryEvent) => void

/** @throws KAIROS_INVALID_CONFIG */
export function checkedMilliseconds(path: string, value: unknown, least: 0 | 1): number | undefined {
  if (value === undefined) return undefined
  if (typeof value === 'number' && value >= least && value <= LONGEST) return value
  must(false, path, `milliseconds from ${least} to ${LONGEST}`, value)
}
