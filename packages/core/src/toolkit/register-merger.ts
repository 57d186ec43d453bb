/** What a cell of a unique holds after a change. */
export type MergeRegisters = (value: Uint8Array, change: Uint8Array) => Uint8Array

/**
 * Loads the merge of a unique's registers, in the form that SketchValues has, for a store that cannot merge them itself. Equal registers have equal bytes, so
 * that a result like the value means that there is nothing to write.
 * @example
 * ```ts
 * import { registerMerger } from '@kairos/core/driver'
 *
 * const merge = await registerMerger()
 * merge(Uint8Array.of(1, 12, 0, 5, 3), Uint8Array.of(1, 12, 0, 5, 7)) // Uint8Array [1, 12, 0, 5, 7]
 * ```
 */
export function registerMerger(): Promise<MergeRegisters> {
  merger ??= import('../sketches/registers.ts').then(
    ({ Registers }) =>
      (value, change) =>
        Registers.of(value).merge(change).bytes,
  )
  return merger
}

/** Finding a module that is loaded takes as long as merging a hundred cells. */
let merger: Promise<MergeRegisters> | undefined
