import type { CellWrite } from '@kairos/core/driver'
import type { ScriptCall } from './script-calls.ts'

/**
 * The cells that the write script has not written. `marks` are pairs of numbers from its reply: the ordinal of
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
    return pairs.has(0) ? chunk : cellsAt(chunk, pairs)
  }).flat()
}

/** A count is one pair of arguments, a histogram one for each value, all of which are rejected with one of them. */
function cellsAt(chunk: readonly CellWrite[], pairs: ReadonlySet<number>): CellWrite[] {
  let ordinal = 1
  return chunk.filter(({ change }) => {
    const first = ordinal
    ordinal += change instanceof Map ? change.size : 1
    return pairs.has(first)
  })
}
