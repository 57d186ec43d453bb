import { KairosError } from '../../errors.ts'
import { COPIES } from '../../internal/copies.ts'
import { describe } from '../../internal/describe.ts'
import { invalidOption } from '../../internal/invalid-option.ts'
import { checkOption } from '../../internal/rules.ts'
import { optionsOf } from '../call-options.ts'
import { CALL_OPTIONS, callPlanOf, NO_CALL_OPTIONS } from '../call-plan.ts'
import type { CallPlan, Context } from '../context.ts'
import { intervalOf } from '../selected.ts'
import { isTimes, TIMES } from './points.ts'

const BULK_OPTIONS = ['intervals', 'delivery', 'once', ...CALL_OPTIONS]
const INSERT_OPTIONS = ['timestamp', 'times', 'returning', ...BULK_OPTIONS]

const LONGEST_KEY = 1_000

/** What a write's options mean. */
export interface WritePlan extends CallPlan {
  /** As given; undefined and null mean now. */
  readonly timestamp: unknown
  readonly rolling: number
  /** How many times each value counts. */
  readonly times: number | undefined
  /** Exactly once: by an id that core makes, or by the caller's key, which other calls may repeat. */
  readonly once: { readonly key: string | undefined } | undefined
  /** The interval whose count the result has. */
  readonly returning: string | undefined
  readonly signal: AbortSignal | undefined
  /** May be written together with others: an `insert`. */
  readonly shares: boolean
}

export const PLAIN: WritePlan = {
  timestamp: undefined,
  rolling: 0,
  times: undefined,
  once: undefined,
  returning: undefined,
  signal: undefined,
  callOptions: NO_CALL_OPTIONS,
  patience: undefined,
  messages: undefined,
  shares: false,
}
const PLAIN_INSERT: WritePlan = { ...PLAIN, shares: true }

/** @throws KAIROS_INVALID_CONFIG, KAIROS_UNSUPPORTED */
export function planInsert(context: Context, options: unknown): WritePlan {
  return options === undefined ? PLAIN_INSERT : planWrite(context, options, INSERT_OPTIONS, true)
}

/** @throws KAIROS_INVALID_CONFIG, KAIROS_UNSUPPORTED */
export function planBulkInsert(context: Context, options: unknown): WritePlan {
  return options === undefined ? PLAIN : planWrite(context, options, BULK_OPTIONS, false)
}

function planWrite(context: Context, options: unknown, known: readonly string[], isInsert: boolean): WritePlan {
  const { writeOptions } = context.driver.capabilities
  const fields = optionsOf(options, known, writeOptions)
  const { timestamp, intervals, times, delivery, once, returning } = fields
  if (intervals !== undefined) checkOption('intervals', intervals, COPIES)
  const rolling = (intervals as number | undefined) ?? 0
  const { callOptions, patience, messages } = callPlanOf(fields, writeOptions)
  const isPlain = delivery === undefined && once === undefined && returning === undefined
  return {
    timestamp,
    rolling,
    times: timesOf(context, times),
    once: onceOf(context, delivery, once),
    returning: returning === undefined ? undefined : returningOf(context, returning, rolling, once),
    signal: callOptions.signal,
    callOptions,
    patience,
    messages,
    shares: isInsert && isPlain && callOptions.driverOptions === undefined,
  }
}

function timesOf({ settings }: Context, times: unknown): number | undefined {
  if (times === undefined) return undefined
  if (!settings.rules.counts)
    throw invalidOption(
      'times',
      `times must be used with a count, a histogram or a distribution, not with a ${settings.type}`,
    )
  if (isTimes(times)) return times
  throw invalidOption('times', `times must be ${TIMES}, not ${describe(times)}`)
}

function onceOf({ driver }: Context, delivery: unknown, key: unknown): WritePlan['once'] {
  if (delivery !== undefined && delivery !== 'once')
    throw invalidOption('delivery', `delivery must be 'once', not ${describe(delivery)}`)
  if (key !== undefined && !isKey(key)) {
    throw invalidOption(
      'once',
      `once must be a key of 1 to ${LONGEST_KEY} characters of well-formed Unicode, not ${describe(key)}`,
    )
  }
  if (delivery === undefined && key === undefined) return undefined
  const { exactlyOnce } = driver.capabilities
  if (exactlyOnce === false)
    throw unsupported(driver.id, "delivery: 'once'", 'cannot tell a repeated write from a new one')
  if (key !== undefined && exactlyOnce.seconds === 0)
    throw unsupported(driver.id, 'once', 'does not keep the keys of writes between calls')
  return { key }
}

/** @throws KAIROS_UNSUPPORTED, KAIROS_UNKNOWN_INTERVAL, KAIROS_INVALID_CONFIG */
function returningOf({ settings, driver }: Context, name: unknown, rolling: number, key: unknown): string {
  const { resolution, name: interval } = intervalOf(settings, name)
  if (settings.type !== 'count' || resolution !== null || rolling !== 0) {
    const found =
      resolution === null ? `used for a ${settings.type}${rolling === 0 ? '' : ' with intervals'}` : describe(name)
    throw invalidOption('returning', `returning must be an interval without a resolution, of a count, not ${found}`)
  }
  // Cells with a resolution are a batch of their own, and a key covers one batch.
  const fine = settings.intervals.find((each) => each.resolution !== null)
  if (key !== undefined && fine !== undefined) {
    const found = `with one for ${describe(fine.name)}`
    throw invalidOption(
      'returning',
      `returning must be used with intervals without a resolution if once is a key, not ${found}`,
    )
  }
  if (driver.capabilities.returning) return interval
  throw new KairosError(
    'KAIROS_UNSUPPORTED',
    `returning is not supported by the ${driver.id} store, which cannot tell a count in the step that adds to it`,
    { driver: driver.id, feature: 'returning' },
  )
}

function isKey(key: unknown): key is string {
  return typeof key === 'string' && key.length >= 1 && key.length <= LONGEST_KEY && key.isWellFormed()
}

function unsupported(driver: string, option: string, why: string): KairosError {
  return new KairosError('KAIROS_UNSUPPORTED', `${option} is not supported by the ${driver} store, which ${why}`, {
    driver,
    feature: 'exactlyOnce',
  })
}
