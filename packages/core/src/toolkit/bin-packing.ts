import type { SketchPacking } from './sketch-packing.ts'

/**
 * Loads what packs the bins of a distribution: four to eleven bytes for each. Times that add up to more than a double holds are not joined.
 * @example
 * ```ts
 * import { binPacking } from '@kairos/core/driver'
 *
 * const { mostLength, packInto, join } = await binPacking()
 * const bins = new Map([[16_534, 2]])
 * const bytes = new Uint8Array(mostLength(bins))
 * const packed = bytes.subarray(0, packInto(bins, bytes, 0)) // Uint8Array [1, 8, 64, 150, 2]
 * join([packed, packed]) // Map { 16534 => 4 }
 * ```
 */
export function binPacking(): Promise<SketchPacking<ReadonlyMap<number, number>>> {
  return import('../sketches/packed-bins.ts')
}
