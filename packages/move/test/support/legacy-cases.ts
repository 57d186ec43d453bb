import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliDecompressSync } from 'node:zlib'
import { bucketing, type IntervalConfig, type ValueType } from '@kairos/core'
import { expect } from 'vitest'
import type { AnyCell, LegacyOptions, LegacySource, LegacyType } from '../../src/index.ts'
import { allOf } from './samples.ts'

// What Python kairos 0.10.1 wrote, and for every cell what was written into it. `stored` is what the store holds where that is something else, and
// `loss` says why.

/** A value as Python had it. */
type Typed = readonly [type: 'int' | 'float' | 'str', text: string]

interface LegacyCell {
  readonly name: string
  readonly interval: string
  readonly i: number
  readonly r: number | null
  readonly start: number
  readonly end: number
  readonly content: unknown
  readonly stored?: unknown
  readonly loss?: readonly string[]
}

export interface LegacyCase {
  readonly id: string
  readonly store: 'redis' | 'sqlite' | 'mongo'
  readonly type: LegacyType
  readonly db?: number
  readonly prefix?: string
  readonly table?: string
  readonly database?: string
  readonly escape_character?: string
  readonly value_type: 'int' | 'float' | 'str' | 'mixed' | 'intfloat'
  readonly intervals: Readonly<Record<string, IntervalConfig>>
  readonly names: readonly string[]
  readonly cells: readonly LegacyCell[]
}

export function sampleText(file: string): string {
  return brotliDecompressSync(readFileSync(join(import.meta.dirname, '..', 'legacy', `${file}.br`))).toString()
}

export function legacyCases(store: LegacyCase['store']): readonly LegacyCase[] {
  return (JSON.parse(sampleText('cases.json')) as LegacyCase[]).filter((each) => each.store === store)
}

const VALUE_TYPES: Readonly<Record<LegacyCase['value_type'], ValueType>> = {
  int: 'int64',
  float: 'float',
  str: 'string',
  // Text is all that can be said of what was of several types.
  mixed: 'string',
  intfloat: 'float',
}

export function optionsOf({
  type,
  value_type,
  intervals,
  names,
  prefix,
  table,
  database,
  escape_character,
}: LegacyCase): LegacyOptions {
  return {
    type,
    intervals,
    // Several cases share a place, and names tell them apart.
    names,
    ...(type !== 'count' && { valueType: VALUE_TYPES[value_type] }),
    ...(prefix !== undefined && { prefix }),
    ...(table !== undefined && { tableName: table }),
    ...(database !== undefined && { database }),
    ...(escape_character !== undefined && { escapeCharacter: escape_character }),
  }
}

/** Every cell of a case is read exactly as it was written, or as it is stored where the store itself holds something else. */
export async function expectExact(own: LegacyCase, source: LegacySource): Promise<void> {
  const found = expectCells(own, await allOf(source.cells()))
  const reported = source.report()
  expect(reported.cells).toBe(found)
  const { outside, zeros } = lossesOf(own)
  expect(reported.lost.find(({ reason }) => reason === 'outside')?.count ?? 0).toBe(outside)
  expect(
    reported.lost
      .filter(({ reason }) => reason !== 'missing' && reason !== 'outside')
      .map(({ reason, examples }) => [reason, examples]),
  ).toEqual([])
  expect(reported.lost.find(({ reason }) => reason === 'missing')?.count ?? 0).toBe(zeros)
}

/** What the notes on the samples say cannot be read: cells of no length, and counts of 0 whose data was never written. */
export function lossesOf({ cells }: LegacyCase): { readonly outside: number; readonly zeros: number } {
  return {
    outside: cells.filter(({ start, end }) => start === end).length,
    zeros: cells.filter(({ loss, r }) => loss?.includes('zero') && r !== null).length,
  }
}

/** These are the cells of a case, of which some intervals may have lost their resolution; returns how many there are. */
export function expectCells(own: LegacyCase, cells: readonly AnyCell[], coarse: readonly string[] = []): number {
  const found = new Map(cells.map((cell) => [placeOf(own, cell), textsOf(cell.value)]))
  const expected = new Map<string, unknown>()
  const written = [...own.cells, ...clashing(own)].sort((one, other) => one.start - other.start)
  for (const cell of written) {
    const content = expectedContent(own, cell)
    if (content === undefined || cell.start >= cell.end) continue
    if (!coarse.includes(cell.interval)) expected.set(placeOf(own, cell), content)
    else {
      const start = bucketing(own.intervals[cell.interval]!.step).fromBucket(cell.i)
      const place = placeOf(own, { ...cell, start })
      expected.set(place, expected.has(place) ? joined(own, expected.get(place), content) : content)
    }
  }
  const differing = [...new Set([...found.keys(), ...expected.keys()])].filter(
    (place) => !isSame(found.get(place), expected.get(place)),
  )
  expect(differing.map((place) => [place, found.get(place), expected.get(place)]).slice(0, 5)).toEqual([])
  return found.size
}

