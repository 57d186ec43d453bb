import { describe } from './describe.ts'

/**
 * The candidate that was probably meant: at most a third of its letters differ. Undefined if none is close.
 * @example `nearMiss('mintue', ['minute', 'hour']) // 'minute'`
 */
export function nearMiss(text: string, candidates: readonly string[]): string | undefined {
  const wanted = text.toLowerCase()
  let nearest: string | undefined
  let least = Number.POSITIVE_INFINITY
  for (const candidate of candidates) {
    const distance = editDistance(wanted, candidate.toLowerCase())
    if (distance < least && distance * 3 <= candidate.length) {
      nearest = candidate
      least = distance
    }
  }
  return nearest
}

/** The end of a message: what was probably meant, if that is known. */
export function didYouMean(near: string | undefined): string {
  return near === undefined ? '' : `; did you mean ${describe(near)}?`
}

/** Levenshtein's: how many letters are inserted, deleted or replaced. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1))
    }
    row = next
  }
  return row[b.length]!
}
