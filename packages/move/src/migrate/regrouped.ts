import type { CellData } from '@kairos/core'
import { crossing, finestOf, type Interval } from '@kairos/core/calls'
import type { AnyCell } from '../cells/source.ts'
import type { CarriedCell } from './carried-cell.ts'
import type { Route, Routes } from './route.ts'

interface Growing {
  readonly cell: Pick<CarriedCell, 'name' | 'interval' | 'start' | 'resolutionStart'>
  readonly end: number
  readonly merger: { add(value: CellData): void; result(): unknown }
  cursor: string
}

/**
 * Cells of the target from those of a finer interval of the source, which come in the order of name and time. Buckets of which the source does not keep
 * the beginning are left out: a part must not pass for the whole.
 */
export async function* regrouped(
  windows: AsyncIterable<readonly AnyCell[]>,
  { source, target }: Route,
  { source: from, target: { settings }, conversion }: Routes,
): AsyncGenerator<readonly CarriedCell[], void, undefined> {
  const parts = finestOf(source)
  let growing: Growing | undefined

  function finished(): CarriedCell[] {
    if (growing === undefined || growing.cell.start < from.firstLive(source)) return []
    return [{ ...growing.cell, value: growing.merger.result() as CellData, cursor: growing.cursor }]
  }

  function* grown(cells: readonly AnyCell[]): Generator<CarriedCell> {
    for (const cell of cells) {
      const seconds = (source.resolution === null ? undefined : cell.resolutionStart) ?? cell.start
      if (growing === undefined || growing.cell.name !== cell.name || seconds >= growing.end) {
        yield* finished()
        growing = { ...begun(target, cell.name, seconds), merger: settings.rules.merger(), cursor: cell.cursor }
      }
      const part = parts.bucketOf(seconds)
      // A resolution bucket of old data may be cut by the end of its bucket.
      const end = Math.min(parts.endOf(part), source.buckets.endOf(source.buckets.bucketOf(cell.start)))
      if (end > growing.end) throw crossing(source, target, part)
      growing.merger.add(conversion.convert(cell.value, seconds))
      growing.cursor = cell.cursor
    }
  }

  for await (const cells of windows) yield [...grown(cells)]
  yield finished()
}

/** The cell of the target that holds a moment, and where it ends. */
function begun(
  { name: interval, buckets, resolution }: Interval,
  name: string,
  seconds: number,
): Pick<Growing, 'cell' | 'end'> {
  const bucket = buckets.bucketOf(seconds)
  const start = buckets.startOf(bucket)
  if (resolution === null) return { cell: { name, interval, start }, end: buckets.endOf(bucket) }
  const unit = resolution.bucketOf(seconds)
  return { cell: { name, interval, start, resolutionStart: resolution.startOf(unit) }, end: resolution.endOf(unit) }
}
