import type { WriteResult } from '../../api/writes.ts'
import { Ended, errorOfEnd } from '../../calls/ended.ts'
import { isConfigChanged } from '../../calls/final-failures.ts'
import { configReplaced } from '../../calls/retry.ts'
import type { CellWrite } from '../../contract/cells.ts'
import { withDetails } from '../../error-details.ts'
import { type CellReference, KairosError, type KairosErrorDetails } from '../../errors.ts'
import { messageOf } from '../../internal/message-of.ts'
import { type Settings, startOfCell } from '../../settings.ts'
import { invalidOption } from '../call-options.ts'
import type { Context } from '../context.ts'
import { MOST_CELLS, MOST_VALUES } from './batches.ts'
import { keyOf, type Outcome } from './undecided.ts'

/** The error of a write that did not send these cells to the store. */
export function notWritten(
  { settings, driver }: Context,
  cells: readonly CellWrite[],
  tally: WriteResult,
  error: KairosError,
): KairosError {
  return withDetails(error, {
    driver: driver.id,
    operation: error.operation ?? 'write',
    stored: tally.stored,
    expired: tally.expired,
    notApplied: referencesTo(settings, cells),
    maybeApplied: [],
  })
}

/** The error of a write that failed in the store. A replaced configuration ends the timeseries. */
export function writeFailed(context: Context, outcome: Outcome, tally: WriteResult): KairosError {
  const { driver, settings } = context
  const { retry, cause } = outcome
  const details = {
    driver: driver.id,
    operation: 'write',
    stored: tally.stored,
    expired: tally.expired,
    notApplied: referencesTo(settings, outcome.notApplied),
    maybeApplied: referencesTo(settings, outcome.maybeApplied),
  } satisfies KairosErrorDetails
  const doubt = `; ${details.notApplied.length} cells were not written and ${details.maybeApplied.length} may have been`
  if (cause instanceof Ended) return errorOfEnd(cause, details, doubt)
  if (isConfigChanged(cause)) {
    const replaced = configReplaced(driver.id, cause)
    context.refuse(replaced)
    return withDetails(replaced, details)
  }
  return new KairosError(
    'KAIROS_STORE_FAILED',
    `write failed in the ${driver.id} store: ${messageOf(cause)}${doubt}`,
    { ...details, retryable: retry !== 'never' },
    cause,
  )
}

/** A store remembers a key together with its batch. */
export function tooLargeForKey(): KairosError {
  return invalidOption(
    'once',
    `once must be used with a single batch, at most ${MOST_CELLS} cells and ${MOST_VALUES} values; write less at a time, each with its own key`,
  )
}

/** Each cell once, even if it is in several parts. */
function referencesTo(settings: Settings, cells: readonly CellWrite[]): CellReference[] {
  const intervals = new Map(settings.intervals.map((interval) => [interval.name, interval]))
  const whole = new Map(cells.map((cell) => [keyOf(cell), cell]))
  return Array.from(whole.values(), ({ name, interval, bucket, resolutionBucket }) => ({
    name,
    interval,
    start: startOfCell(intervals.get(interval)!, bucket, resolutionBucket),
  }))
}
