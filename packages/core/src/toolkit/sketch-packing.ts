/** How a sketch becomes bytes in a store that keeps it in one value, and several become one again. Equal sketches have equal bytes. */
export interface SketchPacking<Value> {
  /** At most how many bytes a sketch takes. */
  mostLength(sketch: Value): number
  /** Packs a sketch into `bytes`, and returns where it ends. */
  packInto(sketch: Value, bytes: Uint8Array, offset: number): number
  /** All of them together; undefined if some bytes hold no packed sketch, or one that does not go with the others. */
  join(packed: readonly Uint8Array[]): Value | undefined
  /** Whether joining what is packed there is exact, so that the order does not show: times are added as doubles. Of other bytes, it may say either. */
  isExact(bytes: Uint8Array, offset: number): boolean
}
