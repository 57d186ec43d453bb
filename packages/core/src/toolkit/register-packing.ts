import type { SketchPacking } from './sketch-packing.ts'

/**
 * Loads what packs registers of a unique: as a list of those that are not 0 (form 1 of SketchValues), or with six bits for each of all (form 3), whichever is
 * shorter. Those of different precisions are not joined.
 * @example
 * ```ts
 * import { registerPacking } from '@kairos/core/driver'
 *
 * const { join } = await registerPacking()
 * join([Uint8Array.of(1, 12, 0, 5, 3), Uint8Array.of(1, 12, 0, 5, 7)]) // Uint8Array [1, 12, 0, 5, 7]
 * ```
 */
export function registerPacking(): Promise<SketchPacking<Uint8Array>> {
  return import('../sketches/packed-registers.ts')
}
