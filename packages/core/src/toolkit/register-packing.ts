/**
 * Registers of a unique packed for a store: as a list of those that are not 0 (form 1 of SketchValues), or with six bits for each of all (form 3), whichever is
 * shorter. Equal registers have equal bytes.
 */
export interface RegisterPacking {
  /** How many bytes registers of SketchValues have when packed. */
  lengthOf(registers: Uint8Array): number
  /** Packs registers of SketchValues into `bytes`. */
  packInto(registers: Uint8Array, bytes: Uint8Array, offset: number): void
  /** The greatest rank of each register, as SketchValues has it; undefined if some bytes hold no packed registers, or those of another precision. */
  join(packed: readonly Uint8Array[]): Uint8Array | undefined
}

/**
 * Loads what packs registers of a unique, for a store in which a quarter less counts.
 * @example
 * ```ts
 * import { registerPacking } from '@kairos/core/driver'
 *
 * const { join } = await registerPacking()
 * join([Uint8Array.of(1, 12, 0, 5, 3), Uint8Array.of(1, 12, 0, 5, 7)]) // Uint8Array [1, 12, 0, 5, 7]
 * ```
 */
export async function registerPacking(): Promise<RegisterPacking> {
  const { joinPacked, packedLength, packInto } = await import('../sketches/packed-registers.ts')
  return { lengthOf: packedLength, packInto, join: joinPacked }
}
