import type { CallGate } from '../calls/call-gate.ts'
import { callStore } from '../calls/retry.ts'
import type { Capabilities, CellStore, StorageDriver } from '../contract/cells.ts'
import { KairosError } from '../errors.ts'
import { isRecord } from '../internal/kinds.ts'
import { openStore } from '../opening.ts'
import type { Retention } from '../retention.ts'
import type { Settings } from '../settings.ts'
import { createNormaliser } from './check-values.ts'
import { type Context, stepOf } from './context.ts'
import { createSweeper, needsSweeping } from './sweeper.ts'

/** What the calls of one timeseries work with; opens the store once, for all of them. */
export function createContext(
  settings: Settings,
  retention: Retention,
  driver: StorageDriver,
  calls: CallGate,
): Context {
  let opened: CellStore | undefined
  let opening: Promise<CellStore> | undefined
  /** Of this opening, or of the one before it. */
  let lastFailure: unknown
  let refused: KairosError | undefined
  /** Calls that wait for the store, or have it and not called it yet. */
  let waiting = 0

  async function start(): Promise<CellStore> {
    try {
      opened = await openStore(driver, settings, retention, calls.ended, (event) => {
        lastFailure = event.cause
        settings.onRetry?.(event)
      })
      return opened
    } catch (error) {
      opening = undefined
      lastFailure = KairosError.is(error) ? error.cause : error
      throw error
    }
  }

  const context: Context = {
    sweepBeside: needsSweeping(settings, driver) ? createSweeper(() => context) : undefined,
    settings,
    retention,
    driver,
    calls,
    normalise: createNormaliser(settings, driver),
    get opened() {
      return waiting === 0 ? opened : undefined
    },
    async open(plan, unbounded = false) {
      if (refused !== undefined) throw refused
      // One opening for all who wait: the signal of one must not end it for the others.
      opening ??= start()
      const store = opening
      const limits = { unbounded: unbounded && ('until closing' as const), single: true, waits: true }
      const step = { ...stepOf(context, plan, 'open', 'open'), ...limits, lastFailure: () => lastFailure }
      waiting++
      try {
        return await callStore(() => store, step)
      } catch (error) {
        waiting--
        throw error
      }
    },
    resumed() {
      waiting--
    },
    refuse(error) {
      refused = error
      opened = undefined
    },
  }
  return context
}

/** For writes where there is no driver: they are checked, and rejected with their cells. */
export function createAbsentContext(
  settings: Settings,
  retention: Retention,
  driver: StorageDriver,
  calls: CallGate,
  failed: KairosError,
): Context {
  return {
    settings,
    retention,
    driver,
    calls,
    normalise: createNormaliser(settings, driver),
    opened: undefined,
    failed,
    open: () => Promise.reject(failed),
    resumed() {},
    refuse() {},
  }
}

/** Stands in for a driver that is not there: what it can is not known, so that nothing is refused. */
export function absentDriver(id: string, options: unknown): StorageDriver {
  const capabilities: Capabilities = {
    expiry: { series: 'none', histogram: 'none', count: 'none', gauge: 'none', set: 'none' },
    fractionalCounts: true,
    exactlyOnce: { seconds: Number.POSITIVE_INFINITY },
    returning: true,
    replace: { atomic: true, expected: true },
    customFetch: true,
    writeOptions: isRecord(options) ? Object.keys(options) : [],
    readOptions: [],
  }
  const never = (): Promise<never> => Promise.reject(new Error('there is no driver'))
  return { spec: 1, id, capabilities, open: never, close: never }
}
