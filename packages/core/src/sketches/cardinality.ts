/** In bits, what a hash has. */
const HASH_BITS = 64

/**
 * About how many distinct values the registers have seen, not rounded; `counts[rank]` is how many registers have that rank, all of them together
 * 2^precision. Source: O. Ertl, "New cardinality estimation algorithms for HyperLogLog sketches", arXiv 1702.01284, algorithm 6. It is not biased for
 * few or for many values, and so needs no tables.
 */
export function cardinality(counts: readonly number[], precision: number): number {
  const registers = 2 ** precision
  const longest = HASH_BITS - precision
  let sum = registers * tau(1 - (counts[longest + 1] ?? 0) / registers)
  for (let rank = longest; rank >= 1; rank--) sum = (sum + (counts[rank] ?? 0)) / 2
  sum += registers * sigma((counts[0] ?? 0) / registers)
  return registers ** 2 / (2 * Math.LN2) / sum
}

/** x + Σ x^(2^k) · 2^(k-1), for the registers that have seen nothing. */
function sigma(share: number): number {
  if (share === 1) return Number.POSITIVE_INFINITY
  let [sum, power, factor] = [share, share, 1]
  for (let before = Number.NaN; before !== sum; factor *= 2) {
    before = sum
    power *= power
    sum += power * factor
  }
  return sum
}

/** The same at the other end, for the registers that have seen the longest run of zeros. */
function tau(share: number): number {
  if (share === 0 || share === 1) return 0
  let [sum, root, factor] = [1 - share, share, 1]
  for (let before = Number.NaN; before !== sum; ) {
    before = sum
    root = Math.sqrt(root)
    factor /= 2
    sum -= (1 - root) ** 2 * factor
  }
  return sum / 3
}
