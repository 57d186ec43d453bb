import { registerPacking } from '@kairos/core/driver'
import { uniqueScripts } from '../scripts/unique.ts'
import { joined } from '../values/sketch-chunk.ts'
import type { Kind } from './kind.ts'
import { sketchKind } from './sketch-kind.ts'

/** Registers, packed. */
export async function uniqueKind(): Promise<Kind<Uint8Array>> {
  const packing = await registerPacking()
  return sketchKind(uniqueScripts, packing, {
    decodeRow: (row) => joined(packing, [Buffer.from(String(row), 'hex')]),
  })
}
