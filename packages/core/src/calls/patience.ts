import { checkOption, MILLISECONDS, millisecondsFrom, type Rule } from '../internal/rules.ts'

/** How long one step of a call may take by default, in milliseconds. */
export const PATIENCE = 10_000

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

const FROM_ZERO: Rule = /* @__PURE__ */ millisecondsFrom(0)

/** @throws KAIROS_INVALID_CONFIG */
export function checkedMilliseconds(path: string, value: unknown, least: 0 | 1): number | undefined {
  if (value !== undefined) checkOption(path, value, least === 0 ? FROM_ZERO : MILLISECONDS)
  return value as number | undefined
}
