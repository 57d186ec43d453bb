import { describe } from '@kairos/core/driver'
import type { Route, Routes } from './route.ts'
import type { Side } from './sides.ts'
import type { MigrationNote } from './types.ts'

/** What is not carried over, or not exactly. */
export function notesOf({ source, target, conversion, routes }: Omit<Routes, 'notes'>): MigrationNote[] {
  return [
    ...(conversion.note === undefined ? [] : [{ reason: 'type' as const, text: conversion.note }]),
    ...leftOf(source, routes),
    ...routes.flatMap((route) => [...shorterOf(source, target, route), ...rebuiltOf(source, target, route)]),
  ]
}

function leftOf({ settings }: Side, routes: readonly Route[]): MigrationNote[] {
  return settings.intervals
    .filter(({ name }) => routes.every(({ source }) => source.name !== name))
    .map(({ name }) => ({
      reason: 'left',
      interval: name,
      text: `${describe(name)} of the source is not carried over`,
    }))
}

function shorterOf(source: Side, target: Side, route: Route): MigrationNote[] {
  if (target.firstLive(route.target) <= source.firstLive(route.source)) return []
  const { name, steps } = route.target
  const text = `${describe(name)} keeps ${steps} buckets, fewer than ${describe(route.source.name)} of the source: what is older is not carried over`
  return [{ reason: 'retention', interval: name, text }]
}

function rebuiltOf(source: Side, target: Side, { target: interval, source: from, how }: Route): MigrationNote[] {
  if (how === 'copied') return []
  const { name } = interval
  const notes: MigrationNote[] = []
  const first = source.firstLive(from)
  if (first > target.firstLive(interval)) {
    const text = `${describe(name)} is made from ${describe(from.name)} of the source, which keeps ${from.steps} buckets: those that began before ${new Date(first * 1_000).toISOString()} are not carried over`
    notes.push({ reason: 'retention', interval: name, text })
  }
  if (target.settings.type === 'series' || target.settings.type === 'gauge') {
    const text = `${describe(name)} is made from ${describe(from.name)} of the source: values are in the order of its buckets, and of their arrival only within one`
    notes.push({ reason: 'order', interval: name, text })
  }
  return notes
}
