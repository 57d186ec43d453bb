import { hasTag } from './kinds.ts'

export function isMap(value: unknown): value is ReadonlyMap<unknown, unknown> {
  return hasTag(value, '[object Map]')
}

export function isSet(value: unknown): value is ReadonlySet<unknown> {
  return hasTag(value, '[object Set]')
}

/** A Uint8Array, or one of its subclasses (Buffer). */
export function isBytes(value: unknown): value is Uint8Array {
  return hasTag(value, '[object Uint8Array]')
}
