import { Damaged } from './damaged.ts'

/** The bytes of a number in a summary: whole with a sign, and at last a double. */
export type Width = 1 | 2 | 4 | 8

/** The same in a chunk of numbers, which may also have 12 bits each; by the first byte of the chunk. */
const WIDTHS: Readonly<Record<number, Width | 1.5>> = { 1: 1, 3: 1.5, 2: 2, 4: 4, 8: 8 }
const TWELVE_BITS = 3

/** From how many cells on changes are sent packed, and a hash becomes a packed chunk: as in the scripts. */
export { PACKED_FROM } from '../scripts/packed.ts'

/** Whether the content of a chunk is packed: it begins with its width, a joined one with a digit. */
export function isPacked(content: Uint8Array): boolean {
  return content.length > 0 && content[0]! <= 8
}

/**
 * Refuses what no packed chunk with room for this many fields looks like.
 * @throws Damaged
 */
export function checkPacked(bytes: Uint8Array, size: number): void {
  const width = WIDTHS[bytes[0]!]
  if (width !== undefined && bytes.length === 1 + size / 8 + size * width) return
  throw new Damaged(
    `a packed chunk must be a width and ${size} numbers of that width, not ${bytes.length} bytes that begin with ${bytes[0]}`,
  )
}

/** The layout is described beside the scripts that read it: `scripts/packed.ts`. Fields ascend. */
export function packChunk(size: number, fields: readonly number[], numbers: readonly number[]): Buffer {
  const { least, greatest, whole } = extentOf(numbers)
  const short = whole && least >= -(2 ** 11) && greatest < 2 ** 11 && (least < -(2 ** 7) || greatest >= 2 ** 7)
  const width = short ? 1.5 : widthFor(least, greatest, whole)
  const start = 1 + size / 8
  const bytes = Buffer.alloc(start + size * width)
  bytes[0] = width === 1.5 ? TWELVE_BITS : width
  for (let index = 0; index < fields.length; index++) {
    const field = fields[index]!
    bytes[1 + (field >> 3)]! |= 128 >> (field & 7)
    const at = start + field * width
    const number = numbers[index]!
    if (width === 1.5) writeTwelveBits(bytes, start, field, number)
    else writeNumber(bytes, width, at, number)
  }
  return bytes
}

/** Two numbers share three bytes. */
function writeTwelveBits(bytes: Buffer, start: number, field: number, number: number): void {
  const at = start + (field >> 1) * 3
  if ((field & 1) === 0) {
    bytes[at] = number >> 4
    bytes[at + 1]! |= (number & 15) << 4
  } else {
    bytes[at + 1]! |= (number >> 8) & 15
    bytes[at + 2] = number
  }
}

function twelveBitsAt(bytes: Buffer, start: number, field: number): number {
  const at = start + (field >> 1) * 3
  const bits =
    (field & 1) === 0 ? (bytes[at]! << 4) | (bytes[at + 1]! >> 4) : ((bytes[at + 1]! & 15) << 8) | bytes[at + 2]!
  return (bits << 20) >> 20
}

/** Whole numbers must fit their width: byte by byte, since checking each takes several times as long. */
export function writeNumber(bytes: Buffer, width: Width, at: number, number: number): void {
  if (width === 8) {
    bytes.writeDoubleBE(number, at)
    return
  }
  if (width === 4) {
    bytes[at] = number >> 24
    bytes[at + 1] = number >> 16
  }
  if (width !== 1) bytes[at + width - 2] = number >> 8
  bytes[at + width - 1] = number
}

/** The least width that numbers fit, by their least and greatest. */
export function widthFor(least: number, greatest: number, whole: boolean): Width {
  if (!whole) return 8
  if (least >= -(2 ** 7) && greatest < 2 ** 7) return 1
  if (least >= -(2 ** 15) && greatest < 2 ** 15) return 2
  return least >= -(2 ** 31) && greatest < 2 ** 31 ? 4 : 8
}

/** Their least and greatest, and 0; not of all if one of them is not `whole`. */
function extentOf(numbers: readonly number[]): { least: number; greatest: number; whole: boolean } {
  let least = 0
  let greatest = 0
  for (const number of numbers) {
    if (!Number.isInteger(number)) return { least, greatest, whole: false }
    if (number < least) least = number
    if (number > greatest) greatest = number
  }
  return { least, greatest, whole: true }
}

/**
 * Calls `each` with the fields of a packed chunk, ascending.
 * @throws Damaged
 */
export function unpackChunk(bytes: Buffer, each: (field: number, number: number) => void): void {
  const width = WIDTHS[bytes[0]!]!
  const size = ((bytes.length - 1) * 8) / (8 * width + 1)
  const start = 1 + size / 8
  const at = (field: number): number =>
    width === 1.5 ? twelveBitsAt(bytes, start, field) : numberAt(bytes, width, start + field * width)
  for (let byte = 1; byte < start; byte++) {
    let bits = bytes[byte]!
    for (let field = (byte - 1) * 8; bits !== 0; field++, bits = (bits << 1) & 255) {
      if ((bits & 128) !== 0) each(field, at(field))
    }
  }
}

/**
 * Adds the whole numbers of some fields to sums that begin with field 0, and notes which are there; absent ones are 0. False if the chunk holds doubles:
 * then nothing was done.
 */
export function addPacked(bytes: Buffer, from: number, to: number, sums: Float64Array, seen: Uint8Array): boolean {
  const width = WIDTHS[bytes[0]!]!
  if (width === 8) return false
  const start = 1 + (bytes.length - 1) / (8 * width + 1)
  for (let field = from; field <= to; field++) seen[field]! |= (bytes[1 + (field >> 3)]! << (field & 7)) & 128
  if (width === 1) for (let field = from; field <= to; field++) sums[field]! += (bytes[start + field]! << 24) >> 24
  else if (width === 2)
    for (let field = from, at = start + 2 * from; field <= to; field++, at += 2)
      sums[field]! += ((bytes[at]! << 24) >> 16) | bytes[at + 1]!
  else if (width === 1.5) for (let field = from; field <= to; field++) sums[field]! += twelveBitsAt(bytes, start, field)
  else for (let field = from; field <= to; field++) sums[field]! += bytes.readInt32BE(start + 4 * field)
  return true
}

/** @throws Damaged */
export function numberAt(bytes: Buffer, width: Width, at: number): number {
  if (width === 2) return bytes.readInt16BE(at)
  if (width === 1) return bytes.readInt8(at)
  if (width === 4) return bytes.readInt32BE(at)
  const number = bytes.readDoubleBE(at)
  if (Number.isFinite(number)) return number
  throw new Damaged(`a number must be finite, not ${number}`)
}
