import { bytesOf, DENSE, ENTRY, HEADER, indexAt, isList, mostRank, SPARSE, usedIn } from './register-bytes.ts'

// Registers as stores keep them that pay for each byte. A value of the contract lists the registers that are not 0, three bytes for each (form 1), or has a byte for
// each of all (form 2). Ranks are below 64, so six bits for each of all (form 3) are a quarter less: at the highest precision less than 65,535 bytes, the most
// that Cassandra allows an element of a set, and at 12 less than the 4,096 of an allocator. What is stored has form 1 or 3, whichever is shorter.

const PACKED = 3

function packedSize(precision: number): number {
  return 2 ** precision * 0.75
}

/** Whether registers of the contract are shorter as form 3. */
function isCrowded(registers: Uint8Array): boolean {
  return registers.length - HEADER > packedSize(registers[1]!)
}

/** How many bytes registers of the contract have when packed. */
export function mostLength(registers: Uint8Array): number {
  return isCrowded(registers) ? HEADER + packedSize(registers[1]!) : registers.length
}

/** Packs registers of the contract, and returns where they end. */
export function packInto(registers: Uint8Array, bytes: Uint8Array, offset: number): number {
  const end = offset + mostLength(registers)
  if (!isCrowded(registers)) {
    bytes.set(registers, offset)
    return end
  }
  const precision = registers[1]!
  const ranks = registers[0] === DENSE ? registers.subarray(HEADER) : new Uint8Array(2 ** precision)
  if (registers[0] === SPARSE) raiseListed(ranks, registers)
  bytes[offset] = PACKED
  bytes[offset + 1] = precision
  for (let index = 0, at = offset + HEADER; index < ranks.length; index += 4, at += 3) {
    const [one, two, three, four] = [ranks[index]!, ranks[index + 1]!, ranks[index + 2]!, ranks[index + 3]!]
    bytes[at] = (one << 2) | (two >> 4)
    bytes[at + 1] = (two << 4) | (three >> 2)
    bytes[at + 2] = (three << 6) | four
  }
  return end
}

/** The greatest rank of each register, as a value of the contract; undefined if some bytes hold something else, or another precision. */
export function join(all: readonly Uint8Array[]): Uint8Array | undefined {
  const precision = all[0]?.[1]
  if (precision === undefined || precision < 8 || precision > 16) return undefined
  for (const bytes of all) if (bytes[1] !== precision || !isWhole(bytes, precision)) return undefined
  if (all.length === 1 && all[0]![0] === SPARSE) return Uint8Array.from(all[0]!)
  const ranks = new Uint8Array(2 ** precision)
  let greatest = 0
  for (const bytes of all) {
    if (bytes[0] === SPARSE) raiseListed(ranks, bytes)
    else greatest = Math.max(greatest, raisePacked(ranks, bytes))
  }
  const used = usedIn(ranks)
  return used > 0 && greatest <= mostRank(precision) ? bytesOf(ranks, used, precision) : undefined
}

/** The greatest of two ranks is never rounded. */
export function isExact(): boolean {
  return true
}

function isWhole(bytes: Uint8Array, precision: number): boolean {
  if (bytes[0] === SPARSE) return isList(bytes, precision)
  return bytes[0] === PACKED && bytes.length === HEADER + packedSize(precision)
}

function raiseListed(ranks: Uint8Array, bytes: Uint8Array): void {
  for (let at = HEADER; at < bytes.length; at += ENTRY) {
    const index = indexAt(bytes, at)
    if (bytes[at + 2]! > ranks[index]!) ranks[index] = bytes[at + 2]!
  }
}

/** Returns the greatest rank of these registers. */
function raisePacked(ranks: Uint8Array, bytes: Uint8Array): number {
  let greatest = 0
  for (let index = 0, at = HEADER; index < ranks.length; at += 3) {
    const word = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!
    for (let shift = 18; shift >= 0; shift -= 6, index++) {
      const rank = (word >> shift) & 63
      if (rank > greatest) greatest = rank
      if (rank > ranks[index]!) ranks[index] = rank
    }
  }
  return greatest
}
