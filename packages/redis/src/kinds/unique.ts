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
  if (
    precision >= 8 &&
    precision <= 16 &&
    (form === 1 ? isList(bytes, precision) : form === 2 && isAll(bytes, precision))
  )
    return new Uint8Array(bytes)
  throw new Damaged(
    `registers must be a form, a precision and what these require, not ${bytes.length} bytes that begin with ${form}`,
  )
}

/** Ascending registers, none of them 0. */
function isList(bytes: Buffer, precision: number): boolean {
  let last = -1
  for (let at = 2; at < bytes.length; at += 3) {
    if (at + 3 > bytes.length) return false
    const [index, rank] = [bytes.readUInt16BE(at), bytes[at + 2]!]
    if (index <= last || index >= 2 ** precision || rank === 0 || rank > mostRank(precision)) return false
    last = index
  }
  return last >= 0
}

function isAll(bytes: Buffer, precision: number): boolean {
  let greatest = 0
  for (let at = 2; at < bytes.length; at++) if (bytes[at]! > greatest) greatest = bytes[at]!
  return bytes.length === 2 + 2 ** precision && greatest > 0 && greatest <= mostRank(precision)
}

/** The longest run of zeros in the bits of a hash that do not choose the register, plus one. */
function mostRank(precision: number): number {
  return 65 - precision
}
