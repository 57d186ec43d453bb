import { registerPacking } from '@kairos/core/driver'
import { type DeltaKind, joinedAs, pieceKind } from './delta-kind.ts'

/** Registers, packed: of each the greatest rank. */
export async function uniqueDeltas(): Promise<DeltaKind> {
  const packing = await registerPacking()
  const encode: DeltaKind['encode'] = (change) => {
    const bytes = Buffer.allocUnsafe(packing.lengthOf(change as Uint8Array))
    packing.packInto(change as Uint8Array, bytes, 0)
    return bytes
  }
  return pieceKind({
    encode,
    join(pieces) {
      const value = packing.join(pieces.map(({ change }) => change))
      return value && joinedAs(value, encode)
    },
  })
}
