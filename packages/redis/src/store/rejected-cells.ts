import type { CellWrite } from '@kairos/core/driver'
import type { Argument } from '../connection/client.ts'
import type { Chunk, ScriptCall } from './script-calls.ts'

/** All cells of a call. */
export function cellsOf<Cell>({ chunks }: ScriptCall<Cell>): Cell[] {
  return chunks.flatMap(({ cells }) => cells)
}

/**
 * The cells that the write script has not written. `marks` are pairs from its reply: the key of a chunk, and a field in it, or '' for the whole
 * chunk. They may be of an earlier call with the same marker, and then of cells that have expired since. `packed`: all cells of a chunk are in one argument.
 */
export function rejectedCells(
  { chunks, parameters }: ScriptCall<CellWrite>,
  marks: readonly Buffer[],
  packed: boolean,
): CellWrite[] {
  const rejected = new Map<string, Set<string>>()
  for (let index = 0; index < marks.length; index += 2) {
    const key = marks[index]!.toString()
    rejected.set(key, (rejected.get(key) ?? new Set()).add(textOf(marks[index + 1]!)))
  }
  return chunks.flatMap((chunk) => {
    const fields = rejected.get(chunk.key)
    if (fields === undefined) return []
    if (fields.has('')) return chunk.cells
    return packed
      ? chunk.cells.filter((_, index) => fields.has(String(chunk.fields[index])))
      : cellsAt(chunk, parameters, fields)
  })
}

/** A number has one field, a histogram one for each value, all of which are rejected with one of them. */
function cellsAt(
  { start, fields, cells }: Chunk<CellWrite>,
  parameters: readonly Argument[],
  rejected: ReadonlySet<string>,
): CellWrite[] {
  let at = start
  return cells.filter(({ change }, index) => {
    if (!(change instanceof Map)) return rejected.has(String(fields[index]))
    const field = textOf(parameters[at]!)
    at += 2 * change.size
    return rejected.has(field)
  })
}

/** Bytes or text, so that they can be compared. */
function textOf(argument: Argument): string {
  return (typeof argument === 'string' ? Buffer.from(argument) : argument).toString('latin1')
}
