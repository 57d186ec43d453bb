import { failedStore } from '@kairos/core/driver'
import type { MongoDocument } from '../connection/client.ts'
import { damagedIn } from '../values/damaged.ts'
import { timesIn } from '../values/scalar-codec.ts'
import { frozenIn, heldIn } from './assemble.ts'
import type { CellKey } from './cell-key.ts'
import { findChunk } from './chunks.ts'
import { type Channel, type ChunkUpdate, send, sendAll, throwIfFailed } from './send-updates.ts'
import {
  DOCUMENT_WEIGHT,
  deeper,
  FULL,
  levelFor,
  levelOf,
  newBase,
  ownChunks,
  type Portion,
  portionsOf,
  type Spread,
  spreadOf,
  unitsOfAll,
  type Values,
  weightOfAll,
} from './spread.ts'

/** What keeps a server from adding to a document. */
export const NO_NUMBERS = 'n and the values in h must be numbers'

/** How a value is stored in `h`: a histogram's times as a double, `true` for a member of a set. */
export interface HashedKind {
  readonly type: 'histogram' | 'set'
  stored(times: number): unknown
}

interface PortionUpdate extends ChunkUpdate {
  readonly portion: Portion
}

/** What is known of chunks by their `s`. */
type Chunks = ReadonlyMap<number, MongoDocument>

/**
 * Moves what the head of a cell holds into its chunks, if that is crowded.
 * @param change the units of the largest change: one that is full by itself needs no look at what the head holds
 */
export async function moveIfCrowded(channel: Channel, key: CellKey, kind: HashedKind, change: number): Promise<void> {
  // How many units were written to it: it holds no more.
  const written = await findChunk(channel, { ...key, s: 0 }, ['n', 'chunks'])
  if (written === null || !(Number(written.n) >= FULL)) return
  if (change >= FULL && (await move(channel, key, written, change, kind))) return
  const head = await restingHead(channel, key, kind)
  if (head === null) return
  const units = unitsOfAll(valuesOf(heldIn(head), kind).keys())
  if (units >= FULL) await move(channel, key, head, units, kind)
}

/**
 * Moves what the head of a cell holds, since an update no longer fits into it.
 * @throws StoreFailure if it holds nothing: the update would not fit into a document of its own
 */
export async function makeRoom(channel: Channel, key: CellKey, kind: HashedKind): Promise<void> {
  const head = await restingHead(channel, key, kind)
  const units = head === null ? 0 : unitsOfAll(valuesOf(heldIn(head), kind).keys())
  if (units === 0) throw failedStore('a value must fit into a document of MongoDB (16 MB)', 'never')
  await move(channel, key, head!, units, kind)
}

/** The head of a cell, after the move that another writer has begun, and perhaps left, is finished. */
async function restingHead(channel: Channel, key: CellKey, kind: HashedKind): Promise<MongoDocument | null> {
  const head = await headOf(channel, key)
  if (head?.frozen === undefined) return head
  await finish(channel, key, head, kind)
  return headOf(channel, key)
}

function headOf({ requests }: Channel, key: CellKey): Promise<MongoDocument | null> {
  return requests.findOne({ ...key, s: 0 }, {})
}

/**
 * Freezes what a head holds, and moves it.
 * @param units about how much that is
 * @returns whether it was as it was read: another writer may have been faster
 */
async function move(
  channel: Channel,
  key: CellKey,
  head: MongoDocument,
  units: number,
  kind: HashedKind,
): Promise<boolean> {
  const known = spreadOf(head)
  const { base, batch, level, count } = known ?? { base: newBase(), batch: 0, level: 0, count: 0 }
  const chunks: Spread = { base, batch: batch + 1, level: Math.max(level, levelFor(units)), count }
  const unchanged = known === undefined ? { chunks: { $exists: false } } : inBatch(known)
  const frozen = await channel.requests.findOneAndUpdate(
    { ...key, s: 0, _id: head._id, ...unchanged, frozen: { $exists: false } },
    { $rename: { h: 'frozen.h', l: 'frozen.l' }, $set: { n: 0, chunks } },
    {},
  )
  if (frozen === null) return false
  await finish(channel, key, frozen, kind)
  return true
}

function inBatch({ base, batch }: Spread): object {
  return { 'chunks.base': base, 'chunks.batch': batch }
}

/**
 * Adds the frozen values to their chunks. Each update also notes the number of the batch, and applies to no chunk that has it: so any number of writers
 * may do this at once, and any of them may die.
 */
