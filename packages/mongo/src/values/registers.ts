import type { MongoDocument } from '../connection/client.ts'
import { Damaged } from './damaged.ts'
import { isBson } from './scalar-codec.ts'

/**
 * The registers in a document of a unique: a copy, since the client's bytes are a part of the server's whole answer.
 * @throws Damaged
 */
export function registersIn({ u }: MongoDocument): Uint8Array {
  // The caller's own fetch may return the client's `Binary`.
  const bytes = isBson(u, ['Binary']) ? (u as { value(): unknown }).value() : u
  if (!(bytes instanceof Uint8Array) || !areWhole(bytes)) throw new Damaged('u', 'the registers of a unique', u)
  return new Uint8Array(bytes)
}

/** A form, a precision, and as many bytes as these two allow: see `SketchValues` in core. */
function areWhole(bytes: Uint8Array): boolean {
  const [form, precision = 0] = bytes
  const registers = bytes.length - 2
  if (precision < 8 || precision > 16) return false
  return form === 2 ? registers === 2 ** precision : form === 1 && registers > 0 && registers % 3 === 0
}
