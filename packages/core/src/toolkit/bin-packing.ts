/** Bins of a distribution packed for a store that keeps a cell in one value: four to eleven bytes for each. Equal bins have equal bytes. */
export interface BinPacking {
  /** At most how many bytes the bins of a cell have when packed. */
  mostLength(times: ReadonlyMap<number, number>): number
  /** Packs the bins of a cell into `bytes`, and returns where they end. */
  packInto(times: ReadonlyMap<number, number>, bytes: Uint8Array, offset: number): number
  /** The times of each bin together; undefined if some bytes hold no packed bins. */
  join(packed: readonly Uint8Array[]): ReadonlyMap<number, number> | undefined
}

/**
 * Loads what packs the bins of a distribution.
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
export async function binPacking(): Promise<BinPacking> {
  const { joinBins, mostPacked, packBins } = await import('../sketches/packed-bins.ts')
  return { mostLength: mostPacked, packInto: packBins, join: joinBins }
}
