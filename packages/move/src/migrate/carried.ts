import type { CallOptions } from '@kairos/core'
import type { Interval } from '@kairos/core/calls'
import type { AnyCell, CellSource } from '../cells/source.ts'
import type { CarriedCell } from './carried-cell.ts'
import type { Stretch } from './options.ts'
import { regrouped } from './regrouped.ts'
import type { Route, Routes } from './route.ts'

/** Which cells to carry. */
export interface Carrying extends Stretch, CallOptions {
  readonly names: readonly string[]
  readonly after?: string | undefined
}

/** What an interval of the target should hold of these names, in the order of name and bucket. */
export function carriedCells(
  source: CellSource,
  routes: Routes,
  route: Route,
  { names, start, end, after, signal, patience }: Carrying,
): AsyncIterable<CarriedCell> {
  const stretch = route.how === 'copied' ? { start, end } : wholeBuckets(route.target, { start, end })
  const cells = source.cells({ names, intervals: [route.source.name], ...stretch, after, signal, patience })
  if (route.how === 'rebuilt') return regrouped(cells, route, routes)
  // As they are, which spares millions of cells a step.
  const areSame = route.source.name === route.target.name && routes.conversion.isSame
  return areSame ? cells : copied(cells, route, routes)
}

async function* copied(
  cells: AsyncIterable<AnyCell>,
  { target }: Route,
  { conversion }: Routes,
): AsyncGenerator<CarriedCell, void, undefined> {
  for await (const cell of cells) {
    const value = conversion.convert(cell.value, cell.resolutionStart ?? cell.start)
    yield { ...cell, interval: target.name, value }
  }
}

function wholeBuckets({ buckets }: Interval, { start, end }: Stretch): Stretch {
  return {
    start: start === undefined ? undefined : buckets.startOf(buckets.bucketOf(start)),
    end: end === undefined ? undefined : buckets.endOf(buckets.bucketOf(end)) - 1,
  }
}
