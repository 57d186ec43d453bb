import { registerPacking } from '@kairos/core/driver'
import { deleteRangeScript } from '../scripts/delete.ts'
import {
  readRegisterFields,
  readRegisters,
  registersScript,
  replaceRegisters,
  writeRegisters,
} from '../scripts/unique.ts'
import { Damaged } from '../values/damaged.ts'
import type { Kind } from './kind.ts'

/** How many bytes of registers take a script as long as another argument. */
const BYTES_A_WEIGHT = 8

/** The registers of one cell in a chunk, packed. */
export async function uniqueKind(): Promise<Kind<Uint8Array>> {
  const { lengthOf, packInto, join } = await registerPacking()

  function packed(registers: Uint8Array): Buffer {
    const bytes = Buffer.allocUnsafe(lengthOf(registers))
    packInto(registers, bytes, 0)
    return bytes
  }

  /** @throws Damaged */
  function unpacked(bytes: Buffer): Uint8Array {
    const registers = join([bytes])
    if (registers !== undefined) return registers
    throw new Damaged(
      `registers must be a form, a precision and what these require, not ${bytes.length} bytes that begin with ${bytes[0]}`,
    )
  }

  return {
    scripts: {
      write: writeRegisters,
      replace: replaceRegisters,
      deleteRange: deleteRangeScript,
      read: readRegisters,
      fields: readRegisterFields,
      cell: registersScript,
    },
    pack(_size, _fields, [registers]) {
      const bytes = packed(registers!)
      return { bytes, weight: bytes.length / BYTES_A_WEIGHT }
    },
    encode: packed,
    unpack: (bytes, _size, each) => each(0, unpacked(bytes)),
    decodeRow: (row) => unpacked(Buffer.from(String(row), 'hex')),
  }
}
