import type { CallGate } from '../calls/call-gate.ts'
import { aborted, callStore } from '../calls/retry.ts'
import { checkFits } from '../drivers/check-fits.ts'
import type { Connection } from '../drivers/connection.ts'
import { KairosError } from '../errors.ts'
import { isRecord } from '../internal/kinds.ts'
import { createRetention } from '../retention.ts'
import { type CheckedConfig, settingsOf } from '../settings.ts'
import { once } from '../toolkit/once.ts'
import { optionsOf } from './call-options.ts'
import { CALL_OPTIONS, callPlanOf } from './call-plan.ts'
import type { Context } from './context.ts'
import { absentDriver, createAbsentContext, createContext } from './create-context.ts'

/**
 * Waits for the driver of a timeseries, no longer than the call's options allow. A write gets a context even if there is no driver: it reports
 * what was not applied.
 */
export type Connector = (options: unknown, isWrite: boolean) => Promise<Context>

export function createConnector(config: CheckedConfig, connection: Connection, calls: CallGate): Connector {
  const prepare = once(async () => {
    const settings = await settingsOf(config)
    return { settings, retention: createRetention(settings) }
  })
  let made: Context | undefined

  async function connect(): Promise<Context> {
    const { settings, retention } = await prepare()
    const driver = await connection.driver(calls.ended)
    checkFits(config, driver)
    made ??= createContext(settings, retention, driver, calls)
    return made
  }

  function context(options: unknown): Promise<Context> {
    const fields = isRecord(options) ? options : {}
    const { callOptions, patience = config.patience } = callPlanOf(fields, [])
    const step = { driver: connection.id, operation: 'open', signal: callOptions.signal, patience, calls }
    return callStore(connect, { ...step, single: true, waits: true })
  }

  return async (options, isWrite) => {
    try {
      return await context(options)
    } catch (error) {
      if (!isWrite || !KairosError.is(error) || error.code === 'KAIROS_INVALID_CONFIG') throw error
      const { settings, retention } = await prepare()
      return createAbsentContext(settings, retention, absentDriver(connection.id, options), calls, error)
    }
  }
}

/** Opens the store now, not on first use. */
export async function open(context: Context, options: unknown): Promise<void> {
  const plan = callPlanOf(optionsOf(options, CALL_OPTIONS, []), [])
  const { signal } = plan.callOptions
  if (signal?.aborted) throw aborted(signal)
  if (context.opened !== undefined) return
  // Opening may create much: it takes as long as the store needs, unless its caller or the configuration says how long it may take.
  const unbounded = (plan.patience ?? context.settings.patience) === undefined
  await context.open(plan, unbounded)
  context.resumed()
}
