import type { StoreFailure } from '../contract/cells.ts'
import { storeError } from '../error-details.ts'
import { KairosError } from '../errors.ts'
import { messageOf } from '../internal/message-of.ts'
import { Attempts, type StepOptions } from './attempts.ts'
import { Ended, errorOfEnd } from './ended.ts'
import { isConfigChanged } from './final-failures.ts'
import { retryOf } from './store-failures.ts'

export function aborted(signal: AbortSignal): KairosError {
  return new KairosError('KAIROS_ABORTED', 'the call was aborted by its signal', {}, signal.reason)
}

/**
 * Makes a repeatable call, and repeats it as long as its failure says that this may help and the step's patience lasts.
 * @throws KAIROS_STORE_FAILED, KAIROS_CONFIG_CHANGED, KAIROS_ABORTED, KAIROS_CLOSED, or any KairosError that the driver throws
 * @example
 * `await callStore(() => storage.streams({}), { driver: driver.id, operation: 'streams' })`
 */
export async function callStore<T>(call: () => Promise<T>, options: StepOptions): Promise<T> {
  const { driver, operation } = options
  const attempts = new Attempts(options)
  try {
    for (;;) {
      try {
        return await attempts.make(call)
      } catch (error) {
        if (error instanceof Ended || KairosError.is(error)) throw error
        if (isConfigChanged(error)) throw configReplaced(driver, error)
        const retry = retryOf(error)
        if (!(await attempts.again(retry, error))) throw storeFailed(driver, operation, retry, error)
      }
    }
  } catch (error) {
    const failure = error instanceof Ended ? errorOfEnd(error, { driver, operation }) : error
    options.failed?.(failure)
    throw failure
  }
}

/** The error for a store whose records were replaced. */
export function configReplaced(driver: string, cause: unknown): KairosError {
  return storeError(
    'KAIROS_CONFIG_CHANGED',
    `another process has replaced the configuration in the ${driver} store; create the timeseries again with the current one`,
    { driver },
    cause,
  )
}

function storeFailed(driver: string, operation: string, retry: StoreFailure['retry'], cause: unknown): KairosError {
  return storeError(
    'KAIROS_STORE_FAILED',
    `${operation} failed in the ${driver} store: ${messageOf(cause)}`,
    { driver, operation, retryable: retry !== 'never' },
    cause,
  )
}
