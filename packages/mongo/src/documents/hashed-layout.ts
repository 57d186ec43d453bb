import { type CellValue, type CellWrite, hashText, isRecord, type Scalar } from '@kairos/core/driver'
import type { MongoDocument, MongoModule } from '../connection/client.ts'
import { Damaged } from '../values/damaged.ts'
import { numberIn, type ScalarCodec } from '../values/scalar-codec.ts'
import { ChunkHints } from './chunk-hints.ts'
import {
  type CellKey,
  type ChunkState,
  CLOSED,
  chunksOf,
  close,
  closeFull,
  eachOf,
  findChunk,
  isTimeToLook,
  keyOf,
  positionOf,
} from './chunks.ts'
import type { Layout, OpenIntervals } from './layout.ts'
import { type Guard, guarded, lookOnce, mayOverflow, type OverflowLook } from './overflow.ts'
import { replaceChunks, type WholeChunk } from './replace-chunks.ts'
import type { Channel } from './send-updates.ts'
import { type Piece, unsentOnFailure, writePieces } from './write-updates.ts'

/** A chunk with more units is closed by the writer that sees it: 1,024 short values, or about 256 kB of long ones. */
const FULL = 1_024
const UNIT = 256

const DOCUMENT_WEIGHT = 200
const VALUE_WEIGHT = 32
const DEEPEST = 24

/** A value, and how it is stored. */
interface Entry {
  readonly scalar: Scalar
  readonly times: number
  readonly field: string
  readonly units: number
}

/** The part of a cell's change that goes into one chunk. */
interface HashedPiece extends Piece {
  readonly cell: CellWrite
  readonly key: CellKey
  readonly level: number
  readonly s: number
  readonly units: number
  readonly entries: readonly Entry[]
}

/**
 * Histograms and sets: a cell's values are fields of a chunk, `h: { '<value>': times }`. A small cell is one chunk, s = 0. A crowded chunk is closed,
 * and the cell continues a level deeper, in 2, 4, 8, … chunks among which the hash of a value chooses. What was written stays where it is: since
 * times add up and sets unite, a value may appear once on each level. So a cell grows with the values it holds, not with how often they are written.
 */
