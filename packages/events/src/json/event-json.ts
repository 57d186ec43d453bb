import { KairosError } from '@kairos/core'
import { explain } from '../checks/errors.ts'
import { encodeJson, type JsonValue, markOwnEncoder, parseJson } from './json-values.ts'

/** A bigint as JSON.stringify writes it: its digits, as a number where the platform has rawJSON, otherwise as a string. */
const rawJson = (JSON as { rawJSON?: (text: string) => unknown }).rawJSON ?? ((digits: string) => digits)

/** Lets JSON.stringify take an event, bigints and all. */
const TO_JSON = {
  value: markOwnEncoder(function toJSON(this: Readonly<Record<string, JsonValue>>): unknown {
    return withoutBigints({ ...this })
  }),
}

/** Lets JSON.stringify take this event, and returns it. The method is not enumerable, so the event's members stay the same. */
export function addToJson<Event extends object>(event: Event): Event {
  return Object.hasOwn(event, 'toJSON') ? event : Object.defineProperty(event, 'toJSON', TO_JSON)
}

/**
 * Writes events, or a value that contains some, as JSON: bigints as integers, `-0` and large doubles in a form that is read back unchanged.
 * @throws KAIROS_INVALID_VALUE for what JSON cannot express: NaN, a Map, an integer beyond 64 bits
 * @example `response.end(toJson({ events, total: 5n }))`
 */
export function toJson(value: unknown): string {
  return encodeJson(value)
}

/**
 * Reads what `toJson` or JSON.stringify wrote. Integers that a double cannot hold become bigints, and so does the `@time` of every object with an
 * `@id`.
 * @throws KAIROS_INVALID_VALUE
 * @example const events = fromJson(await response.text())
 */
export function fromJson(text: string): JsonValue {
  try {
    return withTimes(parseJson(text))
  } catch (error) {
    const mistake = { path: 'text', expected: 'JSON', value: text }
    throw new KairosError('KAIROS_INVALID_VALUE', explain(mistake), { path: 'text', value: text }, error)
  }
}

function withTimes(value: JsonValue): JsonValue {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(withTimes)
  const entries = Object.entries(value as { readonly [key: string]: JsonValue }).map(
    ([key, member]) => [key, withTimes(member)] as const,
  )
  const object: Record<string, JsonValue> = Object.fromEntries(entries)
  const { '@id': id, '@time': time } = object
  if (typeof id !== 'string') return object
  return addToJson(Number.isSafeInteger(time) ? { ...object, '@time': BigInt(time as number) } : object)
}

function withoutBigints(value: unknown): unknown {
  if (typeof value === 'bigint') return rawJson(String(value))
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(withoutBigints)
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, withoutBigints(member)]))
}
