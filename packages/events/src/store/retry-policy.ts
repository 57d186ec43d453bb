import type { StepOptions } from '@kairos/core/calls'
import { harmless } from '@kairos/core/driver'
import { checkCount, checkFunction, LONGEST_TIMER } from '../checks/options.ts'
import type { EventStoreConfig } from '../types.ts'

/** How long a step of a call is retried, and what is called before each retry. */
export type RetryPolicy = Pick<StepOptions, 'patience' | 'onRetry'>

/**
 * Checks the options of retrying.
 * @throws KAIROS_INVALID_CONFIG
 */
export function checkRetryPolicy({ patience, onRetry }: EventStoreConfig): RetryPolicy {
  if (patience !== undefined) checkCount(patience, 'patience', 1, LONGEST_TIMER)
  if (onRetry === undefined) return { patience }
  checkFunction(onRetry, 'onRetry')
  return { patience, onRetry: harmless('onRetry', onRetry) }
}
