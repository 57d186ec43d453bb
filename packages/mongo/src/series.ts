import type { CellWrite, Scalar } from '@kairos/core/driver'
import { type CellKey, eachOf, findChunk, isTimeToLook, keyOf, positionOf } from './chunks.ts'
import type { MongoDocument } from './client.ts'
import { codeOf, DUPLICATE_KEY } from './failures.ts'
import type { OpenInterval } from './intervals.ts'
import type { Layout, OpenIntervals } from './layout.ts'
import { type Piece, writePieces } from './pieces.ts'
import { type ScalarCodec, sizeOf } from './scalars.ts'
import type { Channel } from './send.ts'

/** A chunk that holds this many units is closed by whoever sees it: 4,096 numbers, or about 256 kB of texts. */
const FULL = 4_096
const UNIT = 64

/** The number of the chunk that takes values; closed ones are 1, 2, 3, … */
const OPEN = 0

const DOCUMENT_WEIGHT = 200
const VALUE_WEIGHT = 16

/** Values that follow each other, and those of the same cell that follow them. */
interface SeriesPiece extends Piece {
  readonly key: CellKey
  readonly units: number
  readonly next?: SeriesPiece
}

interface Run {
  readonly values: readonly Scalar[]
  readonly units: number
}

/**
 * Series: a cell's values in chunks, `v: […]`. All writers append to the open chunk, s = 0. One that has become large is closed: its `s` becomes the
 * next number, in one atomic update, and the next value opens another. So (closed chunks by number, then the open one) is the order of arrival.
 */
export function createSeriesLayout(codec: ScalarCodec, intervals: OpenIntervals): Layout {
  function pieceOf(cell: CellWrite, { values, units }: Run, next: SeriesPiece | undefined): SeriesPiece {
    const interval = intervals.get(cell.interval)!
    const key = keyOf(cell, interval)
    return {
      filter: { ...key, s: OPEN },
      update: {
        $push: { v: { $each: values.map(codec.toValue) } },
        $inc: { n: units },
        $max: { expireAt: interval.expireAt(key.i) },
      },
      weight: DOCUMENT_WEIGHT + values.length * VALUE_WEIGHT + (units - values.length) * UNIT,
      parts: [{ cell, change: values }],
      key,
      units,
      ...(next && { next }),
    }
  }

  function firstPiece(cell: CellWrite): SeriesPiece {
    let piece: SeriesPiece | undefined
    for (const run of runsOf(cell.change as readonly Scalar[]).reverse()) piece = pieceOf(cell, run, piece)
    return piece!
  }

  function valuesIn({ v }: MongoDocument): Scalar[] {
    return (v as unknown[]).map(codec.fromValue)
  }

  return {
    fields: ['s', 'v'],
    // Closed chunks first, by number.
    orderOf: ({ s }) => Number(s) || Number.POSITIVE_INFINITY,
    write: (channel, { cells }) =>
      writePieces(channel, cells.map(firstPiece), (applied) =>
        eachOf(
          channel,
          applied.filter(({ units }) => isTimeToLook(units, FULL)),
          ({ key }) => closeIfFull(channel, key),
        ),
      ),
    read(document, interval: OpenInterval, take) {
      take({ ...positionOf(document, interval), value: valuesIn(document) })
    },
    rows(document, interval: OpenInterval, take) {
      take({ ...positionOf(document, interval), row: document })
    },
    decode: valuesIn,
    forget() {},
  }
}

async function closeIfFull(channel: Channel, key: CellKey): Promise<void> {
  const open = await findChunk(channel, { ...key, s: OPEN }, ['n'])
  if (open === null || Number(open.n) < FULL) return
  for (;;) {
    const last = await findChunk(channel, key, ['s'])
    try {
      // By its own id, since another may have closed it and opened the next one meanwhile.
      await channel.collection.updateOne(
        { _id: open._id, s: OPEN },
        { $set: { s: Number(last?.s ?? OPEN) + 1 } },
        channel.session && { session: channel.session },
      )
      return
    } catch (error) {
      // The number was taken since: by a chunk that is older than this one.
      if (codeOf(error) !== DUPLICATE_KEY) throw error
    }
  }
}

/** Values in runs of at most FULL units, but of at least one value. */
function runsOf(values: readonly Scalar[]): Run[] {
  const runs: Run[] = []
  let start = 0
  let units = 0
  for (let index = 0; index < values.length; index++) {
    const own = 1 + Math.floor(sizeOf(values[index]!) / UNIT)
    if (units > 0 && units + own > FULL) {
      runs.push({ values: values.slice(start, index), units })
      start = index
      units = 0
    }
    units += own
  }
  runs.push({ values: start === 0 ? values : values.slice(start), units })
  return runs
}
