import type { CellValue, CellWrite, Scalar } from '@kairos/core/driver'
import { type CellKey, chunkAt, eachOf, keyOf, lastChunk, Memory, positionOf } from './chunks.ts'
import type { MongoDocument, MongoModule } from './client.ts'
import type { Layout, OpenIntervals } from './layout.ts'
import { type Piece, writePieces } from './pieces.ts'
import type { ScalarCodec } from './scalars.ts'
import type { Channel } from './send.ts'

/** A chunk to which this many units have been written is looked at before it takes more: 1,024 short values, or about 256 kB of long ones. */
const FULL = 1_024
const UNIT = 256
/** A chunk that really holds more is left as it is; one that holds less has been written the same values again and again. */
const CROWDED = (FULL / 4) * 3

const DOCUMENT_WEIGHT = 200
const VALUE_WEIGHT = 16
const DEEPEST = 24

/** A value, and how it is written. */
interface Entry {
  readonly scalar: Scalar
  readonly times: number
  readonly field: string
  readonly units: number
  readonly hash: number
}

/** What one chunk of a cell is to take in. */
interface HashedPiece extends Piece {
  readonly cell: CellWrite
  readonly key: CellKey
  readonly level: number
  readonly s: number
  readonly entries: readonly Entry[]
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
  const memory = new Memory()

  function entryOf(scalar: Scalar, times: number): Entry {
    const field = codec.toField(scalar)
    return { scalar, times, field, units: unitsOf(field), hash: hashOf(field) }
  }

  function entriesOf(change: CellValue): Entry[] {
    return type === 'histogram'
      ? Array.from(change as ReadonlyMap<Scalar, number>, ([scalar, times]) => entryOf(scalar, times))
      : Array.from(change as ReadonlySet<Scalar>, (scalar) => entryOf(scalar, 1))
  }

  function pieceOf(cell: CellWrite, key: CellKey, level: number, s: number, entries: readonly Entry[]): HashedPiece {
    const increments: Record<string, unknown> = {}
    const members: Record<string, unknown> = {}
    let units = 0
    for (const { field, times, units: own } of entries) {
      if (type === 'histogram') increments[`h.${field}`] = new Double(times)
      else members[`h.${field}`] = true
      units += own
    }
    increments.n = units
    return {
      filter: { ...key, s, n: { $lt: FULL } },
      update: {
        $inc: increments,
        ...(type === 'set' && { $set: members }),
        $max: { expireAt: intervals.get(cell.interval)!.expireAt(key.i) },
      },
      upsert: true,
      weight: DOCUMENT_WEIGHT + entries.length * VALUE_WEIGHT + units * UNIT * Number(units > entries.length),
      parts: [{ cell, change: changeOf(entries) }],
      cell,
      key,
      level,
      s,
      entries,
    }
  }

  function changeOf(entries: readonly Entry[]): CellValue {
    return type === 'histogram'
      ? new Map(entries.map(({ scalar, times }) => [scalar, times]))
      : new Set(entries.map(({ scalar }) => scalar))
  }

  /** One piece for each chunk of the level that the entries fall into. */
  function piecesOf(cell: CellWrite, entries: readonly Entry[], level: number): HashedPiece[] {
    const key = keyOf(cell, intervals.get(cell.interval)!)
    if (level === 0) return [pieceOf(cell, key, 0, 0, entries)]
    const chunks = new Map<number, Entry[]>()
    for (const entry of entries) {
      const s = chunkOf(level, entry.hash)
      const chunk = chunks.get(s)
      if (chunk === undefined) chunks.set(s, [entry])
      else chunk.push(entry)
    }
    return [...chunks].map(([s, own]) => pieceOf(cell, key, level, s, own))
  }

  function firstPieces(cell: CellWrite): HashedPiece[] {
    const entries = entriesOf(cell.change)
    return piecesOf(cell, entries, Math.max(memory.get(cell), levelFor(entries)))
  }

  /** Where a cell goes on, whose chunks took no more. */
  async function relocate(channel: Channel, pieces: readonly HashedPiece[]): Promise<HashedPiece[]> {
    const { cell, key, level } = pieces[0]!
    const last = await lastChunk(channel, key, ['s'])
    const deepest = last === null ? 0 : levelOfChunk(Number(last.s))
    const next = deepest > level ? deepest : level + Number(!(await makeRoom(channel, pieces)))
    memory.set(cell, next)
    return piecesOf(
      cell,
      pieces.flatMap(({ entries }) => entries),
      Math.min(next, DEEPEST),
    )
  }

  /** Whether all these chunks can take more. The first tells of the others, for hashes spread evenly; only where it can are they looked at. */
  async function makeRoom(channel: Channel, [first, ...others]: readonly HashedPiece[]): Promise<boolean> {
    if (!(await makeRoomIn(channel, first!))) return false
    const rooms = await eachOf(others, (piece) => makeRoomIn(channel, piece))
    return rooms.every(Boolean)
  }

  async function makeRoomIn(channel: Channel, { key, s }: HashedPiece): Promise<boolean> {
    const chunk = await chunkAt(channel, key, s, ['n', 'h'])
    // Deleted meanwhile, or made just now by another writer, whose upsert won the race.
    if (chunk === null || Number(chunk.n) < FULL) return true
    const held = Object.keys(chunk.h as object).reduce((sum, field) => sum + unitsOf(field), 0)
    if (held > CROWDED) return false
    // Compared with what was read: a value that came in between is counted then.
    await channel.collection.updateOne({ ...key, s, n: chunk.n }, { $set: { n: held } })
    return true
  }

  function valueIn({ h }: MongoDocument): CellValue {
    const fields = Object.entries(h as MongoDocument)
    return type === 'histogram'
      ? new Map(fields.map(([field, times]) => [codec.fromField(field), Number(times)]))
      : new Set(fields.map(([field]) => codec.fromField(field)))
  }

  return {
    field: 'h',
    ordered: false,
    write: (channel, { cells }) =>
      writePieces(channel, cells.flatMap(firstPieces), async (displaced) => {
        const byCell = Map.groupBy(displaced, ({ cell }) => cell)
        return (await eachOf([...byCell.values()], (pieces) => relocate(channel, pieces))).flat()
      }),
    read(document, interval, take) {
      take({ ...positionOf(document, interval), value: valueIn(document) })
    },
    rows(document, interval, take) {
      take({ ...positionOf(document, interval), row: document })
    },
    decode: valueIn,
    forget: () => memory.clear(),
  }
}

function unitsOf(field: string): number {
  return field.length * 3 < UNIT ? 1 : 1 + Math.floor(Buffer.byteLength(field) / UNIT)
}

/** The level at which a change that is large by itself fills its chunks by half. */
function levelFor(entries: readonly Entry[]): number {
  const units = entries.length < FULL / 8 ? 0 : entries.reduce((sum, entry) => sum + entry.units, 0)
  return units <= FULL ? 0 : Math.min(DEEPEST, Math.ceil(Math.log2(units / (FULL / 2))))
}

/** Level 0 is chunk 0, level 1 chunks 1 and 2, level 2 chunks 3 to 6. */
function chunkOf(level: number, hash: number): number {
  return 2 ** level - 1 + (hash & (2 ** level - 1))
}

function levelOfChunk(s: number): number {
  return 31 - Math.clz32(s + 1)
}

/** FNV-1a, 32 bits, over code units; the high half folded into the low one, which is what chooses. Another hash would do no harm to stored data. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return hash ^ (hash >>> 15)
}
