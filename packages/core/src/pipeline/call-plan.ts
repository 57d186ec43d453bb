import { checkedMilliseconds } from '../calls/patience.ts'
import type { DriverCallOptions } from '../contract/call-options.ts'
import { messagesIn } from '../diagnostics/call-messages.ts'
import { describe } from '../internal/describe.ts'
import { invalidOption } from '../internal/invalid-option.ts'
import { isObject } from '../internal/kinds.ts'
import { type Fields, optionsOf } from './call-options.ts'
import type { CallPlan } from './context.ts'

/** The driver's own options of a call; undefined if there are none. */
function driverOptionsOf(options: Fields, driverKnown: readonly string[]): Fields | undefined {
  if (driverKnown.length === 0) return undefined
  const own = driverKnown.filter((key) => options[key] !== undefined).map((key) => [key, options[key]] as const)
  return own.length === 0 ? undefined : Object.fromEntries(own)
}

/** The options that every call takes. */
export const CALL_OPTIONS: readonly string[] = ['signal', 'patience']

/** Of a call that has none. */
export const NO_CALL_OPTIONS: DriverCallOptions = Object.freeze({})

/** How a call uses the store, by its options. */
export function callPlanOf(options: Fields, driverKnown: readonly string[]): CallPlan {
  return {
    callOptions: callOptionsOf(options, driverKnown),
    patience: checkedMilliseconds('patience', options.patience, 1),
    messages: messagesIn(options),
  }
}

/** The same for a call that takes, beside these `own`, only the options of every call and the driver's. */
export function planOf(options: unknown, driverKnown: readonly string[], own: readonly string[] = []): CallPlan {
  return callPlanOf(optionsOf(options, [...own, ...CALL_OPTIONS], driverKnown), driverKnown)
}

/** What is passed to the driver: the signal, and its own options. */
function callOptionsOf(options: Fields, driverKnown: readonly string[]): DriverCallOptions {
  const signal = signalOf(options)
  const driverOptions = driverOptionsOf(options, driverKnown)
  if (signal === undefined && driverOptions === undefined) return NO_CALL_OPTIONS
  return { ...(signal && { signal }), ...(driverOptions && { driverOptions }) }
}

/** @throws KAIROS_INVALID_CONFIG */
function signalOf({ signal }: Fields): AbortSignal | undefined {
  if (signal === undefined) return undefined
  if (isObject(signal) && 'aborted' in signal && 'addEventListener' in signal) return signal as AbortSignal
  throw invalidOption('signal', `signal must be an AbortSignal, not ${describe(signal)}`)
}
