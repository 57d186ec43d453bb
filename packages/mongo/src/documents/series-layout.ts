import type { CellValue, CellWrite, Scalar } from '@kairos/core/driver'
import type { MongoDocument } from '../connection/client.ts'
import { Damaged, damagedIn } from '../values/damaged.ts'
import { type ScalarCodec, sizeOf } from '../values/scalar-codec.ts'
import type { CellKey } from './cell-key.ts'
import { ChunkHints } from './chunk-hints.ts'
import {
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
import { replaceChunks, type WholeChunk } from './replace-chunks.ts'
import type { Channel } from './send-updates.ts'
import { type Piece, unsentOnFailure, writePieces } from './write-updates.ts'

/** A chunk with this many units is closed by the writer that sees it: 4,096 numbers, or about 256 kB of texts. */
const FULL = 4_096
const UNIT = 64
/** More units are written in parts. What is written at once is seen as a whole, however full its chunk becomes. */
const LARGEST_PART = 16 * FULL

const DOCUMENT_WEIGHT = 200
const VALUE_WEIGHT = 16

/** Where a cell continues; all its pieces share it. */
interface Tail {
  readonly cell: CellWrite
  readonly key: CellKey
  s: number
  /** The chunk is known to exist. The first one is made without a check; a later one that was deleted must not be made again, or younger ones would sort before it. */
  exists: boolean
}

/** Values that follow each other, for one chunk. */
interface SeriesPiece extends Piece {
  readonly tail: Tail
  readonly s: number
  readonly units: number
  /** The same values, for the current tail. */
  again(): SeriesPiece
}

interface Run {
  readonly values: readonly Scalar[]
  readonly units: number
}

/**
 * Series: a cell's values in chunks, `v: […]`, numbered by `s` from 0 on. Only the last chunk is open; the next one is made once it is closed.
 * So (s, place in the array) is the order of arrival, across all writers.
 */
export function createSeriesLayout(codec: ScalarCodec, intervals: OpenIntervals): Layout {
  const hints = new ChunkHints()

  function pieceOf(runs: readonly Run[], index: number, tail: Tail): SeriesPiece {
    const { cell, key, s, exists } = tail
    const { values, units } = runs[index]!
    const rest = runs.slice(index + 1).flatMap((run) => run.values)
    return {
      filter: { ...key, s },
      update: {
        $push: { v: { $each: values.map(codec.toValue) } },
        $inc: { n: units },
        $max: { expireAt: intervals.get(cell.interval)!.expireAt(key.i) },
      },
      upsert: s === 0 || !exists,
      weight: weightOf(values, units),
      parts: () => [{ cell, change: values }],
      tail,
      s,
      units,
      again: () => pieceOf(runs, index, tail),
      ...(rest.length > 0 && {
        rest: { parts: () => [{ cell, change: rest }], first: () => pieceOf(runs, index + 1, tail) },
      }),
    }
  }

  /**
   * In a transaction, a write to a closed chunk would end it, and a hint from another transaction may have been rolled back. So the chunks are
   * looked up first.
   */
  async function firstPieces(channel: Channel, cells: readonly CellWrite[]): Promise<SeriesPiece[]> {
    const chunks = channel.requests.inTransaction ? await chunksOf(channel, cells, intervals) : undefined
    const pieces: SeriesPiece[] = []
    for (const cell of cells) {
      const tail = { cell, key: keyOf(cell, intervals.get(cell.interval)!), s: 0, exists: true }
      if (chunks === undefined) tail.s = hints.get(cell)
      else await follow(channel, tail, lastOf(chunks.get(cell)!))
      pieces.push(pieceOf(runsOf(cell.change as readonly Scalar[]), 0, tail))
    }
    return pieces
  }

  function moveTo({ requests }: Channel, tail: Tail, s: number, exists: boolean): void {
    tail.s = s
    tail.exists = exists
    if (!requests.inTransaction) hints.set(tail.cell, s)
  }

  async function closeIfFull(channel: Channel, { tail, s }: SeriesPiece): Promise<void> {
    const chunk = await findChunk(channel, { ...tail.key, s }, ['n'])
    if (chunk === null || !isFull({ n: chunk.n })) return
    if (chunk.n !== CLOSED) await close(channel, { _id: chunk._id })
    moveTo(channel, tail, s + 1, false)
  }

  /** Moves the tail to where the cell's last chunk says. */
  async function follow(channel: Channel, tail: Tail, last: ChunkState | null): Promise<void> {
    if (last === null) return moveTo(channel, tail, 0, false)
    if (![CLOSED, undefined].includes(last.n as string) && !['number', 'bigint'].includes(typeof last.n))
      throw damagedIn({ ...tail.key, s: last.s }, 'n must be a number')
    if (!isFull(last)) return moveTo(channel, tail, last.s, true)
    // Full, but not closed: its writer died or failed between its write and its check.
    if (last.n !== CLOSED) await close(channel, last)
    moveTo(channel, tail, last.s + 1, false)
  }

  async function relocate(channel: Channel, { tail, again }: SeriesPiece): Promise<SeriesPiece> {
    const last = await findChunk(channel, tail.key, ['s', 'n'])
    await follow(channel, tail, last === null ? null : { _id: last._id, s: Number(last.s), n: last.n })
    return again()
  }

  /** Only the last one accepts more. */
  function chunksFor(value: CellValue): WholeChunk[] {
    const runs = runsOf(value as readonly Scalar[])
    return runs.map(({ values, units }, s) => ({
      s,
      fields: { v: values.map(codec.toValue), n: s < runs.length - 1 ? CLOSED : units },
      weight: weightOf(values, units),
    }))
  }

  function valuesIn({ v }: MongoDocument): Scalar[] {
    if (!Array.isArray(v)) throw new Damaged('v', 'a list', v)
    return v.map(codec.fromValue)
  }

  return {
    fields: ['s', 'v'],
    manyRows: true,
    orderOf: ({ s }) => Number(s),
    write: async (channel, { cells }) =>
      writePieces(channel, await unsentOnFailure(channel, cells, () => firstPieces(channel, cells)), {
        async after(applied) {
          for (const { tail, s } of applied) if (s > 0) moveTo(channel, tail, s, true)
          const looked = applied.filter(({ units }) => isTimeToLook(units, FULL))
          await eachOf(channel, looked, (piece) => closeIfFull(channel, piece))
        },
        makeRoom: (tooLarge) =>
          eachOf(channel, tooLarge, async (piece) => {
            await closeFull(channel, { ...piece.tail.key, s: piece.s })
            return relocate(channel, piece)
          }),
        relocate: (displaced) => eachOf(channel, displaced, (piece) => relocate(channel, piece)),
      }),
    async replace(channel, cells) {
      await replaceChunks(channel, cells, intervals, chunksFor)
      for (const cell of cells) hints.set(cell, 0)
    },
    read(document, interval, take) {
      take({ ...positionOf(document, interval), value: valuesIn(document) })
    },
    rows(document, interval, take) {
      take({ ...positionOf(document, interval), row: document })
    },
    decode: valuesIn,
    forget: () => hints.clear(),
  }
}

function weightOf(values: readonly Scalar[], units: number): number {
  return DOCUMENT_WEIGHT + values.length * VALUE_WEIGHT + (units - values.length) * UNIT
}

function lastOf(chunks: readonly ChunkState[]): ChunkState | null {
  let last: ChunkState | null = null
  for (const chunk of chunks) if (last === null || chunk.s > last.s) last = chunk
  return last
}

function isFull({ n }: Pick<ChunkState, 'n'>): boolean {
  return n === CLOSED || Number(n) >= FULL
}

/** Splits values into runs of at most this many units, but of at least one value. */
function runsOf(values: readonly Scalar[]): Run[] {
  const runs: Run[] = []
  let start = 0
  let units = 0
  for (let index = 0; index < values.length; index++) {
    const own = 1 + Math.floor(sizeOf(values[index]!) / UNIT)
    if (units > 0 && units + own > LARGEST_PART) {
      runs.push({ values: values.slice(start, index), units })
      start = index
      units = 0
    }
    units += own
  }
  runs.push({ values: start === 0 ? values : values.slice(start), units })
  return runs
}
