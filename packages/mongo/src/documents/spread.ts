import { hashText, isRecord } from '@kairos/core/driver'
import type { MongoDocument } from '../connection/client.ts'
import { Damaged } from '../values/damaged.ts'

/** A head with more units moves what it holds into chunks: 1,024 short values, or about 256 kB of long ones. */
export const FULL = 1_024
const UNIT = 256

/** A key, the operators of an update and `expireAt`. */
export const DOCUMENT_WEIGHT = 200
const VALUE_WEIGHT = 32
const DEEPEST = 24
/** More than a cell can have chunks, up to the deepest level. */
const SPAN = 2 ** 26

/** How the values of a crowded cell are spread over its chunks, as its head says. */
export interface Spread {
  /** The number `s` of a chunk is this and its place. Another one for each cell that is made, so that what is left of a deleted one is not taken for its own. */
  readonly base: number
  /** The number of the batch of values that was moved last, or is being moved. */
  readonly batch: number
  /** The level on which that batch belongs. */
  readonly level: number
  /** How many chunks there were at least when the batch before it had been moved. */
  readonly count: number
}

/** The fields of values, and how often each is in the cell: 1 in a set. */
export type Values = ReadonlyMap<string, number>

/** The values that belong into one chunk. */
export interface Portion {
  readonly s: number
  readonly values: Values
}

export function newBase(): number {
  return SPAN * (1 + Math.floor(Math.random() * SPAN))
}

/**
 * The spread that a head has; undefined: its cell has no chunks.
 * @throws Damaged
 */
export function spreadOf({ chunks }: MongoDocument): Spread | undefined {
  if (chunks === undefined) return undefined
  const { base, batch, level, count } = isRecord(chunks) ? chunks : {}
  const spread = { base: Number(base), batch: Number(batch), level: Number(level), count: Number(count) }
  const isWhole = Object.values(spread).every((value) => Number.isSafeInteger(value) && value >= 0)
  if (!isWhole || spread.base % SPAN !== 0 || spread.base === 0 || spread.level > DEEPEST)
    throw new Damaged('chunks', 'where the chunks of the cell are', chunks)
  return spread
}

/** The condition on the `s` of the chunks of a cell. */
export function ownChunks({ base }: Pick<Spread, 'base'>): object {
  return { $gte: base, $lt: base + SPAN }
}

export function isOwnChunk({ base }: Pick<Spread, 'base'>, s: number): boolean {
  return s >= base && s < base + SPAN
}

export function unitsOf(field: string): number {
  return field.length * 3 < UNIT ? 1 : 1 + Math.floor(Buffer.byteLength(field) / UNIT)
}

export function unitsOfAll(fields: Iterable<string>): number {
  let units = 0
  for (const field of fields) units += unitsOf(field)
  return units
}

/** About how many bytes a value takes with this many units. */
export function weightOf(units: number): number {
  return units === 1 ? VALUE_WEIGHT : units * UNIT
}

/** About how many bytes an update with these values takes. */
export function weightOfAll(fields: Iterable<string>): number {
  let weight = DOCUMENT_WEIGHT
  for (const field of fields) weight += weightOf(unitsOf(field))
  return weight
}

/** The level at which this many units half fill its chunks. */
export function levelFor(units: number): number {
  return units <= FULL ? 0 : Math.min(DEEPEST, Math.ceil(Math.log2(units / (FULL / 2))))
}

/**
 * The number `s` of a chunk: of level 0 there is one, of level 1 two, of level 2 four, among which the hash of the value chooses. It is a hash of the
 * base too, so that nobody can choose values that fall into one chunk.
 */
export function chunkAt({ base }: Pick<Spread, 'base'>, level: number, field: string): number {
  const hash = hashText(`${base}${field}`)
  // Folds the high half into the low one, which chooses.
  return base + 2 ** level - 1 + ((hash ^ (hash >>> 15)) & (2 ** level - 1))
}

/** Spreads values over the chunks of a level. */
export function portionsOf(spread: Pick<Spread, 'base'>, level: number, values: Values): Portion[] {
  const portions = Map.groupBy(values, ([field]) => chunkAt(spread, level, field))
  return Array.from(portions, ([s, own]) => ({ s, values: new Map(own) }))
}

export function levelOf({ base }: Pick<Spread, 'base'>, s: number): number {
  return 31 - Math.clz32(s - base + 1)
}

/** The level below; the deepest has none. */
export function deeper(level: number): number {
  return Math.min(DEEPEST, level + 1)
}
