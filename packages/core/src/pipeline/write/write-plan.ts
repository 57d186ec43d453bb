import { KairosError } from '../../errors.ts'
import { describe } from '../../internal/describe.ts'
import { driverOptionsOf, type Fields, invalidOption, optionsOf, signalOf } from '../call-options.ts'
import type { Context } from '../context.ts'

const BULK_OPTIONS = ['intervals', 'delivery', 'signal']
const INSERT_OPTIONS = ['timestamp', ...BULK_OPTIONS]

/** What a write's options mean. */
export interface WritePlan {
  /** As the caller gave it: undefined and null mean now. */
  readonly timestamp: unknown
  readonly rolling: number
  readonly once: boolean
  readonly signal: AbortSignal | undefined
  readonly driverOptions: Fields | undefined
}

const PLAIN: WritePlan = {
  timestamp: undefined,
  rolling: 0,
  once: false,
  signal: undefined,
  driverOptions: undefined,
}

/** @throws KAIROS_INVALID_CONFIG, KAIROS_UNSUPPORTED */
export function planInsert(context: Context, options: unknown): WritePlan {
  return options === undefined ? PLAIN : planWrite(context, options, INSERT_OPTIONS)
}

/** @throws KAIROS_INVALID_CONFIG, KAIROS_UNSUPPORTED */
export function planBulkInsert(context: Context, options: unknown): WritePlan {
  return options === undefined ? PLAIN : planWrite(context, options, BULK_OPTIONS)
}

function planWrite({ driver }: Context, options: unknown, known: readonly string[]): WritePlan {
  const { exactlyOnce, writeOptions } = driver.capabilities
  const fields = optionsOf(options, known, writeOptions)
  const { timestamp, intervals: rolling = 0, delivery } = fields
  if (!Number.isSafeInteger(rolling))
    throw invalidOption('intervals', `intervals must be an integer, not ${describe(rolling)}`)
  if (delivery !== undefined && delivery !== 'once')
    throw invalidOption('delivery', `delivery can only be 'once', not ${describe(delivery)}`)
  if (delivery === 'once' && !exactlyOnce) {
    throw new KairosError(
      'KAIROS_UNSUPPORTED',
      `the ${driver.id} store cannot tell a repeated write from a new one: delivery 'once' is not to be had`,
      { driver: driver.id, feature: 'exactlyOnce' },
    )
  }
  return {
    timestamp,
    rolling: rolling as number,
    once: delivery === 'once',
    signal: signalOf(fields),
    driverOptions: driverOptionsOf(fields, writeOptions),
  }
}
