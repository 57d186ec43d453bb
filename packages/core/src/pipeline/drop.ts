import { isConfigChanged } from '../calls/final-failures.ts'
import { KairosError } from '../errors.ts'
import { describe } from '../internal/describe.ts'
import { invalidOption } from '../internal/invalid-option.ts'
import { type Fields, optionsOf } from './call-options.ts'
import { CALL_OPTIONS, callPlanOf } from './call-plan.ts'
import type { Context } from './context.ts'
import { refuseUndefined } from './range-options.ts'
import { storeCall } from './store-call.ts'

/** Removes the timeseries from the store, which ends it; or what is left of an interval that is not configured any more. */
export async function drop(context: Context, options: unknown): Promise<void> {
  const { driver } = context
  const { writeOptions } = driver.capabilities
  const fields = optionsOf(options, ['interval', ...CALL_OPTIONS], writeOptions)
  const plan = callPlanOf(fields, writeOptions)
  refuseUndefined(fields, ['interval'])
  const interval = formerInterval(context, fields)
  context.group?.sendWaiting()
  let attempts = 0
  /** An earlier attempt whose answer was lost has dropped it, if the store refuses the next one. */
  function doneBefore(error: unknown): void {
    if (attempts === 1 || interval !== null || !isConfigChanged(error)) throw error
  }
  await storeCall(
    context,
    plan,
    'drop',
    'drop',
    async (store, own) => {
      attempts++
      if (store.drop !== undefined) return store.drop(interval, own).catch(doneBefore)
      throw new KairosError('KAIROS_UNSUPPORTED', `drop is not supported by the ${driver.id} store; use deleteAll()`, {
        driver: driver.id,
        feature: 'drop',
      })
    },
    { unbounded: true },
  )
  if (interval !== null) return
  const dropped = 'the timeseries was dropped; make it again with createTimeseries'
  context.refuse(new KairosError('KAIROS_CLOSED', dropped, { driver: driver.id }))
}

/** @throws KAIROS_INVALID_CONFIG for an interval that is configured */
function formerInterval({ settings }: Context, { interval }: Fields): string | null {
  if (interval === undefined) return null
  if (typeof interval !== 'string' || interval === '')
    throw invalidOption('interval', `interval must be the name of an interval, not ${describe(interval)}`)
  if (settings.intervals.every(({ name }) => name !== interval)) return interval
  throw invalidOption(
    'interval',
    `interval must be one that is not configured any more, not ${describe(interval)}; take it out of the configuration first, or use deleteAll()`,
  )
}
