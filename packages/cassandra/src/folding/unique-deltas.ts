import { joinPacked, packedLength, packInto } from '../values/packed-registers.ts'
import { type DeltaKind, pieceKind } from './delta-kind.ts'

/** Registers, packed: of each the greatest rank. */
export const uniqueDeltas: DeltaKind = pieceKind({
  lengthOf: (change) => packedLength(change as Uint8Array),
  write: (change, bytes, offset) => packInto(change as Uint8Array, bytes, offset),
  join(pieces) {
    const value = joinPacked(pieces.map(({ change }) => change))
    if (value === undefined) return undefined
    return {
      value,
      base() {
        const bytes = Buffer.allocUnsafe(packedLength(value))
        packInto(value, bytes, 0)
        return bytes
      },
    }
  },
})