/** What two resolution buckets, one after the other, are together. */
function joined({ type }: LegacyCase, one: unknown, other: unknown): unknown {
  if (type === 'count') return (one as number) + (other as number)
  if (type === 'gauge') return other
  const both = [...(one as unknown[]), ...(other as unknown[])]
  if (type === 'histogram') return inOrder(summed(both as [unknown, number][]))
  return type === 'set' ? [...new Set(both)].sort() : both
}

/** The cells of a second configuration whose keys are also this one's: its prefix ends in a part of the name. */
function clashing({ id }: LegacyCase): LegacyCell[] {
  const [, number] = /colon_clash([12])$/.exec(id) ?? []
  if (number === undefined) return []
  const other = legacyCases('redis').find((each) => each.id.endsWith(number === '1' ? 'clash2' : 'clash1'))!
  const cells = other.cells.map((cell) => ({
    ...cell,
    name: number === '1' ? `x:${cell.name}` : cell.name.replace(/^x:/, ''),
  }))
  return cells.filter(({ name }) => own(name))
  function own(name: string): boolean {
    return legacyCases('redis')
      .find((each) => each.id === id)!
      .names.includes(name)
  }
}

/** Where a cell is: of the expected ones by its true extent, so that a resolution bucket is cut. */
function placeOf(own: LegacyCase, cell: LegacyCell | AnyCell): string {
  const { name, interval } = cell
  const start = 'end' in cell ? cell.start : (cell.resolutionStart ?? cell.start)
  return JSON.stringify([own.id, interval, name, start])
}

function expectedContent(own: LegacyCase, { content, stored, loss }: LegacyCell): unknown {
  if (stored === null) return undefined
  const valueType = VALUE_TYPES[own.value_type]
  const text = (value: unknown): unknown => normalised(valueType, own, value)
  // Where the store itself holds less than was written, it is that which must be read.
  const held = stored ?? content
  if (own.type === 'count') return Number(stored ?? (content as Typed)[1])
  if (own.type === 'gauge') return text(held)
  if (own.type === 'histogram')
    return inOrder(summed((held as [unknown, number][]).map(([value, times]) => [text(value), times])))
  const values = (held as unknown[]).map(text)
  return own.type === 'set' ? [...new Set(values)].sort() : loss?.includes('order') ? values : values
}

/** A value of Python, or of the store, as text of what it is here. */
function normalised(valueType: ValueType, own: LegacyCase, value: unknown): string {
  const raw = Array.isArray(value) ? String(value[1]) : String(value)
  const text = own.store === 'mongo' ? raw.replaceAll(own.escape_character!, '.') : raw
  return valueType === 'float' ? String(Number(text) + 0) : valueType === 'int64' ? String(BigInt(text)) : text
}

function summed(pairs: readonly (readonly [unknown, number])[]): [unknown, number][] {
  const sums = new Map<unknown, number>()
  for (const [value, times] of pairs) sums.set(value, (sums.get(value) ?? 0) + times)
  return [...sums]
}

function inOrder(pairs: readonly [unknown, number][]): [unknown, number][] {
  return [...pairs].sort(([one], [other]) => (String(one) < String(other) ? -1 : 1))
}

function textsOf(value: AnyCell['value']): unknown {
  if (typeof value === 'number' || value === undefined) return value
  if (value instanceof Map) return inOrder([...value].map(([key, times]) => [String(key), times]))
  if (value instanceof Set) return [...value].map(String).sort()
  return Array.isArray(value) ? value.map(String) : String(value)
}

function isSame(one: unknown, other: unknown): boolean {
  // Python's sums of fractions, and the server's, are of other widths.
  if (typeof one === 'number' && typeof other === 'number')
    return Math.abs(one - other) <= 1e-9 * Math.max(1, Math.abs(other))
  if (typeof one === 'number') return other === String(one)
  return JSON.stringify(one) === JSON.stringify(other)
}
