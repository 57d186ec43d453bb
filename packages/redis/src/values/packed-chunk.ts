import { Damaged } from './damaged.ts'

/** The widths of a packed number: whole with a sign, and at last a double. */
export type Width = 1 | 2 | 4 | 8

/** From how many cells on changes are sent packed, and a hash becomes a packed chunk: as in the scripts. */
export { PACKED_FROM } from '../scripts/packed.ts'

/** Whether the content of a chunk is packed: it begins with its width, a joined one with a digit. */
export function isPacked(content: Uint8Array): boolean {
  return content.length > 0 && content[0]! <= 8
}

/**
 * Refuses what no packed chunk with room for so many fields looks like.
 * @throws Damaged
 */
export function checkPacked(bytes: Uint8Array, size: number): void {
  const width = bytes[0]!
  if ((width === 1 || width === 2 || width === 4 || width === 8) && bytes.length === 1 + size / 8 + size * width) return
  throw new Damaged(
    `a packed chunk must be a width and ${size} numbers of that width, not ${bytes.length} bytes that begin with ${width}`,
  )
}

/** The layout is described beside the scripts that read it: `scripts/packed.ts`. Fields ascend. */
export function packChunk(size: number, fields: readonly number[], numbers: readonly number[]): Buffer {
  const width = widthOf(numbers)
  const start = 1 + size / 8
  const bytes = Buffer.alloc(start + size * width)
  bytes[0] = width
  for (let index = 0; index < fields.length; index++) {
    const field = fields[index]!
    bytes[1 + (field >> 3)]! |= 128 >> (field & 7)
    const at = start + field * width
    writeNumber(bytes, width, at, numbers[index]!)
  }
  return bytes
}

export function writeNumber(bytes: Buffer, width: Width, at: number, number: number): void {
  if (width === 8) bytes.writeDoubleBE(number, at)
  else bytes.writeIntBE(number, at, width)
}

/** The least that all of them fit. */
export function widthOf(numbers: readonly number[]): Width {
  let least = 0
  let greatest = 0
  for (const number of numbers) {
    if (!Number.isInteger(number)) return 8
    if (number < least) least = number
    if (number > greatest) greatest = number
  }
  if (least >= -(2 ** 7) && greatest < 2 ** 7) return 1
  if (least >= -(2 ** 15) && greatest < 2 ** 15) return 2
  return least >= -(2 ** 31) && greatest < 2 ** 31 ? 4 : 8
}

/**
 * Calls `each` with the fields of a packed chunk, ascending.
 * @throws Damaged
 */
export function unpackChunk(bytes: Buffer, each: (field: number, number: number) => void): void {
  const width = bytes[0] as Width
  const size = ((bytes.length - 1) * 8) / (8 * width + 1)
  const start = 1 + size / 8
  for (let byte = 1; byte < start; byte++) {
    let bits = bytes[byte]!
    for (let field = (byte - 1) * 8; bits !== 0; field++, bits = (bits << 1) & 255) {
      if ((bits & 128) !== 0) each(field, numberAt(bytes, width, start + field * width))
    }
  }
}

/**
 * Adds the whole numbers of some fields to sums that begin with field 0, and notes which are there; absent ones are 0. False if the chunk holds doubles:
 * then nothing was done.
 */
export function addPacked(bytes: Buffer, from: number, to: number, sums: Float64Array, seen: Uint8Array): boolean {
  const width = bytes[0] as Width
  if (width === 8) return false
  const start = 1 + (bytes.length - 1) / (8 * width + 1)
  for (let field = from; field <= to; field++) seen[field]! |= (bytes[1 + (field >> 3)]! << (field & 7)) & 128
  if (width === 1) for (let field = from; field <= to; field++) sums[field]! += (bytes[start + field]! << 24) >> 24
  else if (width === 2)
    for (let field = from, at = start + 2 * from; field <= to; field++, at += 2)
      sums[field]! += ((bytes[at]! << 24) >> 16) | bytes[at + 1]!
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