export function createHashedLayout(
  type: 'histogram' | 'set',
  codec: ScalarCodec,
  { Double }: Pick<MongoModule, 'Double'>,
  intervals: OpenIntervals,
): Layout {
  const hints = new ChunkHints()

  function entryOf(scalar: Scalar, times: number): Entry {
    const field = codec.toField(scalar)
    return { scalar, times, field, units: unitsOf(field) }
  }

  function entriesOf(change: CellValue): Entry[] {
    return type === 'histogram'
      ? Array.from(change as ReadonlyMap<Scalar, number>, ([scalar, times]) => entryOf(scalar, times))
      : Array.from(change as ReadonlySet<Scalar>, (scalar) => entryOf(scalar, 1))
  }

  function stored({ times }: Entry): unknown {
    return type === 'histogram' ? new Double(times) : true
  }

  function chunksFor(value: CellValue): WholeChunk[] {
    const entries = entriesOf(value)
    return Array.from(byChunk(entries, levelFor(entries)), ([s, own]) => {
      const units = sumOf(own)
      const h = Object.fromEntries(own.map((entry) => [entry.field, stored(entry)]))
      return { s, fields: { h, n: units }, weight: weightOf(own, units) }
    })
  }

  function pieceOf(
    cell: CellWrite,
    level: number,
    s: number,
    entries: readonly Entry[],
    overflows: OverflowLook | undefined,
  ): HashedPiece {
    const interval = intervals.get(cell.interval)!
    const key = keyOf(cell, interval)
    const fields: Record<string, unknown> = {}
    for (const entry of entries) fields[`h.${entry.field}`] = stored(entry)
    const units = sumOf(entries)
    const n = { n: units }
    return {
      filter: { ...key, s },
      update: {
        ...(type === 'histogram' ? { $inc: { ...fields, ...n } } : { $set: fields, $inc: n }),
        $max: { expireAt: interval.expireAt(key.i) },
      },
      upsert: true,
      ...(overflows && { overflow: { filter: guarded({ ...key, s }, guardOf(entries)), overflows } }),
      weight: weightOf(entries, units),
      parts: () => [{ cell, change: changeOf(entries) }],
      cell,
      key,
      level,
      s,
      units,
      entries,
    }
  }

  /** One piece for each chunk of the level that entries fall into. */
  function piecesOf(cell: CellWrite, entries: readonly Entry[], level: number): HashedPiece[] {
    const guard = type === 'histogram' ? guardOf(entries) : new Map<string, number>()
    // One check for the whole cell, which is refused as a whole.
    const overflows = guard.size > 0 ? lookOnce(keyOf(cell, intervals.get(cell.interval)!), guard) : undefined
    return Array.from(byChunk(entries, level), ([s, own]) => pieceOf(cell, level, s, own, overflows))
  }

  /**
   * In a transaction, a write to a closed chunk would end it, and a hint from another transaction may have been rolled back. So the chunks are
   * looked up first.
   */
  async function firstPieces(channel: Channel, cells: readonly CellWrite[]): Promise<HashedPiece[]> {
    const chunks = channel.requests.inTransaction ? await chunksOf(channel, cells, intervals) : undefined
    return cells.flatMap((cell) => {
      const entries = entriesOf(cell.change)
      const known = chunks === undefined ? hints.get(cell) : levelAfter(chunks.get(cell)!)
      return piecesOf(cell, entries, Math.min(DEEPEST, Math.max(known, levelFor(entries))))
    })
  }

  function learn({ requests }: Channel, cell: CellWrite, level: number): void {
    if (!requests.inTransaction) hints.set(cell, level)
  }

  function changeOf(entries: readonly Entry[]): CellValue {
    return type === 'histogram'
      ? new Map(entries.map(({ scalar, times }) => [scalar, times]))
      : new Set(entries.map(({ scalar }) => scalar))
  }

  function valueIn({ h }: MongoDocument): CellValue {
    if (!isRecord(h)) throw new Damaged('h', 'an object', h)
    const fields = Object.entries(h)
    const value =
      type === 'histogram'
        ? new Map(fields.map(([field, times]) => [codec.fromField(field), numberIn(times)]))
        : new Set(fields.map(([field]) => codec.fromField(field)))
    // Two fields of one value, such as 1 and 01.
    if (value.size < fields.length) throw new Damaged('h', 'an object with one field for each value', h)
    return value
  }

  /** Hashes spread evenly: if one chunk of a level is crowded, the others soon will be. */
  async function closeIfCrowded(channel: Channel, { cell, key, level, s }: HashedPiece): Promise<void> {
    const chunk = await findChunk(channel, { ...key, s }, ['n'])
    if (chunk === null || chunk.n === CLOSED || Number(chunk.n) < FULL) return
    // That is how much was written to it; it may hold less.
    const held = await findChunk(channel, { ...key, s }, ['h'])
    if (held === null || Object.keys(held.h as object).reduce((sum, field) => sum + unitsOf(field), 0) < FULL) return
    await close(channel, { _id: held._id })
    learn(channel, cell, level + 1)
  }

  async function relocate(channel: Channel, pieces: readonly HashedPiece[]): Promise<HashedPiece[]> {
    const { cell, key, level } = pieces[0]!
    const last = await findChunk(channel, key, ['s'])
    const deeper = Math.max(level + 1, last === null ? 0 : levelOf(Number(last.s)))
    learn(channel, cell, deeper)
    return piecesOf(
      cell,
      pieces.flatMap(({ entries }) => entries),
      Math.min(deeper, DEEPEST),
    )
  }

  return {
    fields: ['h'],
    manyRows: true,
    write: async (channel, { cells }) =>
      writePieces(channel, await unsentOnFailure(channel, cells, () => firstPieces(channel, cells)), {
        async after(applied) {
          const looked = applied.filter(({ units, level }) => isTimeToLook(units / 2 ** level, FULL))
          await eachOf(channel, looked, (piece) => closeIfCrowded(channel, piece))
        },
        async makeRoom(tooLarge) {
          await eachOf(channel, tooLarge, ({ key, s }) => closeFull(channel, { ...key, s }))
        },
        async relocate(displaced) {
          const cells = [...Map.groupBy(displaced, ({ cell }) => cell).values()]
          return (await eachOf(channel, cells, (pieces) => relocate(channel, pieces))).flat()
        },
      }),
    async replace(channel, cells) {
      await replaceChunks(channel, cells, intervals, chunksFor)
      for (const cell of cells) hints.set(cell, 0)
    },
    read(document, interval, take) {
      take({ ...positionOf(document, interval), value: valueIn(document) })
    },
    rows(document, interval, take) {
      take({ ...positionOf(document, interval), row: document })
    },
    decode: valueIn,
    forget: () => hints.clear(),
  }
}

function guardOf(entries: readonly Entry[]): Guard {
  return new Map(entries.filter(({ times }) => mayOverflow(times)).map(({ field, times }) => [`h.${field}`, times]))
}

function unitsOf(field: string): number {
  return field.length * 3 < UNIT ? 1 : 1 + Math.floor(Buffer.byteLength(field) / UNIT)
}

/** The level at which a change that is large by itself half fills its chunks. */
function levelFor(entries: readonly Entry[]): number {
  // This many fit into one chunk, however long they are.
  if (entries.length < 4) return 0
  const units = sumOf(entries)
  return units <= FULL ? 0 : Math.min(DEEPEST, Math.ceil(Math.log2(units / (FULL / 2))))
}

/** The chunks of a level, with the entries that fall into them. */
function byChunk(entries: readonly Entry[], level: number): Map<number, readonly Entry[]> {
  if (level === 0) return new Map([[0, entries]])
  return Map.groupBy(entries, ({ field }) => chunkAt(level, hashOf(field)))
}

function sumOf(entries: readonly Entry[]): number {
  let units = 0
  for (const entry of entries) units += entry.units
  return units
}

function weightOf(entries: readonly Entry[], units: number): number {
  return DOCUMENT_WEIGHT + entries.length * VALUE_WEIGHT + (units - entries.length) * UNIT
}

/** Level 0 is chunk 0, level 1 chunks 1 and 2, level 2 chunks 3 to 6. */
function chunkAt(level: number, hash: number): number {
  return 2 ** level - 1 + (hash & (2 ** level - 1))
}

/** The level on which a cell continues: its deepest one, or the next if a chunk of that one is closed. */
function levelAfter(chunks: readonly ChunkState[]): number {
  return Math.max(0, ...chunks.map(({ s, n }) => levelOf(s) + (n === CLOSED ? 1 : 0)))
}

function levelOf(s: number): number {
  return 31 - Math.clz32(s + 1)
}

/** Folds the high half of the hash into the low one, which chooses the chunk. Another hash would do no harm to stored data. */
function hashOf(text: string): number {
  const hash = hashText(text)
  return hash ^ (hash >>> 15)
}
