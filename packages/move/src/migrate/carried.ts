import type { CallOptions } from '@kairos/core'
import { bucketsWithin, momentsWithin, type Stretch } from '@kairos/core/calls'
import type { AnyCell, CellSource } from '../cells/source.ts'
import { windowsOf } from '../cells/windows.ts'
import type { CarriedCell } from './carried-cell.ts'
import { regrouped } from './regrouped.ts'
import type { Route, Routes } from './route.ts'

/** Which cells to carry. */
export interface Carrying extends Stretch, CallOptions {
  readonly names: readonly string[]
  readonly after?: string | undefined
}

/** What an interval of the target should hold of these names, in the order of name and bucket, some cells at a time. */
export function carriedCells(
  source: CellSource,
  routes: Routes,
  route: Route,
  { names, start, end, after, signal, patience }: Carrying,
): AsyncIterable<readonly CarriedCell[]> {
  const { how, target } = route
  const stretch = how === 'copied' ? { start, end } : momentsWithin(target, bucketsWithin(target, { start, end }))
  const cells = windowsOf(source, { names, intervals: [route.source.name], ...stretch, after, signal, patience })
  if (how === 'rebuilt') return regrouped(cells, route, routes)
  // As they are, which spares millions of cells a step.
  const areSame = route.source.name === target.name && routes.conversion.isSame
  return areSame ? cells : copied(cells, route, routes)
}

async function* copied(
  windows: AsyncIterable<readonly AnyCell[]>,
  { target }: Route,
  { conversion }: Routes,
): AsyncGenerator<readonly CarriedCell[], void, undefined> {
  for await (const cells of windows)
    yield cells.map((cell) => ({
      ...cell,
      interval: target.name,
      value: conversion.convert(cell.value, cell.resolutionStart ?? cell.start),
    }))
}
