import { KairosError } from '@kairos/core'
import { describe } from '@kairos/core/driver'
import { DEEPEST } from './json-scanner.ts'

/** A JSON value as programs meet it. An integer beyond 2^53 is a `bigint`, so that it stays what it is. */
export type JsonValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue }

/** Fewer digits in a row always fit into a double. */
const MANY_DIGITS = /\d{16}/
const INTEGER = /^-?\d+$/
const OUT_OF_ASCII = /[\x7f-\uffff]/
const OUT_OF_ASCII_ALL = /[\x7f-\uffff]/g

/** Reads JSON that is known to be valid; integers that a double cannot hold become bigints. */
export function parseJson(text: string): JsonValue {
  return MANY_DIGITS.test(text) ? JSON.parse(text, reviveInteger) : JSON.parse(text)
}

function reviveInteger(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  const source = context?.source
  if (typeof value !== 'number' || Number.isSafeInteger(value) || source === undefined) return value
  return INTEGER.test(source) ? BigInt(source) : value
}

/**
 * A value as canonical JSON: no white space, printable ASCII. As JSON.stringify, but nothing is lost on the way: bigints are written as integers,
 * and what JSON cannot say (NaN, a Map, a function, an undefined item, a cycle) is refused instead of becoming null or {}.
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

/** What would be read back as an integer, or as a bigint, is written as the double that it is. */
function encodeNumber(value: number): string {
  if (Object.is(value, -0)) return '-0.0'
  return Number.isInteger(value) && !Number.isSafeInteger(value) ? value.toExponential() : String(value)
}

export function encodeString(text: string): string {
  const json = JSON.stringify(text)
  return OUT_OF_ASCII.test(json) ? json.replace(OUT_OF_ASCII_ALL, escapeOf) : json
}

function escapeOf(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

function encodeObject(value: object, path: string, depth: number): string {
  if (depth > DEEPEST) throw notJson(value, path, `lies deeper than ${DEEPEST} levels, or in itself`)
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

/** The members of an object, without its braces; those that are undefined are left out, and so are those in `except`. */
export function encodeMembers(value: object, path: string, depth: number, except: readonly string[] = []): string {
  let json = ''
  for (const [key, member] of Object.entries(value)) {
    if (member === undefined || except.includes(key)) continue
    json += `${json === '' ? '' : ','}${encodeString(key)}:${encodeJson(member, path === '' ? key : `${path}.${key}`, depth)}`
  }
  return json
}

/** An object literal, also one of another realm. */
export function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/** Functions by which JSON.stringify writes what is written here as it is. */
const ownEncoders = new WeakSet<object>()

export function markOwnEncoder<Encoder extends object>(encoder: Encoder): Encoder {
  ownEncoders.add(encoder)
  return encoder
}

function isOwnEncoder(encoder: object): boolean {
  return ownEncoders.has(encoder)
}

function notJson(value: unknown, path: string, reason = 'cannot be said in JSON'): KairosError {
  const where = path === '' ? '' : `${path}: `
  return new KairosError('KAIROS_INVALID_VALUE', `${where}${describe(value)} ${reason}`, { path, value })
}
