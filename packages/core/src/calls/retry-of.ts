import type { StoreFailure } from '../contract/cells.ts'

/** Whether the driver says that trying again may help. */
export function retryOf(error: unknown): StoreFailure['retry'] {
  const retry = error instanceof Error && 'retry' in error ? error.retry : 'never'
  return retry === 'now' || retry === 'later' ? retry : 'never'
}
