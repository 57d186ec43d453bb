import type { CellValue, SketchPacking } from '@kairos/core/driver'
import { packSketches, unpackSketches } from '../values/sketch-chunk.ts'
import type { Kind } from './kind.ts'

/** How many bytes of sketches take a script as long as another argument: they are copied, and united now and then. */
const BYTES_A_WEIGHT = 64

/** Sketches of several cells in a chunk. */
export function sketchKind<Value extends CellValue>(
  scripts: Kind['scripts'],
  packing: SketchPacking<Value>,
  own: Pick<Kind<Value>, 'decodeRow'> & { readonly isLarge?: (value: Value) => boolean },
): Kind<Value> {
  const { decodeRow, isLarge } = own
  return {
    scripts,
    pack(_size, fields, changes) {
      const bytes = packSketches(packing, fields, changes)
      const weight = bytes.length / BYTES_A_WEIGHT
      return isLarge !== undefined && changes.some(isLarge) ? { bytes, weight, isLarge: true } : { bytes, weight }
    },
    encode(value) {
      const bytes = Buffer.allocUnsafe(packing.mostLength(value))
      return bytes.subarray(0, packing.packInto(value, bytes, 0))
    },
    unpack: (bytes, size, each) => unpackSketches(packing, bytes, size, each),
    decodeRow,
  }
}
