import type { KairosError } from '@kairos/core'
import { invalidValue } from '../checks/errors.ts'
import { DEEPEST } from './json-scanner.ts'

/** A JSON value in a program. An integer beyond 2^53 is a `bigint`, so that it keeps its digits. */
export type JsonValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue }

/** A double holds every number with fewer digits in a row. */
const MANY_DIGITS = /\d{16}/
const INTEGER = /^-?\d+$/
const OUT_OF_ASCII = /[\x7f-\uffff]/
const OUT_OF_ASCII_ALL = /[\x7f-\uffff]/g

/** Parses JSON that is known to be valid. Integers that a double cannot hold become bigints. */
export function parseJson(text: string): JsonValue {
  return MANY_DIGITS.test(text) ? JSON.parse(text, reviveInteger) : JSON.parse(text)
}

function reviveInteger(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  const source = context?.source
  if (typeof value !== 'number' || Number.isSafeInteger(value) || source === undefined) return value
  return INTEGER.test(source) ? BigInt(source) : value
}

/**
 * Writes a value as canonical JSON: no white space, printable ASCII. Like JSON.stringify, but without loss: bigints are written as integers, and
 * what JSON cannot express (NaN, a Map, a function, an undefined item, a cycle) is refused instead of becoming null or {}.
 * @throws KAIROS_INVALID_VALUE
 */
export function encodeJson(value: unknown, path = '', depth = 0): string {
  switch (typeof value) {
    case 'string':
      return encodeString(value)
    case 'number':
      if (!Number.isFinite(value)) throw notJson(value, path)
      return encodeNumber(value)
    case 'bigint':
      if (BigInt.asIntN(64, value) !== value) throw notJson(value, path)
      return String(value)
    case 'boolean':
      return String(value)
    case 'object':
      return value === null ? 'null' : encodeObject(value, path, depth + 1)
    default:
      throw notJson(value, path)
  }
}

/** A double that would be read back as an integer or a bigint is written so that it stays a double. */
function encodeNumber(value: number): string {
  if (Object.is(value, -0)) return '-0.0'
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? value.toExponential() : String(value)
}

/** A string as JSON in printable ASCII. */
export function encodeString(text: string): string {
  const json = JSON.stringify(text)
  return OUT_OF_ASCII.test(json) ? json.replace(OUT_OF_ASCII_ALL, escapeOf) : json
}

function escapeOf(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

function encodeObject(value: object, path: string, depth: number): string {
  if (depth > DEEPEST)
    throw notJson(value, path, `a JSON value, nested no deeper than ${DEEPEST} levels and not in itself`)
  // Its toJSON returns null.
  if (value instanceof Date && Number.isNaN(value.getTime())) throw notJson(value, path)
  if ('toJSON' in value && typeof value.toJSON === 'function' && !isOwnEncoder(value.toJSON))
    return encodeJson(value.toJSON(), path, depth)
  if (Array.isArray(value)) {
    const items = value as readonly unknown[]
    let json = '['
    for (let index = 0; index < items.length; index++) {
      json += (index === 0 ? '' : ',') + encodeJson(items[index], `${path}[${index}]`, depth)
    }
    return `${json}]`
  }
  if (!isPlainObject(value)) throw notJson(value, path)
  return `{${encodeMembers(value, path, depth)}}`
}

/** The members of an object, without its braces. Members that are undefined are left out, and so are those in `except`. */
export function encodeMembers(value: object, path: string, depth: number, except: readonly string[] = []): string {
  let json = ''
  for (const [key, member] of Object.entries(value)) {
    if (member === undefined || except.includes(key)) continue
    json += `${json === '' ? '' : ','}${encodeString(key)}:${encodeJson(member, path === '' ? key : `${path}.${key}`, depth)}`
  }
  return json
}

/** Whether a value is an object literal, of this realm or another. */
export function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/** `toJSON` methods of this package. They are for JSON.stringify; `encodeJson` writes the object itself. */
const ownEncoders = new WeakSet<object>()

/** Makes `encodeJson` ignore this `toJSON` method. */

export function markOwnEncoder<Encoder extends object>(encoder: Encoder): Encoder {
  ownEncoders.add(encoder)
  return encoder
}

function isOwnEncoder(encoder: object): boolean {
  return ownEncoders.has(encoder)
}

function notJson(value: unknown, path: string, expected = 'a JSON value'): KairosError {
  return invalidValue({ path: path === '' ? 'value' : path, expected, value })
}
