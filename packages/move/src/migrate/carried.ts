import type { CallOptions, CellToWrite } from '@kairos/core'
import type { CellSource } from '../cells/source.ts'
import type { Stretch } from './options.ts'
import type { Route } from './routes.ts'

/** A cell as the target should have it, and the cursor of the last cell of the source that is in it. */
export type CarriedCell = Omit<CellToWrite, 'start' | 'resolutionStart' | 'value' | 'expected' | 'expires'> & {
  readonly start: number
  readonly resolutionStart?: number
  readonly value: NonNullable<CellToWrite['value']>
  readonly cursor: string
}

/** Which cells to carry. */
export interface Carrying extends Stretch, CallOptions {
  readonly names: readonly string[]
  readonly after?: string | undefined
}

/** What an interval of the target should hold of these names, in the order of name and bucket. */
export async function* carriedCells(
  source: CellSource,
  route: Route,
  { names, start, end, after, signal, patience }: Carrying,
): AsyncGenerator<CarriedCell, void, undefined> {
  const intervals = [route.source.name]
  for await (const cell of source.cells({ names, intervals, start, end, after, signal, patience })) {
    const { name, start, resolutionStart, value, cursor } = cell
    yield {
      name,
      interval: route.target.name,
      start,
      ...(resolutionStart !== undefined && { resolutionStart }),
      value,
      cursor,
    }
  }
}
