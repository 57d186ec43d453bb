import type { Scalar, StoreSchema, TimeseriesType } from '@kairos/core/driver'
import { Damaged } from './damaged.ts'

/** A value as it is sent to Redis or comes back: bytes, or text, for example because a script has joined values into one string. */
export type Element = string | Buffer

/** How the values of one timeseries are encoded and decoded. */
export interface Codec {
  /** Encoded values never contain a space, so that a script may join many into one string. */
  readonly joins: boolean
  encode(scalar: Scalar): Element
  decode(element: Element): Scalar
  /** Values are stored as numbers, which chunks may pack: how they become one, and back. */
  readonly packs?: { toNumber(scalar: Scalar): number; fromNumber(number: number): Scalar }
}

const ascii = (element: Element): string => (typeof element === 'string' ? element : element.toString('latin1'))
const unicode = (element: Element): string => (typeof element === 'string' ? element : element.toString())

const numbers: Codec = {
  joins: true,
  encode: String,
  decode: toNumber,
  packs: { toNumber: (scalar) => scalar as number, fromNumber: (number) => number },
}
const words: Codec = { joins: true, encode: String, decode: ascii }
const texts: Codec = { joins: false, encode: String, decode: unicode }

const codecs: Readonly<Record<string, Codec>> = {
  float: numbers,
  int: { ...numbers, decode: toInteger },
  datetime: numbers,
  int64: { joins: true, encode: String, decode: toBigInt },
  boolean: {
    joins: true,
    encode: (scalar) => (scalar === true ? '1' : '0'),
    decode: toBoolean,
    packs: { toNumber: Number, fromNumber: (number) => number === 1 },
  },
  decimal: words,
  date: words,
  time: words,
  inet: words,
  string: texts,
  text: texts,
  blob: {
    joins: false,
    // A Buffer over the same memory, since ioredis sends nothing else as bytes.
    encode(scalar) {
      const { buffer, byteOffset, byteLength } = scalar as Uint8Array
      return Buffer.from(buffer, byteOffset, byteLength)
    },
    decode: (element) => new Uint8Array(typeof element === 'string' ? Buffer.from(element) : element),
  },
}

/** The codec for the values of a schema, which `checkSchema` has let pass. */
export function codecOf({ type, valueType }: Pick<StoreSchema<TimeseriesType>, 'type' | 'valueType'>): Codec {
  return type === 'count' ? numbers : codecs[valueType]!
}

/** How the cells of a schema become numbers that chunks pack; undefined: they do not. */
export function packsOf(schema: Pick<StoreSchema<TimeseriesType>, 'type' | 'valueType'>): Codec['packs'] {
  return schema.type === 'count' || schema.type === 'gauge' ? codecOf(schema).packs : undefined
}

/** @throws Damaged */
export function toNumber(element: Element): number {
  const text = ascii(element)
  const number = Number(text)
  if (Number.isFinite(number) && text !== '') return number
  throw new Damaged(`a number must be finite, not ${JSON.stringify(text)}`)
}

function toInteger(element: Element): number {
  const number = toNumber(element)
  if (Number.isSafeInteger(number)) return number
  throw new Damaged(`an int must be whole, not ${number}`)
}

function toBoolean(element: Element): boolean {
  const text = ascii(element)
  if (text === '1' || text === '0') return text === '1'
  throw new Damaged(`a boolean must be 0 or 1, not ${JSON.stringify(text)}`)
}

function toBigInt(element: Element): bigint {
  const text = ascii(element)
  if (/^-?\d+$/.test(text)) return BigInt(text)
  throw new Damaged(`an int64 must be digits, not ${JSON.stringify(text)}`)
}
