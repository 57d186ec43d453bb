import type { Capabilities, OriginalType, Scalar } from '@kairos/core/driver'
import { HOSTILE } from './hostile.ts'

const ALL_BYTES = Uint8Array.from({ length: 256 }, (_, byte) => byte)

/** Values of each valueType as drivers receive them: ordinary ones, and those at the limits of the type. No two are the same. */
const scalars: Readonly<Record<string, readonly Scalar[]>> = {
  float: [
    ...[0, 1, -1, 0.5, 0.1, 1 / 3, 0.1 + 0.2, -123456789.12345678, 1e-7, 1e21, 1e22, 123e-20],
    // The smallest that exists, the smallest with full precision, the largest, and the neighbours of 2^53.
    ...[5e-324, -5e-324, 2.225073858507201e-308, 2.2250738585072014e-308, Number.MAX_VALUE, -Number.MAX_VALUE],
    ...[
      2 ** 53 - 1,
      2 ** 53,
      2 ** 53 + 2,
      -(2 ** 53),
      2 ** 63,
      1 + Number.EPSILON,
      1 - Number.EPSILON / 2,
      9.5367431640625e-7,
    ],
  ],
  int: [0, 1, -1, 255, 2 ** 31 - 1, 2 ** 31, -(2 ** 31) - 1, 2 ** 32, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER],
  int64: [
    0n,
    1n,
    -1n,
    2n ** 31n,
    2n ** 53n,
    2n ** 53n + 1n,
    -(2n ** 53n) - 1n,
    2n ** 63n - 1n,
    2n ** 63n - 2n,
    -(2n ** 63n),
  ],
  decimal: [
    ...['0', '1', '-1', '0.1', '-0.1', '1.5', '10', '100', '0.3333333333333333333333333333333333', '9007199254740993'],
    ...['9'.repeat(34), `-${'9'.repeat(34)}`, `1${'0'.repeat(33)}`, '12345678901234567.89012345678901234'],
    ...[`0.${'0'.repeat(33)}1`, `-0.${'0'.repeat(99)}${'9'.repeat(34)}`],
  ],
  string: ['', ...HOSTILE],
  text: ['', ...HOSTILE, 'text '.repeat(20_000), '🙂'.repeat(20_000)],
  boolean: [true, false],
  blob: [
    new Uint8Array(0),
    ALL_BYTES,
    ...[[0], [0, 0], [255], [0xc3, 0x28], [0xef, 0xbb, 0xbf], [0x27, 0x5c, 0x22]].map((bytes) =>
      Uint8Array.from(bytes),
    ),
    Uint8Array.from({ length: 100_000 }, (_, index) => (index * 31) % 251),
  ],
  date: ['0001-01-01', '1582-10-15', '1900-03-01', '1969-12-31', '1970-01-01', '2024-02-29', '9999-12-31'],
  time: ['00:00:00', '00:00:00.000001', '12:34:56.1', '12:34:56.123456', '23:59:59', '23:59:59.999999'],
  // From the year 0001 to the end of 9999, in milliseconds.
  datetime: [-62_135_596_800_000, -1, 0, 1, 999, 1_700_000_000_123, 253_402_300_799_999],
  inet: [
    ...['0.0.0.0', '1.2.3.4', '127.0.0.1', '255.255.255.255'],
    ...[
      '::',
      '::1',
      '::ffff:1.2.3.4',
      '2001:db8::1',
      '2001:db8:0:1:1:1:1:1',
      'fe80::1:2',
      'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff',
    ],
  ],
}

/** The valueTypes that a type may hold. A count takes none. */
export function valueTypesOf(type: OriginalType): readonly string[] {
  if (type === 'count') return []
  const keyed = type === 'histogram' || type === 'set'
  return Object.keys(scalars).filter((valueType) => !(keyed && ['text', 'blob', 'datetime'].includes(valueType)))
}

/** The values of a valueType that core would pass to a driver with these capabilities. */
export function scalarsFor(capabilities: Capabilities, type: OriginalType, valueType: string): readonly Scalar[] {
  return (scalars[valueType] ?? []).filter(
    (scalar) => typeof scalar !== 'string' || fits(capabilities, type, valueType, scalar),
  )
}

/** Whether core would accept a string value. */
export function fits(capabilities: Capabilities, type: OriginalType, valueType: string, text: string): boolean {
  const { maxStringLength, maxKeyBytes } = capabilities
  const keyed = type === 'histogram' || type === 'set'
  return !(
    (valueType === 'string' && maxStringLength !== undefined && [...text].length > maxStringLength) ||
    (keyed && maxKeyBytes !== undefined && bytesOf(text) > maxKeyBytes)
  )
}

/** Whether core would accept a name. */
export function isNameFor({ maxStringLength, maxNameBytes }: Capabilities, name: string): boolean {
  return !(
    (maxStringLength !== undefined && [...name].length > maxStringLength) ||
    (maxNameBytes !== undefined && bytesOf(name) > maxNameBytes)
  )
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length
}
