import type { BucketRange, IntervalSchema, TimeseriesType } from '@kairos/core/driver'

/** Most fields of a packed hash: Redis keeps hashes up to this size in its compact form (`hash-max-listpack-entries`, 128 since 7.0, 512 before). */
const FIELDS = 128

/** Fields from here on belong to resolution buckets whose numbers leave gaps, each bucket with so many of them. */
const WIDE_FIELDS = 16_384

/** What places cells of one interval: the part of its schema that every process must agree on, kept beside the record. */
export interface Shape {
  readonly hasResolution: boolean
  readonly fanOut: number
  /** Most fields of a packed hash. */
  readonly fields: number
}

/** What may be long has a key for each cell: texts of a hundred kilobytes in one hash would be read, moved and freed together. */
export function fieldsOf(type: TimeseriesType, valueType: string): number {
  return type === 'gauge' && (valueType === 'text' || valueType === 'blob') ? 1 : FIELDS
}

/** Where a cell lies: the chunk that its name's index lists, and its field or the mark before its elements. */
export interface Place {
  readonly chunk: string
  readonly field: number
}

/**
 * How the buckets of an interval are put into keys.
 *
 * - Counts and gauges are packed: a hash holds the cells of `buckets` buckets in a row, as many as fit its fields. Where one bucket alone has
 *   resolution buckets for more than half of them, several hashes, *pieces*, hold one bucket.
 * - Other types have a key for each bucket; in an interval with a resolution its elements begin with `<offset>:`.
 *
 * A resolution bucket is named by its offset from the first one in its bucket.
 */
export class Layout {
  /** The cells are fields of packed hashes. */
  readonly packed: boolean
  /** Buckets in one chunk. */
  readonly buckets: number
  /** Fields of one bucket. */
  readonly fanOut: number
  readonly hasResolution: boolean
  /** A bucket has several chunks. */
  readonly pieces: boolean
  readonly #fields: number

  constructor(type: TimeseriesType, { hasResolution, fanOut, fields }: Shape) {
    this.packed = type === 'count' || type === 'gauge'
    this.hasResolution = hasResolution
    this.fanOut = fanOut
    this.#fields = fields
    this.pieces = this.packed && fanOut > fields / 2
    this.buckets = this.packed && !this.pieces ? Math.floor(fields / fanOut) : 1
  }

  /** The number by which the index orders the chunks of a bucket. */
  score(bucket: number): number {
    return this.buckets === 1 ? bucket : Math.floor(bucket / this.buckets)
  }

  place(bucket: number, offset: number): Place {
    if (!this.packed) return { chunk: String(bucket), field: offset }
    if (this.pieces) return { chunk: `${bucket}.${Math.floor(offset / this.#fields)}`, field: offset % this.#fields }
    const score = this.score(bucket)
    const index = bucket - score * this.buckets
    // Resolution buckets of a calendar (20240131, 20240201) leave gaps inside a bucket that is none: their fields lie beyond the dense ones.
    const field = offset < this.fanOut ? index * this.fanOut + offset : FIELDS + index * WIDE_FIELDS + offset
    return { chunk: String(score), field }
  }

  /** The newest bucket that a chunk may ever hold: it decides when the chunk expires. */
  lastBucket(score: number): number {
    return (score + 1) * this.buckets - 1
  }

  /** The bucket and the offset of a field of a packed hash. */
  locate(chunk: string, field: number): { bucket: number; offset: number } {
    if (this.pieces) {
      const dot = chunk.indexOf('.')
      return { bucket: Number(chunk.slice(0, dot)), offset: Number(chunk.slice(dot + 1)) * this.#fields + field }
    }
    const [start, width] = field < FIELDS ? [0, this.fanOut] : [FIELDS, WIDE_FIELDS]
    const index = Math.floor((field - start) / width)
    return { bucket: Number(chunk) * this.buckets + index, offset: field - start - index * width }
  }
}

/** The offsets of an interval's resolution buckets. Cells come bucket after bucket, so the last one asked for is kept. */
export class Offsets {
  readonly #schema: Pick<IntervalSchema, 'hasResolution' | 'resolutionRange'>
  #bucket = Number.NaN
  #range: BucketRange = { first: 0, last: 0 }

  constructor(schema: Pick<IntervalSchema, 'hasResolution' | 'resolutionRange'>) {
    this.#schema = schema
  }

  /** The first resolution bucket inside `bucket`. */
  first(bucket: number): number {
    if (!this.#schema.hasResolution) return 0
    if (bucket !== this.#bucket) {
      this.#range = this.#schema.resolutionRange(bucket)
      this.#bucket = bucket
    }
    return this.#range.first
  }
}
