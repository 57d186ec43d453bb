import type { CellWrite } from '@kairos/core/driver'
import type { ScriptCall } from './script-calls.ts'

/**
 * The cells that the write script has not written; for histograms, also parts of cells. `marks` are pairs of numbers from its reply: the ordinal of
 * a chunk, and that of a pair of arguments in it, or 0 for the whole chunk.
 */
export function rejectedCells({ chunks }: ScriptCall, marks: readonly number[]): CellWrite[] {
  const rejected = new Map<number, Set<number>>()
  for (let index = 0; index < marks.length; index += 2) {
    const pairs = rejected.get(marks[index]!) ?? new Set()
    rejected.set(marks[index]!, pairs.add(marks[index + 1]!))
  }
  return Array.from(rejected, ([ordinal, pairs]) => {
    const chunk = chunks[ordinal - 1]!
    return pairs.has(0) ? chunk : partsOf(chunk, pairs)
  }).flat()
}

/** A count is one pair of arguments, a histogram one for each value. */
function partsOf(chunk: readonly CellWrite[], pairs: ReadonlySet<number>): CellWrite[] {
  let ordinal = 0
  return chunk.flatMap((cell) => {
    if (!(cell.change instanceof Map)) return pairs.has(++ordinal) ? [cell] : []
    const entries = [...cell.change].filter(() => pairs.has(++ordinal))
    if (entries.length === cell.change.size) return [cell]
    return entries.length === 0 ? [] : [{ ...cell, change: new Map(entries) }]
  })
}
