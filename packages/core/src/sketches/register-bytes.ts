import { cardinality } from './cardinality.ts'

/** The form of a unique's registers, in byte 0: see SketchValues. Byte 1 is the precision. */
export const SPARSE = 1
export const DENSE = 2
export const HEADER = 2
/** Of a register in the sparse form: its index, the higher byte first, and its rank. */
export const ENTRY = 3

/** Whether these bytes are registers as they are written, of this precision, some of them not 0. */
export function areRegisters(bytes: Uint8Array, precision: number): boolean {
  if (bytes[1] !== precision) return false
  if (bytes[0] === SPARSE) return !isDense((bytes.length - HEADER) / ENTRY, precision) && isList(bytes, precision)
  const ranks = bytes.subarray(HEADER)
  if (bytes[0] !== DENSE || ranks.length !== 2 ** precision) return false
  return isDense(usedIn(ranks), precision) && ranks.every((rank) => rank <= mostRank(precision))
}

/** Whether these bytes, in the sparse form, list at least one register of this precision, ascending and none of them 0. */
export function isList(bytes: Uint8Array, precision: number): boolean {
  if (bytes.length === HEADER || (bytes.length - HEADER) % ENTRY !== 0) return false
  const [size, most] = [2 ** precision, mostRank(precision)]
  for (let at = HEADER, last = -1; at < bytes.length; at += ENTRY) {
    const index = indexAt(bytes, at)
    const rank = bytes[at + 2]!
    if (index <= last || index >= size || rank === 0 || rank > most) return false
    last = index
  }
  return true
}

/** Registers as they are written, from the ranks of all, `used` of which are not 0. */
export function bytesOf(ranks: Uint8Array, used: number, precision: number): Uint8Array {
  const bytes = new Uint8Array(lengthOf(used, precision))
  bytes[1] = precision
  if (isDense(used, precision)) {
    bytes[0] = DENSE
    bytes.set(ranks, HEADER)
    return bytes
  }
  bytes[0] = SPARSE
  for (let index = 0, at = HEADER; at < bytes.length; index++) {
    const rank = ranks[index]!
    if (rank === 0) continue
    bytes[at++] = index >> 8
    bytes[at++] = index
    bytes[at++] = rank
  }
  return bytes
}

/** How many bytes they take if `used` registers are not 0. */
export function lengthOf(used: number, precision: number): number {
  return HEADER + (isDense(used, precision) ? 2 ** precision : used * ENTRY)
}

/** Whether all ranks are shorter than those that are not 0 with their indexes. */
function isDense(used: number, precision: number): boolean {
  return used * ENTRY > 2 ** precision
}

/** How many are not 0. */
export function usedIn(ranks: Uint8Array): number {
  let used = 0
  for (let index = 0; index < ranks.length; index++) if (ranks[index] !== 0) used++
  return used
}

/** The longest run of zeros in the bits of a hash that do not choose the register, plus one. */
export function mostRank(precision: number): number {
  return 64 - precision + 1
}

/** The estimate of how many distinct values they have seen, as a whole number. */
export function countOf(bytes: Uint8Array): number {
  const precision = bytes[1]!
  const counts = new Array<number>(mostRank(precision) + 1).fill(0)
  const step = bytes[0] === DENSE ? 1 : ENTRY
  for (let at = HEADER + step - 1; at < bytes.length; at += step) counts[bytes[at]!]!++
  if (step === ENTRY) counts[0] = 2 ** precision - (bytes.length - HEADER) / ENTRY
  return Math.round(cardinality(counts, precision))
}

/** The index of the entry that begins there, in the sparse form. */
export function indexAt(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!
}
