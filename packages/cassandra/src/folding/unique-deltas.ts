import { registerPacking } from '@kairos/core/driver'
import { type DeltaKind, joinedAs, pieceKind } from './delta-kind.ts'

/** Registers, packed: of each the greatest rank. */
export async function uniqueDeltas(): Promise<DeltaKind> {
  const packing = await registerPacking()
  const encode: DeltaKind['encode'] = (change) => {
    const bytes = Buffer.allocUnsafe(packing.mostLength(change as Uint8Array))
    return bytes.subarray(0, packing.packInto(change as Uint8Array, bytes, 0))
  }
  return pieceKind({
    encode,
    join(pieces) {
      const value = packing.join(pieces.map(({ change }) => change))
      return value && joinedAs(value, encode)
    },
  })
}
