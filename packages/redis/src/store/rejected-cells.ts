import type { CellWrite } from '@kairos/core/driver'
import type { Element } from '../values/codecs.ts'
import { type Chunk, keyOfChunk, type ScriptCall } from './script-calls.ts'

/** All cells of a call. */
export function cellsOf<Cell>({ chunks }: ScriptCall<Cell>): Cell[] {
  return chunks.flatMap(({ cells }) => cells)
}

/**
 * The cells that the write script has not written. `marks` are pairs from its reply: the key of a chunk, and a field in it, or '' for the whole
 * chunk. They may be of an earlier call with the same marker, and then of cells that have expired since. `packed`: all cells of a chunk are in one argument.
 */
export function rejectedCells(
  { chunks, steps }: ScriptCall<CellWrite>,
  marks: readonly Buffer[],
  packed: boolean,
): CellWrite[] {
  const rejected = new Map<string, Set<string>>()
  for (let index = 0; index < marks.length; index += 2) {
    const key = marks[index]!.toString()
    rejected.set(key, (rejected.get(key) ?? new Set()).add(textOf(marks[index + 1]!)))
  }
  return chunks.flatMap((chunk) => {
    const fields = rejected.get(keyOfChunk(chunk))
    if (fields === undefined) return []
    if (fields.has('')) return chunk.cells
    return packed
      ? chunk.cells.filter((_, index) => fields.has(String(chunk.fields[index])))
      : cellsAt(chunk, steps, fields)
  })
}

/** A number has one field, a histogram one for each value, all of which are rejected with one of them. */
function cellsAt(
  { start, fields, cells }: Chunk<CellWrite>,
  steps: ScriptCall<CellWrite>['steps'],
  rejected: ReadonlySet<string>,
): CellWrite[] {
  let at = start
  return cells.filter(({ change }, index) => {
    if (!(change instanceof Map)) return rejected.has(String(fields[index]))
    const field = textOf(steps[at] as Element)
    at += 2 * change.size
    return rejected.has(field)
  })
}

/** Bytes or text, so that they can be compared. */
function textOf(element: Element): string {
  return (typeof element === 'string' ? Buffer.from(element) : element).toString('latin1')
}