async function finish(channel: Channel, key: CellKey, head: MongoDocument, kind: HashedKind): Promise<void> {
  const { requests } = channel
  const spread = spreadOf(head)!
  const chunks = new Map<number, MongoDocument>()
  const projection = { s: 1, batch: 1, expireAt: 1 }
  await requests.find({ ...key, s: ownChunks(spread) }, { projection, readPreference: 'primary' }, (chunk) =>
    chunks.set(Number(chunk.s), chunk),
  )
  const places = new Set(chunks.keys())
  const first = portionsOf(spread, spread.level, valuesOf(frozenIn(head), kind))
  for (let portions = first; portions.length > 0; ) {
    const updates = portions.flatMap((portion) => updatesOf(portion, { key, head, spread, chunks, kind }))
    const sent = await send(channel, updates)
    throwIfFailed(sent)
    for (const { portion } of sent.displaced) throw damagedIn({ ...key, s: portion.s }, NO_NUMBERS)
    for (const { portion } of sent.applied) places.add(portion.s)
    // They will not fit later either, since chunks only grow: so every writer comes to the same conclusion.
    portions = sent.tooLarge.flatMap(({ portion }) => deeperPortions(spread, portion))
  }
  await keepAsLong(channel, key, head, chunks)
  const crowded = await isCrowded(channel, key, largestOf(first))
  const level = crowded ? deeper(spread.level) : spread.level
  await requests.updateOne(
    { ...key, s: 0, _id: head._id, ...inBatch(spread), frozen: { $exists: true } },
    { $unset: { frozen: '' }, $set: { 'chunks.count': places.size, 'chunks.level': level } },
  )
}

/** The values of these parts, each once. */
function valuesOf(parts: readonly MongoDocument[], { type }: HashedKind): Values {
  const values = new Map<string, number>()
  for (const part of parts) {
    for (const [field, value] of Object.entries(part)) {
      const sum = type === 'set' ? 1 : (values.get(field) ?? 0) + timesIn(value)
      if (!Number.isFinite(sum)) throw failedStore('the sum of a cell must be a finite double', 'never')
      values.set(field, sum)
    }
  }
  return values
}

/** @throws StoreFailure if there is no deeper level */
function deeperPortions(spread: Spread, { s, values }: Portion): Portion[] {
  const level = levelOf(spread, s)
  if (deeper(level) === level) throw failedStore('the values of a cell must fit into its documents', 'never')
  return portionsOf(spread, deeper(level), values)
}

/** The update that adds values to their chunk; none if they are in it. */
function updatesOf(
  portion: Portion,
  {
    key,
    head: { expireAt },
    spread: { batch },
    chunks,
    kind: { type, stored },
  }: { key: CellKey; head: MongoDocument; spread: Spread; chunks: Chunks; kind: HashedKind },
): PortionUpdate[] {
  const { s, values } = portion
  const known = chunks.get(s)
  const fields = Array.from(values, ([field, times]) => [field, stored(times)] as const)
  const weight = weightOfAll(values.keys())
  const place = { ...key, s }
  const $max = { expireAt }
  if (known === undefined) {
    const h = Object.fromEntries(fields)
    return [{ portion, filter: place, update: { $setOnInsert: { h, batch }, $max }, upsert: true, weight }]
  }
  if (Number(known.batch) >= batch) return []
  const added = Object.fromEntries(fields.map(([field, value]) => [`h.${field}`, value]))
  const update = type === 'set' ? { $set: { ...added, batch }, $max } : { $inc: added, $set: { batch }, $max }
  const filter = { ...place, _id: known._id, batch: { $lt: batch } }
  return [{ portion, filter, update, upsert: false, optional: true, weight }]
}

/** Chunks expire no earlier than their head, which may have been written to with a longer time to live. */
async function keepAsLong(channel: Channel, key: CellKey, { expireAt }: MongoDocument, chunks: Chunks): Promise<void> {
  const older = [...chunks].filter(([, chunk]) => (chunk.expireAt as Date) < (expireAt as Date))
  const updates = older.map(([s, { _id }]) => ({
    ...{ filter: { ...key, s, _id }, update: { $max: { expireAt } } },
    ...{ upsert: false, optional: true as const, weight: DOCUMENT_WEIGHT },
  }))
  await sendAll(channel, updates)
}

function largestOf(portions: readonly Portion[]): Portion | undefined {
  let largest: Portion | undefined
  for (const portion of portions)
    if (largest === undefined || portion.values.size > largest.values.size) largest = portion
  return largest
}

/** Hashes spread evenly: if one chunk of a level is crowded, the others soon will be. */
async function isCrowded(channel: Channel, key: CellKey, portion: Portion | undefined): Promise<boolean> {
  if (portion === undefined) return false
  const chunk = await findChunk(channel, { ...key, s: portion.s }, ['h'])
  return chunk !== null && unitsOfAll(Object.keys(chunk.h as object)) >= FULL
}
