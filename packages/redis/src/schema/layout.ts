import type { BucketRange, IntervalSchema, StoreSchema, TimeseriesType } from '@kairos/core/driver'
import { packsOf } from '../values/codecs.ts'

/**
 * How many numbers a chunk has room for: with presence bits and a server's own header, just less than 512, 1,024 or 2,048 bytes of 16, 32 or 64 bits each, which
 * is what allocators give. See decision 0033 for what other sizes cost.
 */
const NUMBERS = 232

/** The most fields of other chunks. Redis keeps a hash up to this size in its compact form (`hash-max-listpack-entries`, 128 since 7.0, 512 before). */
const FIELDS = 128

/**
 * How many summaries a chunk has room for. They take 16 to 48 bytes each, absent ones none; a chunk is rewritten whole for each new one, so it is kept
 * within some 4 kB.
 */
const SUMMARIES = 120

/** How many sketches a chunk has room for, together at most some 100 kB of registers at the default precision. */
const SKETCHES = 32

/** How many fields each bucket has for resolution buckets whose offsets leave gaps, in chunks of their own; they begin with as many unused ones. */
const WIDE_FIELDS = 16_384

/** The types whose cells are fields of a chunk. */
const PACKED: readonly TimeseriesType[] = ['count', 'gauge', 'summary', 'distribution', 'unique']
/** Of these, those without a hash beside their chunks. */
const CHUNKS_ONLY: readonly TimeseriesType[] = ['summary', 'distribution', 'unique']

/** What follows the number in the name of such a chunk, which stays a hash. */
const WIDE = '+'

/** The part of an interval's schema that decides where its cells are stored. Every process must agree on it, so it is kept beside the record. */
export interface Shape {
  readonly hasResolution: boolean
  readonly fanOut: number
  /** The most fields of a packed hash. */
  readonly fields: number
}

/**
 * How many fields a chunk has room for. Values that may be long have a key for each cell: texts of a hundred kilobytes in one hash would be read, moved and
 * freed together.
 */
export function fieldsOf({ type, valueType }: Pick<StoreSchema<TimeseriesType>, 'type' | 'valueType'>): number {
  if (type === 'summary') return SUMMARIES
  if (type === 'distribution' || type === 'unique') return SKETCHES
  if (type === 'gauge' && (valueType === 'text' || valueType === 'blob')) return 1
  return packsOf({ type, valueType }) === undefined ? FIELDS : NUMBERS
}

/** Where a cell is stored: the chunk that its name's index lists, and its field in a packed hash, or the offset before its elements. */
export interface Place {
  readonly chunk: string
  readonly field: number
}

/**
 * How the buckets of an interval are put into keys.
 *
 * - Counts and gauges are packed: a hash holds the cells of `buckets` consecutive buckets, as many as fit its fields. If the resolution buckets
 *   of one bucket need more than half of the fields, a bucket is split into several hashes, its *pieces*.
 * - Summaries, distributions and uniques are packed as well; their resolution buckets always make pieces, since only numbers have a hash beside their
 *   chunks.
 * - Other types have a key for each bucket; in an interval with a resolution its elements begin with `<offset>:`.
 *
 * A resolution bucket is stored as its offset from the first one in its bucket.
 */
export class Layout {
  /** Cells are fields of packed hashes. */
  readonly packed: boolean
  /** The number of buckets in a chunk. */
  readonly buckets: number
  /** The number of fields of a bucket. */
  readonly fanOut: number
  readonly hasResolution: boolean
  /** A bucket is split into several chunks. */
  readonly pieces: boolean
  /** How many fields a chunk has room for. */
  readonly fields: number

  constructor(type: TimeseriesType, { hasResolution, fanOut, fields }: Shape) {
    this.packed = PACKED.includes(type)
    this.hasResolution = hasResolution
    this.fanOut = fanOut
    this.fields = fields
    this.pieces = this.packed && (fanOut > fields / 2 || (hasResolution && CHUNKS_ONLY.includes(type)))
    this.buckets = this.packed && !this.pieces ? Math.floor(fields / fanOut) : 1
  }

  /** The score of a bucket's chunks in the index. */
  score(bucket: number): number {
    return this.buckets === 1 ? bucket : Math.floor(bucket / this.buckets)
  }

  place(bucket: number, offset: number): Place {
    if (!this.packed) return { chunk: String(bucket), field: offset }
    if (this.pieces) return { chunk: `${bucket}.${Math.floor(offset / this.fields)}`, field: offset % this.fields }
    const score = this.score(bucket)
    const index = bucket - score * this.buckets
    if (offset < this.fanOut) return { chunk: String(score), field: index * this.fanOut + offset }
    // Calendar numbers (20240131, 20240201) leave gaps inside a bucket that spans them.
    return { chunk: `${score}${WIDE}`, field: (index + 1) * WIDE_FIELDS + offset }
  }

  /** The newest bucket that a chunk can hold, which decides when the chunk expires. */
  lastBucket(score: number): number {
    return (score + 1) * this.buckets - 1
  }

  /** Whether a chunk may have a field. */
  hasField(chunk: string, field: number): boolean {
    if (chunk.endsWith(WIDE)) return field >= WIDE_FIELDS && Number.isInteger(field)
    return field >= 0 && field < (this.pieces ? this.fields : this.buckets * this.fanOut) && Number.isInteger(field)
  }

  /** The bucket and offset of a field of a packed hash; the inverse of `place`. */
  locate(chunk: string, field: number): { bucket: number; offset: number } {
    if (this.pieces) {
      const dot = chunk.indexOf('.')
      return { bucket: Number(chunk.slice(0, dot)), offset: Number(chunk.slice(dot + 1)) * this.fields + field }
    }
    const [start, width] = field < WIDE_FIELDS ? [0, this.fanOut] : [WIDE_FIELDS, WIDE_FIELDS]
    const index = Math.floor((field - start) / width)
    return { bucket: Number.parseInt(chunk, 10) * this.buckets + index, offset: field - start - index * width }
  }
}

/** The first resolution bucket of each bucket of an interval. Cells come bucket by bucket, so the last answer is kept. */
export class Offsets {
  readonly #schema: Pick<IntervalSchema, 'hasResolution' | 'resolutionRange'>
  #bucket = Number.NaN
  #range: BucketRange = { first: 0, last: 0 }

  constructor(schema: Pick<IntervalSchema, 'hasResolution' | 'resolutionRange'>) {
    this.#schema = schema
  }

  /** The first resolution bucket inside `bucket`. */
  first(bucket: number): number {
    return this.#schema.hasResolution ? this.#rangeOf(bucket).first : 0
  }

  /** Above every offset inside `bucket`. */
  limit(bucket: number): number {
    const { first, last } = this.#rangeOf(bucket)
    return last - first + 1
  }

  #rangeOf(bucket: number): BucketRange {
    if (bucket !== this.#bucket) {
      this.#range = this.#schema.resolutionRange(bucket)
      this.#bucket = bucket
    }
    return this.#range
  }
}
