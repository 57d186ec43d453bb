import { registerPacking } from '@kairos/core/driver'
import { uniqueScripts } from '../scripts/unique.ts'
import { joined, type SketchPacking } from '../values/sketch-chunk.ts'
import type { Kind } from './kind.ts'
import { sketchKind } from './sketch-kind.ts'

/** Registers, packed. */
export async function uniqueKind(): Promise<Kind<Uint8Array>> {
  const { lengthOf, packInto, join } = await registerPacking()
  const packing: SketchPacking<Uint8Array> = {
    mostLength: lengthOf,
    packInto(registers, bytes, offset) {
      packInto(registers, bytes, offset)
      return offset + lengthOf(registers)
    },
    join,
  }
  return sketchKind(uniqueScripts, packing, {
    decodeRow: (row) => joined(packing, [Buffer.from(String(row), 'hex')]),
  })
}
