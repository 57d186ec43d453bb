import type { WriteResult } from '../../api/writes.ts'
import { Ended, errorOfEnd } from '../../calls/ended.ts'
import { isConfigChanged } from '../../calls/final-failures.ts'
import { configReplaced } from '../../calls/retry.ts'
import type { CellValue, CellWrite } from '../../contract/cells.ts'
import type { CellReplacement } from '../../contract/replacing.ts'
import { storeError, withDetails } from '../../error-details.ts'
import { type CellReference, KairosError, type KairosErrorDetails } from '../../errors.ts'
import { invalidOption } from '../../internal/invalid-option.ts'
import { messageOf } from '../../internal/message-of.ts'
import type { Settings } from '../../settings.ts'
import { mergeAll } from '../../types/rules.ts'
import { cellTeller } from '../cells/told-cell.ts'
import type { Context } from '../context.ts'
import { MOST_CELLS, MOST_VALUES } from './batches.ts'
import { keyOf, type Outcome } from './undecided.ts'

type Tally = Pick<WriteResult, 'stored' | 'expired'>

/** The error of a write that did not send these cells to the store. */
export function notWritten(
  { settings, driver }: Context,
  cells: readonly Refused[],
  tally: Tally,
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
export function writeFailed(context: Context, outcome: Outcome<Refused>, tally: Tally): KairosError {
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
  // An option that the driver refuses.
  if (KairosError.is(cause)) return withDetails(cause, details)
  return storeError(
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

/** A cell that was to get a change, or a value. */
type Refused = CellWrite | CellReplacement

/** Each cell once, even if it is in several parts, with what it was to get. */
function referencesTo(settings: Settings, cells: readonly Refused[]): CellReference[] {
  const parts = new Map<string, Refused[]>()
  for (const cell of new Set(cells)) {
    const key = keyOf(cell)
    const known = parts.get(key)
    if (known === undefined) parts.set(key, [cell])
    else known.push(cell)
  }
  const tell = cellTeller(settings)
  return Array.from(parts.values(), ([cell, ...others]) => {
    if (!('change' in cell!)) return tell(cell!, cell!.value, cell!.expected)
    const changes = [cell, ...(others as CellWrite[])].map(({ change }) => change)
    return tell(cell, others.length === 0 ? cell.change : (mergeAll(settings.rules, changes) as CellValue))
  })
}
