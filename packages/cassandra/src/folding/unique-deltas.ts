import { registerPacking } from '@kairos/core/driver'
import { type DeltaKind, joinedAs, pieceKind } from './delta-kind.ts'

/** Registers, packed: of each the greatest rank. */
export async function uniqueDeltas(): Promise<DeltaKind> {
  const packing = await registerPacking()
  const encoding: Pick<DeltaKind, 'lengthOf' | 'write'> = {
    lengthOf: (change) => packing.lengthOf(change as Uint8Array),
    write: (change, bytes, offset) => packing.packInto(change as Uint8Array, bytes, offset),
  }
  return pieceKind({
    ...encoding,
    join(pieces) {
      const value = packing.join(pieces.map(({ change }) => change))
      return value && joinedAs(value, encoding)
    },
  })
}
