import type { CallGate } from '../calls/call-gate.ts'
import { callStore } from '../calls/retry.ts'
import type { Capabilities, CellStore, StorageDriver } from '../contract/cells.ts'
import { KairosError } from '../errors.ts'
import { isRecord } from '../internal/kinds.ts'
import { openStore } from '../opening.ts'
import type { Retention } from '../retention.ts'
import type { Settings } from '../settings.ts'
import { createNormaliser, type Normaliser } from './check-values.ts'
import { type CallPlan, type Context, stepOf } from './context.ts'
import { createSweeper, needsSweeping } from './sweeper.ts'

/**
 * What the calls of one timeseries work with; opens the store once, for all of them. A class, since V8 reads the properties of an object that was
 * written with a getter slowly, and every call reads these.
 */
class DriverContext implements Context {
  readonly settings: Settings
  readonly retention: Retention
  readonly driver: StorageDriver
  readonly calls: CallGate
  readonly normalise: Normaliser
  readonly failed: undefined = undefined
  readonly sweepBeside: Context['sweepBeside']
  group: Context['group'] = undefined
  #opened: CellStore | undefined
  #opening: Promise<CellStore> | undefined
  /** Of this opening, or of the one before it. */
  #lastFailure: unknown
  #refused: KairosError | undefined
  /** Calls that wait for the store, or have it and not called it yet. */
  #waiting = 0

  constructor(settings: Settings, retention: Retention, driver: StorageDriver, calls: CallGate) {
    this.settings = settings
    this.retention = retention
    this.driver = driver
    this.calls = calls
    this.normalise = createNormaliser(settings, driver)
    this.sweepBeside = needsSweeping(settings, driver) ? createSweeper(() => this) : undefined
  }

  get opened(): CellStore | undefined {
    return this.#waiting === 0 ? this.#opened : undefined
  }

  async open(plan: CallPlan, unbounded = false): Promise<CellStore> {
    if (this.#refused !== undefined) throw this.#refused
    // One opening for all who wait: the signal of one must not end it for the others.
    this.#opening ??= this.#start()
    const store = this.#opening
    const limits = { unbounded: unbounded && ('until closing' as const), waits: true }
    const step = { ...stepOf(this, plan, 'open', 'open', true), ...limits, lastFailure: () => this.#lastFailure }
    this.#waiting++
    try {
      return await callStore(() => store, step)
    } catch (error) {
      this.#waiting--
      throw error
    }
  }

  async #start(): Promise<CellStore> {
    const { driver, settings, retention, calls } = this
    try {
      this.#opened = await openStore(driver, settings, retention, calls.ended, (event) => {
        this.#lastFailure = event.cause
        settings.onRetry?.(event)
      })
      return this.#opened
    } catch (error) {
      this.#opening = undefined
      this.#lastFailure = KairosError.is(error) ? error.cause : error
      throw error
    }
  }

  resumed(): void {
    this.#waiting--
  }

  refuse(error: KairosError): void {
    this.#refused = error
    this.#opened = undefined
  }
}

export function createContext(
  settings: Settings,
  retention: Retention,
  driver: StorageDriver,
  calls: CallGate,
): Context {
  return new DriverContext(settings, retention, driver, calls)
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
    group: undefined,
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
