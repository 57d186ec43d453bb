// Counts of a distribution's bins: for each bin, ascending, two numbers in LEB128 (seven bits a byte, the lowest first). The first is how far the bin is from the
// one before, or of the first bin its number, twice that, or minus one minus twice that if it is negative. The second is the count; a 0 means that it follows as a
// double, since it has a fraction or is at least 2^53. Bins beside each other with counts below 128 take two bytes each.

/** The most bytes of a bin and its count: a distance of eight bytes, a 0 and a double. */
export const MOST_BYTES = 17

/** Counts as bytes. */
export function bytesOfCounts(counts: ReadonlyMap<number, number>): Buffer {
  const bytes = Buffer.allocUnsafe(counts.size * MOST_BYTES)
  let at = 0
  const write = (number: number): void => {
    let left = number
    for (; left >= 128; left = Math.floor(left / 128)) bytes[at++] = 128 + (left % 128)
    bytes[at++] = left
  }
  let last: number | undefined
  for (const [bin, count] of [...counts].sort(([one], [other]) => one - other)) {
    write(last !== undefined ? bin - last : bin < 0 ? -1 - 2 * bin : 2 * bin)
    last = bin
    if (Number.isSafeInteger(count) && count > 0) write(count)
    else {
      write(0)
      at = bytes.writeDoubleBE(count, at)
    }
  }
  return bytes.subarray(0, at)
}

/** Adds counts to others; returns whether the bytes are sound. */
export function addCounts(bytes: Buffer, to: Map<number, number>): boolean {
  let at = 0
  /** Not a number if the bytes end before it does. */
  const next = (): number => {
    for (let number = 0, factor = 1; at < bytes.length && factor < 2 ** 53; factor *= 128) {
      const byte = bytes[at++]!
      number += (byte & 127) * factor
      if (byte < 128) return number
    }
    return Number.NaN
  }
  let bin: number | undefined
  while (at < bytes.length) {
    const distance = next()
    if (bin === undefined) bin = distance % 2 === 0 ? distance / 2 : (-1 - distance) / 2
    else bin += distance > 0 ? distance : Number.NaN
    let count = next()
    if (count === 0) {
      count = at + 8 <= bytes.length ? bytes.readDoubleBE(at) : Number.NaN
      at += 8
    }
    const sum = (to.get(bin) ?? 0) + count
    if (!(Number.isSafeInteger(bin) && Number.isFinite(sum))) return false
    to.set(bin, sum)
  }
  return bin !== undefined
}
