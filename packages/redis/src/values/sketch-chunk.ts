import type { SketchPacking } from '@kairos/core/driver'
import { SKETCHES, SKETCHES_HEAD } from '../scripts/packed.ts'
import { Damaged } from './damaged.ts'

/** Before each sketch: its field, and its length in three bytes. */
const RECORD_HEAD = 4

/** Where chunks are put together before they are copied; it grows with them. */
let scratch = Buffer.allocUnsafe(2 ** 14)

/** The layout is described beside the scripts that read it: `scripts/sketches.ts`. */
export function packSketches<Value>(
  packing: SketchPacking<Value>,
  fields: readonly number[],
  sketches: readonly Value[],
): Buffer {
  let at = SKETCHES_HEAD
  for (let index = 0; index < sketches.length; index++) {
    const sketch = sketches[index]!
    const start = at + RECORD_HEAD
    makeRoom(start + packing.mostLength(sketch), at)
    at = packing.packInto(sketch, scratch, start)
    scratch[start - RECORD_HEAD] = fields[index]!
    scratch.writeUIntBE(at - start, start - 3, 3)
  }
  scratch[0] = SKETCHES
  scratch.writeUInt32BE(at, 1)
  scratch.writeUInt32BE(at, 5)
  return Buffer.from(scratch.subarray(0, at))
}

function makeRoom(length: number, used: number): void {
  if (length <= scratch.length) return
  const larger = Buffer.allocUnsafe(length * 2)
  scratch.copy(larger, 0, 0, used)
  scratch = larger
}

/**
 * Calls `each` with the fields of a chunk with room for this many, ascending.
 * @throws Damaged
 */
export function unpackSketches<Value>(
  packing: SketchPacking<Value>,
  bytes: Buffer,
  size: number,
  each: (field: number, sketch: Value) => void,
): void {
  if (bytes[0] !== SKETCHES || bytes.length < SKETCHES_HEAD || bytes.readUInt32BE(5) !== bytes.length)
    throw new Damaged(
      `a chunk of sketches must begin with ${SKETCHES} and hold its length, not be ${bytes.length} bytes that begin with ${bytes[0]}`,
    )
  const found: (Uint8Array[] | undefined)[] = []
  for (let at = SKETCHES_HEAD; at < bytes.length; ) {
    const start = at + RECORD_HEAD
    const field = bytes[at]!
    const end = start <= bytes.length ? start + bytes.readUIntBE(at + 1, 3) : start
    if (end > bytes.length || field >= size)
      throw new Damaged(
        `a sketch must have a field below ${size} and all of its bytes, not end at ${end} in field ${field}`,
      )
    const sketch = bytes.subarray(start, end)
    const others = found[field]
    if (others === undefined) found[field] = [sketch]
    else others.push(sketch)
    at = end
  }
  for (let field = 0; field < found.length; field++) {
    const sketches = found[field]
    if (sketches !== undefined) each(field, joined(packing, sketches))
  }
}

/** @throws Damaged */
export function joined<Value>({ join }: SketchPacking<Value>, packed: readonly Uint8Array[]): Value {
  const sketch = join(packed)
  if (sketch !== undefined) return sketch
  throw new Damaged(`a sketch must be what was packed, not ${packed[0]!.length} bytes that begin with ${packed[0]![0]}`)
}
