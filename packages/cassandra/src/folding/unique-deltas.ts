import { registerPacking } from '@kairos/core/driver'
import { type DeltaKind, pieceKind } from './delta-kind.ts'

/** Registers, packed: of each the greatest rank. */
export async function uniqueDeltas(): Promise<DeltaKind> {
  const { lengthOf, packInto, join } = await registerPacking()
  return pieceKind({
    lengthOf: (change) => lengthOf(change as Uint8Array),
    write: (change, bytes, offset) => packInto(change as Uint8Array, bytes, offset),
    join(pieces) {
      const value = join(pieces.map(({ change }) => change))
      if (value === undefined) return undefined
      return {
        value,
        base() {
          const bytes = Buffer.allocUnsafe(lengthOf(value))
          packInto(value, bytes, 0)
          return bytes
        },
      }
    },
  })
}
