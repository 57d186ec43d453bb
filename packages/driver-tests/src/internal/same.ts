import assert from 'node:assert/strict'
import { inspect, isDeepStrictEqual } from 'node:util'

/** The relative tolerance for sums of floats, which depend on the order of additions in the store. */
const RELATIVE = 1e-9

/**
 * Fails, saying what was compared, unless both are alike: numbers to a relative 1e-9, ignoring the order of members of a `Map` or a `Set`.
 */
export function alike(actual: unknown, expected: unknown, what: string): void {
  if (!areAlike(actual, expected)) assert.fail(`${what}:\n${difference(actual, expected)}`)
}

/** Fails, saying what was compared, unless both are exactly the same: the same doubles, the same code points, the same bytes. */
export function same(actual: unknown, expected: unknown, what: string): void {
  // Not assert.deepEqual, whose own message of two large maps takes many seconds.
  if (!isDeepStrictEqual(actual, expected)) assert.fail(`${what}:\n${difference(actual, expected)}`)
}

/** Fails, saying what was expected, unless the claim holds. A function if the message costs more than the check. */
export function claim(holds: boolean, what: string | (() => string)): asserts holds {
  if (!holds) assert.fail(typeof what === 'string' ? what : what())
}

/** How many differing entries of a map a message shows, and up to how many a list is shown whole. */
const SHOWN = 5

function difference(actual: unknown, expected: unknown): string {
  if (actual instanceof Map && expected instanceof Map && actual.size + expected.size > SHOWN)
    return mapDifference(actual, expected)
  const [got, wanted] = differing(actual, expected)
  return `  got      ${got}\n  expected ${wanted}`
}

function mapDifference(actual: ReadonlyMap<unknown, unknown>, expected: ReadonlyMap<unknown, unknown>): string {
  const keys = [...new Set([...expected.keys(), ...actual.keys()])]
  const unlike = keys.filter(
    (key) => !(actual.has(key) && expected.has(key) && isDeepStrictEqual(actual.get(key), expected.get(key))),
  )
  const shown = unlike.slice(0, SHOWN).map((key) => {
    const [got, wanted] = differing(actual.get(key), expected.get(key))
    return `  ${show(key)}: got ${actual.has(key) ? got : 'nothing'}, expected ${expected.has(key) ? wanted : 'nothing'}`
  })
  const rest = unlike.length > SHOWN ? [`  and ${unlike.length - SHOWN} more of ${keys.length}`] : []
  return [...shown, ...rest].join('\n')
}

/** Both as text; for two long lists, from the first difference on. */
function differing(actual: unknown, expected: unknown): readonly [got: string, wanted: string] {
  if (!Array.isArray(actual) || !Array.isArray(expected) || Math.min(actual.length, expected.length) <= SHOWN)
    return [show(actual), show(expected)]
  const first = actual.findIndex((item, index) => index >= expected.length || !isDeepStrictEqual(item, expected[index]))
  const from = first === -1 ? actual.length : first
  const tail = (list: readonly unknown[]): string =>
    `${show(list.slice(from, from + SHOWN))} from [${from}] on, of ${list.length}`
  return [tail(actual), tail(expected)]
}

/** A value on one line for a message, truncated if it is long. */
export function show(value: unknown): string {
  const text = inspect(value, {
    depth: 6,
    breakLength: Number.POSITIVE_INFINITY,
    compact: true,
    maxArrayLength: 40,
    maxStringLength: 300,
  })
  return text.length > 4_000 ? `${text.slice(0, 4_000)}…` : text
}

function areAlike(actual: unknown, expected: unknown): boolean {
  if (typeof actual === 'number' && typeof expected === 'number') return areClose(actual, expected)
  if (actual instanceof Map && expected instanceof Map) return areMapsAlike(actual, expected)
  if (actual instanceof Set && expected instanceof Set) {
    return actual.size === expected.size && [...actual].every((member) => expected.has(member))
  }
  if (Array.isArray(actual) && Array.isArray(expected)) {
    return actual.length === expected.length && actual.every((item, index) => areAlike(item, expected[index]))
  }
  if (isRecord(actual) && isRecord(expected)) {
    return areMapsAlike(new Map(Object.entries(actual)), new Map(Object.entries(expected)))
  }
  return isDeepStrictEqual(actual, expected)
}

function areMapsAlike(actual: ReadonlyMap<unknown, unknown>, expected: ReadonlyMap<unknown, unknown>): boolean {
  return (
    actual.size === expected.size &&
    [...actual].every(([key, value]) => expected.has(key) && areAlike(value, expected.get(key)))
  )
}

function areClose(actual: number, expected: number): boolean {
  return (
    Object.is(actual, expected) ||
    Math.abs(actual - expected) <= RELATIVE * Math.max(Math.abs(actual), Math.abs(expected))
  )
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && [Object.prototype, null].includes(Object.getPrototypeOf(value))
}
