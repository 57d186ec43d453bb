import type { CellWrite, Scalar } from '@kairos/core/driver'
import { type CellKey, eachOf, keyOf, lastChunk, Memory, positionOf } from './chunks.ts'
import type { Layout, OpenIntervals } from './layout.ts'
import { type Piece, writePieces } from './pieces.ts'
import { type ScalarCodec, sizeOf } from './scalars.ts'
import type { Channel } from './send.ts'

/** A chunk that holds this many units takes no more: 4,096 numbers, or about 256 kB of texts. */
const FULL = 4_096
const UNIT = 64

const DOCUMENT_WEIGHT = 200
const VALUE_WEIGHT = 16

/** Values that follow each other, for one chunk. */
interface SeriesPiece extends Piece {
  readonly cell: CellWrite
  readonly s: number
  readonly next?: SeriesPiece
  readonly run: Run
}

interface Run {
  readonly values: readonly Scalar[]
  readonly units: number
}

/**
 * Series: a cell's values in chunks, `v: […]`, numbered by `s`. A chunk whose `n` has reached FULL never takes another value, and a writer
 * never goes back to an earlier one: so (s, place in the array) is the order of arrival.
 */
export function createSeriesLayout(codec: ScalarCodec, intervals: OpenIntervals): Layout {
  const memory = new Memory()

  /** The runs of one cell, each to follow the one before it. */
  function chain(cell: CellWrite, key: CellKey, runs: readonly Run[], s: number, mustExist: boolean): SeriesPiece {
    let next: SeriesPiece | undefined
    for (let index = runs.length - 1; index >= 0; index--) {
      // A run that fills a chunk by itself leaves it full, so the next one begins another.
      const own = s + runs.slice(0, index).filter(({ units }) => units >= FULL).length
      if (next === undefined) memory.set(cell, own)
      next = pieceOf(cell, key, runs[index]!, own, mustExist && own === s, next)
    }
    return next!
  }

  function pieceOf(
    cell: CellWrite,
    key: CellKey,
    run: Run,
    s: number,
    mustExist: boolean,
    next: SeriesPiece | undefined,
  ): SeriesPiece {
    const expireAt = intervals.get(cell.interval)!.expireAt(key.i)
    return {
      filter: { ...key, s, n: { $lt: FULL } },
      update: {
        $push: { v: { $each: run.values.map(codec.toValue) } },
        $inc: { n: run.units },
        $max: { expireAt },
      },
      upsert: !mustExist,
      weight:
        DOCUMENT_WEIGHT + run.values.length * VALUE_WEIGHT + run.units * UNIT * Number(run.units > run.values.length),
      parts: [{ cell, change: run.values }],
      cell,
      s,
      run,
      ...(next && { next }),
    }
  }

  function firstPiece(cell: CellWrite): SeriesPiece {
    const s = memory.get(cell)
    const key = keyOf(cell, intervals.get(cell.interval)!)
    // Only the first chunk is made unseen. A remembered one may have been deleted since, and made again it would come after younger ones.
    return chain(cell, key, runsOf(cell.change as readonly Scalar[]), s, s > 0)
  }

  /** Where a cell goes on, whose chunk was full or is gone. */
  async function relocate(channel: Channel, piece: SeriesPiece): Promise<SeriesPiece> {
    const { cell } = piece
    const key = keyOf(cell, intervals.get(cell.interval)!)
    const last = await lastChunk(channel, key, ['s', 'n'])
    const full = last !== null && Number(last.n) >= FULL
    const s = last === null ? 0 : Number(last.s) + Number(full)
    const runs: Run[] = []
    for (let each: SeriesPiece | undefined = piece; each !== undefined; each = each.next) runs.push(each.run)
    return chain(cell, key, runs, s, s > 0 && !full)
  }

  return {
    field: 'v',
    ordered: true,
    write: (channel, { cells }) =>
      writePieces(channel, cells.map(firstPiece), (displaced) =>
        eachOf(displaced, (piece) => relocate(channel, piece)),
      ),
    read(document, interval, take) {
      take({ ...positionOf(document, interval), value: valuesIn(document) })
    },
    rows(document, interval, take) {
      take({ ...positionOf(document, interval), row: document })
    },
    decode: valuesIn,
    forget: () => memory.clear(),
  }

  function valuesIn({ v }: Readonly<Record<string, unknown>>): Scalar[] {
    return (v as unknown[]).map(codec.fromValue)
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
  runs.push({ values: values.slice(start), units })
  return runs
}
