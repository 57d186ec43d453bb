// Registers as this driver stores them. A value of the contract lists the registers that are not 0, three bytes for each (form 1), or has a byte for each of all
// (form 2), whichever is shorter. Ranks are below 64, so six bits for each of all (form 3) are a quarter less, and at the highest precision less than the 65,535
// bytes that Cassandra allows an element of a set. What is stored has form 1 or 3, whichever is shorter.

const SPARSE = 1
const DENSE = 2
const PACKED = 3
/** Form and precision. */
const HEADER = 2
/** Bytes of a register in form 1: index and rank. */
const ENTRY = 3

function packedSize(precision: number): number {
  return 2 ** precision * 0.75
}

/** Whether registers of the contract are shorter as form 3. */
function isCrowded(registers: Uint8Array): boolean {
  return registers.length - HEADER > packedSize(registers[1]!)
}

/** How many bytes registers of the contract have when packed. */
export function packedLength(registers: Uint8Array): number {
  return isCrowded(registers) ? HEADER + packedSize(registers[1]!) : registers.length
}

/** Packs registers of the contract. */
export function packInto(registers: Uint8Array, bytes: Uint8Array, offset: number): void {
  if (!isCrowded(registers)) {
    bytes.set(registers, offset)
    return
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
}

/** The greatest rank of each register, as a value of the contract; undefined if some of them hold something else, or registers of another precision. */
export function joinPacked(all: readonly Uint8Array[]): Uint8Array | undefined {
  const precision = all[0]?.[1]
  if (precision === undefined || precision < 8 || precision > 16) return undefined
  const ranks = new Uint8Array(2 ** precision)
  for (const bytes of all) if (bytes[1] !== precision || !raise(ranks, bytes)) return undefined
  return written(ranks, precision)
}

/** Raises the ranks to those of packed registers; returns whether these are sound. */
function raise(ranks: Uint8Array, bytes: Uint8Array): boolean {
  if (bytes[0] === SPARSE) return raiseListed(ranks, bytes)
  return bytes[0] === PACKED && bytes.length === HEADER + packedSize(bytes[1]!) && raisePacked(ranks, bytes)
}

function raiseListed(ranks: Uint8Array, bytes: Uint8Array): boolean {
  if (bytes.length === HEADER || (bytes.length - HEADER) % ENTRY !== 0) return false
  const most = mostRank(ranks)
  for (let at = HEADER, last = -1; at < bytes.length; at += ENTRY) {
    const index = (bytes[at]! << 8) | bytes[at + 1]!
    const rank = bytes[at + 2]!
    if (index <= last || index >= ranks.length || rank === 0 || rank > most) return false
    if (rank > ranks[index]!) ranks[index] = rank
    last = index
  }
  return true
}

function raisePacked(ranks: Uint8Array, bytes: Uint8Array): boolean {
  let greatest = 0
  const raiseTo = (index: number, rank: number): void => {
    if (rank > ranks[index]!) ranks[index] = rank
    if (rank > greatest) greatest = rank
  }
  for (let index = 0, at = HEADER; index < ranks.length; index += 4, at += 3) {
    const [one, two, three] = [bytes[at]!, bytes[at + 1]!, bytes[at + 2]!]
    raiseTo(index, one >> 2)
    raiseTo(index + 1, ((one & 3) << 4) | (two >> 4))
    raiseTo(index + 2, ((two & 15) << 2) | (three >> 6))
    raiseTo(index + 3, three & 63)
  }
  return greatest > 0 && greatest <= mostRank(ranks)
}

/** The longest run of zeros in the bits of a hash that do not choose the register, plus one. */
function mostRank({ length }: Uint8Array): number {
  return 65 - Math.log2(length)
}

/** As the contract has them: equal registers have equal bytes. */
function written(ranks: Uint8Array, precision: number): Uint8Array {
  const used = ranks.reduce((count, rank) => (rank === 0 ? count : count + 1), 0)
  const dense = used * ENTRY > ranks.length
  const bytes = new Uint8Array(HEADER + (dense ? ranks.length : used * ENTRY))
  bytes.set([dense ? DENSE : SPARSE, precision])
  if (dense) bytes.set(ranks, HEADER)
  else
    for (let index = 0, at = HEADER; at < bytes.length; index++) {
      if (ranks[index] === 0) continue
      bytes[at++] = index >> 8
      bytes[at++] = index
      bytes[at++] = ranks[index]!
    }
  return bytes
}
