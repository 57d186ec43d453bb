import type { Scalar } from '@kairos/core/driver'
import { bigint, double, text, toNumber } from './cql-bytes.ts'
import { decimal } from './decimal.ts'

/** How values of one valueType are stored in a column. */
export interface ScalarCodec {
  /** The column's CQL type. */
  readonly type: string
  /** The bytes to bind. */
  encode(scalar: Scalar): Buffer
  /** Approximate size in bytes of a value that the client returned; absent: only a few. */
  sizeOf?(value: unknown): number
  /** Turns the column as the client returns it into a value. */
  decode(value: unknown): Scalar
}

const texts: ScalarCodec = {
  type: 'text',
  encode: (scalar) => text(scalar as string),
  sizeOf: (value) => (value as string).length,
  decode: (value) => value as string,
}

const scalarCodecs: Readonly<Record<string, ScalarCodec>> = {
  float: { type: 'double', encode: (scalar) => double(scalar as number), decode: (value) => value as number },
  int: { type: 'bigint', encode: (scalar) => bigint(scalar as number), decode: toNumber },
  int64: {
    type: 'bigint',
    encode(scalar) {
      const bytes = Buffer.allocUnsafe(8)
      bytes.writeBigInt64BE(scalar as bigint)
      return bytes
    },
    decode: (value) => (typeof value === 'bigint' ? value : BigInt(String(value))),
  },
  decimal: { type: 'decimal', encode: (scalar) => decimal(scalar as string), decode: String },
  string: texts,
  text: texts,
  boolean: {
    type: 'boolean',
    encode: (scalar) => Buffer.of(scalar === true ? 1 : 0),
    decode: (value) => value as boolean,
  },
  blob: {
    type: 'blob',
    encode: (scalar) => Buffer.from(scalar as Uint8Array),
    sizeOf: (value) => (value as Uint8Array).length,
    // Copied: the client's buffer is a slice of a whole response and would keep that alive.
    decode: (value) => Uint8Array.from(value as Uint8Array),
  },
  date: { type: 'date', encode: (scalar) => date(scalar as string), decode: String },
  time: { type: 'time', encode: (scalar) => time(scalar as string), decode: (value) => spelledTime(String(value)) },
  datetime: {
    type: 'timestamp',
    encode: (scalar) => bigint(scalar as number),
    decode: (value) => (value as Date).getTime(),
  },
  inet: {
    type: 'inet',
    encode: (scalar) => address(scalar as string),
    decode: (value) => spelledAddress(String(value)),
  },
}

/** The codec of a valueType, which `checkSchema` has let pass. */
export function codecOf(valueType: string): ScalarCodec {
  return scalarCodecs[valueType]!
}

/** Days since 1970-01-01, which is 2^31. */
function date(canonical: string): Buffer {
  const bytes = Buffer.allocUnsafe(4)
  bytes.writeUInt32BE(Date.parse(`${canonical}T00:00:00Z`) / 86_400_000 + 0x8000_0000)
  return bytes
}

/** Nanoseconds since midnight. */
function time(canonical: string): Buffer {
  const [hours, minutes, seconds, micros = ''] = canonical.split(/[:.]/)
  const whole = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds)
  return bigint(whole * 1e9 + Number(micros.padEnd(6, '0')) * 1000)
}

/** `HH:MM:SS[.ffffff]`, from the client's spelling, which may have up to nine decimals or trailing zeros. */
function spelledTime(spelled: string): string {
  return spelled.includes('.') ? spelled.replace(/\.?0+$/, '') : spelled
}

function address(canonical: string): Buffer {
  if (!canonical.includes(':')) return Buffer.from(canonical.split('.').map(Number))
  const [head = [], tail] = canonical.split('::').map(groupsOf)
  const groups = tail === undefined ? head : [...head, ...new Array(8 - head.length - tail.length).fill(0), ...tail]
  return Buffer.from(groups.flatMap((group: number) => [group >> 8, group & 255]))
}

function groupsOf(part: string): number[] {
  return part.split(':').flatMap((group) => {
    if (group === '') return []
    if (!group.includes('.')) return [Number.parseInt(group, 16)]
    const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number)
    return [a * 256 + b, c * 256 + d]
  })
}

/** An address in RFC 5952's spelling, as core has it: the client may shorten a single zero group, or write a mapped IPv4 address in hexadecimal. */
function spelledAddress(spelled: string): string {
  if (!spelled.includes(':')) return spelled
  const bytes = address(spelled)
  if (bytes.readBigUInt64BE(0) === 0n && bytes.readUInt32BE(8) === 0xffff)
    return `::ffff:${bytes.subarray(12).join('.')}`
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2).toString(16))
  const zeros = [
    ...groups
      .map((group) => (group === '0' ? '0' : '1'))
      .join('')
      .matchAll(/00+/g),
  ]
  const longest = zeros.reduce(
    (best, run) => (run[0].length > best.length ? { start: run.index, length: run[0].length } : best),
    {
      start: -1,
      length: 0,
    },
  )
  if (longest.start < 0) return groups.join(':')
  return `${groups.slice(0, longest.start).join(':')}::${groups.slice(longest.start + longest.length).join(':')}`
}
