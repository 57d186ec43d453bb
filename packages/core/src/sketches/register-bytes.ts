import { cardinality } from './cardinality.ts'

/** The form of a unique's registers, in byte 0: see SketchValues. Byte 1 is the precision. */
export const SPARSE = 1
export const DENSE = 2
export const HEADER = 2
/** Of a register in the sparse form: its index, the higher byte first, and its rank. */
export const ENTRY = 3

/** Whether these bytes are registers as they are written, of this precision, some of them not 0. */
export function areRegisters(bytes: Uint8Array, precision: number): boolean {
  if (bytes[1] !== precision || bytes.length <= HEADER) return false
  const most = 64 - precision + 1
  if (bytes[0] === DENSE) {
    const ranks = bytes.subarray(HEADER)
    const used = ranks.reduce((sum, rank) => sum + (rank === 0 ? 0 : 1), 0)
    return ranks.length === 2 ** precision && used * ENTRY > ranks.length && ranks.every((rank) => rank <= most)
  }
  if (bytes[0] !== SPARSE || (bytes.length - HEADER) % ENTRY !== 0) return false
  if (bytes.length - HEADER > 2 ** precision) return false
  let last = -1
  for (let at = HEADER; at < bytes.length; at += ENTRY) {
    const index = indexAt(bytes, at)
    const rank = bytes[at + 2]!
    if (index <= last || index >= 2 ** precision || rank === 0 || rank > most) return false
    last = index
  }
  return true
}

/** The estimate of how many distinct values they have seen, as a whole number. */
export function countOf(bytes: Uint8Array): number {
  const precision = bytes[1]!
  const counts = new Array<number>(64 - precision + 2).fill(0)
  const step = bytes[0] === DENSE ? 1 : ENTRY
  for (let at = HEADER + step - 1; at < bytes.length; at += step) counts[bytes[at]!]!++
  if (step === ENTRY) counts[0] = 2 ** precision - (bytes.length - HEADER) / ENTRY
  return Math.round(cardinality(counts, precision))
}

/** The index of the entry that begins there, in the sparse form. */
export function indexAt(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!
}
