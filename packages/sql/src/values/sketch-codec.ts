import { binPacking, type CellValue, registerPacking, type SketchPacking } from '@kairos/core/driver'

/** The types whose cells are packed sketches. */
export type SketchType = 'distribution' | 'unique'

/**
 * How sketches are kept in a `value`: after the byte FORM, each packed, after its length in three bytes. What a write appends is all but the first byte of its own
 * value: what has lost its beginning never becomes whole again.
 */
export interface SketchCodec {
  encode(sketch: CellValue): Uint8Array
  /** Whether what `encode` returned can be added to others without rounding, and so without an overflow. */
  isExact(value: Uint8Array): boolean
  /** All sketches of a value together; undefined if it is damaged, or if something else wrote it. */
  decode(stored: unknown): CellValue | undefined
  /** All sketches of several values together; null if one of them is damaged, or if sums may be rounded. */
  merge(values: readonly Uint8Array[]): CellValue | null
}

const FORM = 1
/** Before each sketch: its length. */
const HEAD = 3
/** Room for many sketches is one allocation: most take a few bytes. */
const ROOM = 2 ** 16

/** Loads what packs the sketches of a type. */
export async function sketchCodec(type: SketchType): Promise<SketchCodec> {
  const packing = (type === 'unique' ? await registerPacking() : await binPacking()) as SketchPacking<CellValue>
  let room = new Uint8Array(ROOM)
  let used = 0
  return {
    encode(sketch) {
      const most = 1 + HEAD + packing.mostLength(sketch)
      if (used + most > room.length) {
        room = new Uint8Array(Math.max(ROOM, most))
        used = 0
      }
      const start = used
      const packed = start + 1 + HEAD
      used = packing.packInto(sketch, room, packed)
      const length = used - packed
      room[start] = FORM
      room[start + 1] = length >> 16
      room[start + 2] = length >> 8
      room[start + 3] = length
      return room.subarray(start, used)
    },
    isExact: (value) => packing.isExact(value, 1 + HEAD),
    decode(stored) {
      const sketches = stored instanceof Uint8Array ? sketchesIn(stored) : undefined
      return sketches && packing.join(sketches)
    },
    merge(values) {
      const all: Uint8Array[] = []
      for (const value of values) {
        const sketches = sketchesIn(value)
        if (sketches === undefined || !sketches.every((sketch) => packing.isExact(sketch, 0))) return null
        for (const sketch of sketches) all.push(sketch)
      }
      return packing.join(all) ?? null
    },
  }
}

/** Undefined if one of them is not whole. */
function sketchesIn(bytes: Uint8Array): Uint8Array[] | undefined {
  if (bytes[0] !== FORM) return undefined
  const sketches: Uint8Array[] = []
  for (let at = 1; at < bytes.length; ) {
    const start = at + HEAD
    if (start > bytes.length) return undefined
    at = start + ((bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!)
    if (at > bytes.length) return undefined
    sketches.push(bytes.subarray(start, at))
  }
  return sketches
}
