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

/** The registers of one cell in a chunk, as the cell has them. */
export const uniqueKind: Kind<Uint8Array> = {
  scripts: {
    write: writeRegisters,
    replace: replaceRegisters,
    deleteRange: deleteRangeScript,
    read: readRegisters,
    fields: readRegisterFields,
    cell: registersScript,
  },
  pack: (_size, _fields, [registers]) => ({
    bytes: bufferOf(registers!),
    weight: registers!.length / BYTES_A_WEIGHT,
  }),
  encode: bufferOf,
  unpack: (bytes, _size, each) => each(0, checked(bytes)),
  decodeRow: (row) => checked(Buffer.from(String(row), 'hex')),
}

/** Over the same memory, since ioredis sends nothing else as bytes. */
function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength)
}

/** @throws Damaged */
function checked(bytes: Buffer): Uint8Array {
  const [form, precision = 0] = bytes
  const isWhole =
    form === 1 ? bytes.length > 2 && (bytes.length - 2) % 3 === 0 : form === 2 && bytes.length === 2 + 2 ** precision
  if (isWhole && precision >= 8 && precision <= 16) return new Uint8Array(bytes)
  throw new Damaged(
    `registers must be a form, a precision and what these require, not ${bytes.length} bytes that begin with ${form}`,
  )
}
