import type { CellValue, CellWrite, Scalar } from '@kairos/core/driver'
import { type CellKey, eachOf, findChunk, isTimeToLook, keyOf, positionOf } from './chunks.ts'
import type { MongoDocument, MongoModule } from './client.ts'
import type { Layout, OpenIntervals } from './layout.ts'
import { Levels } from './levels.ts'
import { type Piece, writePieces } from './pieces.ts'
import type { ScalarCodec } from './scalars.ts'
import type { Channel } from './send.ts'

/** A chunk that holds more units is left for the next level: 1,024 short values, or about 256 kB of long ones. */
const FULL = 1_024
const UNIT = 256

const DOCUMENT_WEIGHT = 200
const VALUE_WEIGHT = 32
const DEEPEST = 24

/** A value, and how it is written. */
interface Entry {
  readonly scalar: Scalar
  readonly times: number
  readonly field: string
  readonly units: number
}

/** What one chunk of a cell is to take in. */
interface HashedPiece extends Piece {
  readonly cell: CellWrite
  readonly key: CellKey
  readonly level: number
  readonly s: number
  readonly units: number
}

/**
 * Histograms and sets: a cell's values as fields of a chunk, `h: { '<value>': times }`. A small cell is one chunk, s = 0. A crowded one goes on a
 * level deeper: 2, 4, 8, … chunks among which the hash of a value chooses. What has been written stays where it is, and since times add up and
 * sets unite, a value may stand once on each level. So a cell grows with the values it holds, and not with how often they are written.
 */
export function createHashedLayout(
  type: 'histogram' | 'set',
  codec: ScalarCodec,
  { Double }: Pick<MongoModule, 'Double'>,
  intervals: OpenIntervals,
): Layout {
  const levels = new Levels()

  function entryOf(scalar: Scalar, times: number): Entry {
    const field = codec.toField(scalar)
    return { scalar, times, field, units: unitsOf(field) }
  }

  function entriesOf(change: CellValue): Entry[] {
    return type === 'histogram'
      ? Array.from(change as ReadonlyMap<Scalar, number>, ([scalar, times]) => entryOf(scalar, times))
      : Array.from(change as ReadonlySet<Scalar>, (scalar) => entryOf(scalar, 1))
  }

  function pieceOf(
    cell: CellWrite,
    level: number,
    s: number,
    entries: readonly Entry[],
    change: CellValue,
  ): HashedPiece {
    const interval = intervals.get(cell.interval)!
    const key = keyOf(cell, interval)
    const fields: Record<string, unknown> = {}
    let units = 0
    for (const { field, times, units: own } of entries) {
      fields[`h.${field}`] = type === 'histogram' ? new Double(times) : true
      units += own
    }
    return {
      filter: { ...key, s },
      update: { [type === 'histogram' ? '$inc' : '$set']: fields, $max: { expireAt: interval.expireAt(key.i) } },
      weight: DOCUMENT_WEIGHT + entries.length * VALUE_WEIGHT + (units - entries.length) * UNIT,
      parts: [{ cell, change }],
      cell,
      key,
      level,
      s,
      units,
    }
  }

  /** One piece for each chunk that a change falls into. */
  function piecesOf(cell: CellWrite): HashedPiece[] {
    const entries = entriesOf(cell.change)
    const level = Math.max(levels.get(cell), levelFor(entries))
    if (level === 0) return [pieceOf(cell, 0, 0, entries, cell.change)]
    const chunks = Map.groupBy(entries, ({ field }) => chunkAt(level, hashOf(field)))
    return [...chunks].map(([s, own]) => pieceOf(cell, level, s, own, changeOf(own)))
  }

  function changeOf(entries: readonly Entry[]): CellValue {
    return type === 'histogram'
      ? new Map(entries.map(({ scalar, times }) => [scalar, times]))
      : new Set(entries.map(({ scalar }) => scalar))
  }

  function valueIn({ h }: MongoDocument): CellValue {
    const fields = Object.entries(h as MongoDocument)
    return type === 'histogram'
      ? new Map(fields.map(([field, times]) => [codec.fromField(field), Number(times)]))
      : new Set(fields.map(([field]) => codec.fromField(field)))
  }

  /** Looks at one chunk: hashes spread evenly, so the others are as crowded. */
  async function deepenIfFull(channel: Channel, { cell, key, level, s }: HashedPiece): Promise<void> {
    const last = await findChunk(channel, key, ['s'])
    const deepest = last === null ? 0 : levelOf(Number(last.s))
    if (deepest > level) return levels.set(cell, deepest)
    const chunk = await findChunk(channel, { ...key, s }, ['h'])
    if (chunk === null || Object.keys(chunk.h as object).reduce((sum, field) => sum + unitsOf(field), 0) <= FULL) return
    levels.set(cell, Math.min(level + 1, DEEPEST))
    // Who does not know that the cell is deeper yet goes on with an empty chunk: this one can never run into a document's limit.
    if (s === 0)
      await channel.collection.updateOne(
        { _id: chunk._id, s },
        { $set: { s: -1 - Math.floor(Math.random() * 2 ** 31) } },
        channel.session && { session: channel.session },
      )
  }

  return {
    fields: ['h'],
    write: (channel, { cells }) =>
      writePieces(channel, cells.flatMap(piecesOf), (applied) =>
        eachOf(
          channel,
          applied.filter(({ units, level }) => isTimeToLook(units / 2 ** level, FULL)),
          (piece) => deepenIfFull(channel, piece),
        ),
      ),
    read(document, interval, take) {
      take({ ...positionOf(document, interval), value: valueIn(document) })
    },
    rows(document, interval, take) {
      take({ ...positionOf(document, interval), row: document })
    },
    decode: valueIn,
    forget: () => levels.clear(),
  }
}

function unitsOf(field: string): number {
  return field.length * 3 < UNIT ? 1 : 1 + Math.floor(Buffer.byteLength(field) / UNIT)
}

/** The level at which a change that is large by itself fills its chunks by half. */
function levelFor(entries: readonly Entry[]): number {
  // Not even with the longest values.
  if (entries.length < 4) return 0
  const units = entries.reduce((sum, entry) => sum + entry.units, 0)
  return units <= FULL ? 0 : Math.min(DEEPEST, Math.ceil(Math.log2(units / (FULL / 2))))
}

/** Level 0 is chunk 0, level 1 chunks 1 and 2, level 2 chunks 3 to 6. */
function chunkAt(level: number, hash: number): number {
  return 2 ** level - 1 + (hash & (2 ** level - 1))
}

function levelOf(s: number): number {
  return s < 0 ? 0 : 31 - Math.clz32(s + 1)
}

/** FNV-1a, 32 bits, over code units; its high half is folded into the low one, which is what chooses. Another hash would do no harm to stored data. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return hash ^ (hash >>> 15)
}
