import { KairosError } from '@kairos/core'
import { describe } from '@kairos/core/driver'
import { encodeJson, type JsonValue, markOwnEncoder, parseJson } from './json-values.ts'

/** Where the platform has it, a bigint as JSON.stringify writes it: its digits. */
const rawJson = (JSON as { rawJSON?: (text: string) => unknown }).rawJSON ?? ((digits: string) => digits)

/** So that JSON.stringify takes an event, bigints and all. */
const TO_JSON = {
  value: markOwnEncoder(function toJSON(this: Readonly<Record<string, JsonValue>>): unknown {
    return withoutBigints({ ...this })
  }),
}

/** The event, which JSON.stringify takes from now on. Its members are the same, and so is what else looks at it. */
export function addToJson<Event extends object>(event: Event): Event {
  return Object.hasOwn(event, 'toJSON') ? event : Object.defineProperty(event, 'toJSON', TO_JSON)
}

/**
 * Events, or what has them in it, as JSON: bigints as integers, `-0` and large doubles so that they are read back as they are.
 * @throws KAIROS_INVALID_VALUE for what JSON cannot say: NaN, a Map, an integer beyond 64 bits
 * @example `response.end(toJson({ events, total: 5n }))`
 */
export function toJson(value: unknown): string {
  return encodeJson(value)
}

/**
 * What `toJson` or JSON.stringify has written of events: integers that a double cannot hold are bigints, and so is the `@time` of what has an
 * `@id`.
 * @throws KAIROS_INVALID_VALUE
 */
export function fromJson(text: string): JsonValue {
  try {
    return withTimes(parseJson(text))
  } catch (error) {
    throw new KairosError('KAIROS_INVALID_VALUE', `${describe(text)} is not JSON`, { value: text }, error)
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
