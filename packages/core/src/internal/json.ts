import { isBytes, isMap, isSet } from './collections.ts'
import { isRecord } from './kinds.ts'

/** Adds a `toJSON` to a Map or Set, which `JSON.stringify` would turn into `{}`; returns other data as it is. */
export function withJson<T>(data: T): T {
  return data instanceof Map || data instanceof Set ? addToJson(data) : data
}

/** Not enumerable, and not copied. */
export function addToJson<T extends object>(data: T): T {
  if (!('toJSON' in data) && Object.isExtensible(data)) Object.defineProperty(data, 'toJSON', METHOD)
  return data
}

const METHOD: PropertyDescriptor = { value: toJson, enumerable: false, configurable: true, writable: true }

/** `[[seconds, data], …]`, a histogram as `[[value, times], …]`, a set as a list, a bigint as its digits, bytes as base64. */
function toJson(this: unknown): unknown {
  return plain(this)
}

/** Converts what JSON cannot express, at every level; dates and other objects keep their own `toJSON`. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'object' || value === null) return value
  if (isMap(value)) return Array.from(value, ([key, each]) => [plain(key), plain(each)])
  if (isSet(value)) return Array.from(value, plain)
  if (Array.isArray(value)) return value.map(plain)
  if (isBytes(value)) return base64(value)
  if (!isRecord(value) || 'toJSON' in value) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]))
}

/** How many bytes one call may take as arguments. */
const MOST_PARAMETERS = 8_192

function base64(bytes: Uint8Array): string {
  let binary = ''
  for (let index = 0; index < bytes.length; index += MOST_PARAMETERS)
    binary += String.fromCharCode(...bytes.subarray(index, index + MOST_PARAMETERS))
  return btoa(binary)
}
