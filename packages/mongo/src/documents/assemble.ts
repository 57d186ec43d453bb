import { describe, failedStore, isRecord, type StoreFailure } from '@kairos/core/driver'
import type { MongoDocument } from '../connection/client.ts'
import type { Requests } from '../connection/requests.ts'
import { Damaged, decoding } from '../values/damaged.ts'
import type { CellKey } from './cell-key.ts'
import { documentsOf, textOf } from './chunks.ts'
import type { Head } from './layout.ts'
import { chunkAt, isOwnChunk, levelOf, type Spread, spreadOf } from './spread.ts'

/** The fields of a head and of a chunk that say what their cell holds. */
export const CELL_FIELDS = ['s', 'h', 'l', 'frozen', 'chunks', 'batch'] as const

/** Where `h` of one document has its values, and `l` whole changes. */
export interface Held {
  readonly h?: unknown
  readonly l?: unknown
}

/** The values that a head holds. */
export function heldIn({ h, l }: Held): Readonly<Record<string, unknown>>[] {
  const parts: Readonly<Record<string, unknown>>[] = []
  if (h !== undefined) parts.push(recordAt('h', h))
  if (l === undefined) return parts
  if (!Array.isArray(l)) throw new Damaged('l', 'a list', l)
  for (const change of l) parts.push(recordAt('each of l', change))
  return parts
}

/** The values that are being moved. */
export function frozenIn({ frozen }: MongoDocument): Readonly<Record<string, unknown>>[] {
  return frozen === undefined ? [] : heldIn(recordAt('frozen', frozen))
}

function recordAt(path: string, value: unknown): Readonly<Record<string, unknown>> {
  if (!isRecord(value)) throw new Damaged(path, 'an object', value)
  return value
}

/**
 * The documents of a cell as rows that add up to it, each with values in `h`. Null: the documents were read before and after values were moved, and
 * have to be read again.
 */
export function assemble(documents: readonly MongoDocument[]): MongoDocument[] | null {
  const rows: MongoDocument[] = []
  for (const head of documents) {
    if (Number(head.s ?? 0) !== 0) continue
    const own = rowsOf(head, documents)
    if (own === null) return null
    rows.push(...own)
  }
  return rows
}

function rowsOf(head: MongoDocument, documents: readonly MongoDocument[]): MongoDocument[] | null {
  const { h, l, frozen, chunks, batch: _, ...key } = head
  const spread = spreadOf(head)
  // Only where there is something else may it be missing.
  if (spread === undefined && l === undefined && frozen === undefined) return [{ ...key, h }]
  const rows = heldIn({ h, l }).map((values) => ({ ...key, h: values }))
  if (spread === undefined) {
    if (frozen !== undefined) throw new Damaged('chunks', 'where what is frozen belongs', undefined)
    return rows
  }
  const own = documents.filter(({ s }) => isOwnChunk(spread, Number(s)))
  if (own.length < spread.count || own.some(({ batch }) => !(Number(batch) <= spread.batch))) return null
  const isMoved = movedTo(spread, own)
  for (const values of frozenIn(head)) {
    const left = Object.entries(values).filter(([field]) => !isMoved(field))
    rows.push({ ...key, h: Object.fromEntries(left) })
  }
  return [...rows, ...own.map(({ batch: _, ...chunk }) => chunk)]
}

/** Whether the value of a batch that is being moved is in its chunk by now; one that did not fit there is in one of a deeper level. */
function movedTo(spread: Spread, chunks: readonly MongoDocument[]): (field: string) => boolean {
  const done = new Set<number>()
  let deepest = spread.level
  for (const { s, batch } of chunks) {
    if (Number(batch) !== spread.batch) continue
    done.add(Number(s))
    deepest = Math.max(deepest, levelOf(spread, Number(s)))
  }
  return (field) => {
    for (let level = spread.level; level <= deepest; level++) if (done.has(chunkAt(spread, level, field))) return true
    return false
  }
}

/** How often cells are read again before it is left to core to begin again. */
const MOST_READS = 20

/**
 * Calls back with the rows of each cell that has chunks. Its head is read before its chunks: so they hold what it no longer does, and a chunk that holds
 * more shows that it was read too late. All of it from the primary, since another member may know less.
 * @param heads as they were just read, by the text of their key
 * @throws StoreFailure if values were moved at each attempt
 */
export async function eachCrowded(
  requests: Requests,
  heads: ReadonlyMap<string, Head>,
  take: (rows: readonly MongoDocument[]) => void,
): Promise<void> {
  let pending = heads
  for (let attempt = 1; pending.size > 0; attempt++) {
    if (attempt > MOST_READS) throw unfit([...pending.values()][0]!)
    if (attempt > 1) pending = await headsOf(requests, pending)
    const chunks = await documentsOf(requests, [...pending.values()], CELL_FIELDS, { s: { $gt: 0 } })
    const left = new Map<string, Head>()
    for (const [text, head] of pending) {
      const rows = decoding(head, () => assemble([head, ...chunks.get(text)!]))
      if (rows === null) left.set(text, head)
      else take(rows)
    }
    pending = left
  }
}

function unfit({ name, i, r }: Head): StoreFailure {
  const message = `the documents of ${describe(name)} with i = ${i}, r = ${r} did not fit together: its values were moved each time that they were read, or a document is missing`
  return failedStore(message, 'later')
}

async function headsOf(requests: Requests, wanted: ReadonlyMap<string, Head>): Promise<Map<string, Head>> {
  const heads = new Map<string, Head>()
  for (const [text, [head]] of await documentsOf(requests, [...wanted.values()], CELL_FIELDS, { s: 0 }))
    if (head !== undefined) heads.set(text, { ...head, ...keyIn(wanted.get(text)!) })
  return heads
}

/** The rows of one cell. */
export async function rowsOfCell(requests: Requests, key: CellKey, take: (row: MongoDocument) => void): Promise<void> {
  const found = await requests.findOne({ ...key, s: 0 }, {})
  if (found === null) return
  await eachCrowded(requests, new Map([[textOf(key), { ...found, ...key }]]), (rows) => {
    for (const row of rows) take(row)
  })
}

function keyIn({ name, interval, i, r }: CellKey): CellKey {
  return { name, interval, i, r }
}
