import type { CellPosition, IntervalSchema, OldestLive } from '@kairos/core/driver'
import type { Argument } from '../connection/client.ts'
import { type Layout, Offsets } from '../schema/layout.ts'
import type { Element } from '../values/codecs.ts'
import { type ShardedName, type StoreContext, shardedName } from './context.ts'

/** A cell to write or to replace. */
interface CellToChange extends CellPosition {
  readonly interval: string
}

interface Batch<Cell> {
  readonly cells: readonly Cell[]
  readonly oldestLive: OldestLive
}

/** What a call does, as a flat list: what is done to each chunk, and the elements that it is done with. */
type Steps = (Element | number)[]

/** Appends the elements of the cells of a chunk. Returns their weight: how many usual elements take the script as long. */
export type Encoding<Cell> = (steps: Steps, layout: Layout, fields: readonly number[], cells: readonly Cell[]) => number

/** Encodes cells one by one. `mark` is the field of a cell in a hash, or the offset before its elements. */
export function cellByCell<Cell>(append: (steps: Steps, mark: string, cell: Cell) => void): Encoding<Cell> {
  return (steps, layout, fields, cells) => {
    const start = steps.length
    for (let index = 0; index < cells.length; index++) {
      const field = fields[index]!
      append(steps, layout.packed ? String(field) : layout.hasResolution ? `${field}:` : '', cells[index]!)
    }
    return steps.length - start
  }
}

/** One call of a script that changes cells. */
export interface ScriptCall<Cell> {
  /** The key of the marker comes first, if there is one. */
  readonly keys: readonly string[]
  readonly parameters: readonly Argument[]
  readonly steps: Readonly<Steps>
  /** In the order of their keys. */
  readonly chunks: readonly Chunk<Cell>[]
}

/** The cells of one call that share a key. */
export interface Chunk<Cell> {
  readonly index: string
  /** The chunk as its index lists it. */
  readonly name: string
  /** Where in the call's steps the elements of its cells begin. */
  readonly start: number
  /** Their fields, if they are numbers. */
  readonly fields: number[]
  readonly cells: Cell[]
}

export function keyOfChunk<Cell>({ index, name }: Chunk<Cell>): string {
  return `${index}:${name}`
}

/**
 * The most elements in one call, so that the script blocks the server only for a few milliseconds. A single cell may have more, since its change is
 * made in one step.
 */
const MOST_WEIGHT = 4_000
/** A new chunk has to be added to the index and to be given an expiry, which takes as long as that many elements. */
const CHUNK_WEIGHT = 12
/** Longer texts are arguments of their own, as bytes are: a server copies these, where it takes JSON apart character by character. */
const LONGEST_TEXT = 200

/**
 * The calls that change the cells of a batch: in a cluster each shard has its own, otherwise calls span shards, which saves round trips. If the batch has an
 * id, each shard has its own as well; and only one, whatever its size, if the id is the caller's. A process that repeats the batch later, when some of its
 * cells may have expired, then has the same names in the same calls, and so under the same markers.
 */
export function scriptCallsOf<Cell extends CellToChange>(
  context: StoreContext,
  batch: Batch<Cell>,
  encoding: Encoding<Cell>,
  { id, apart = false }: { readonly id?: string | undefined; readonly apart?: boolean } = {},
): readonly ScriptCall<Cell>[] {
  const builder = new ScriptCallBuilder(context, batch, encoding, id, apart)
  for (const cell of batch.cells) builder.add(cell)
  return builder.finish()
}

/** Cells come sorted by name, interval and bucket: those of a chunk are consecutive. */
class ScriptCallBuilder<Cell extends CellToChange> {
  readonly #calls: OpenCall<Cell>[] = []
  readonly #context: StoreContext
  readonly #batch: Batch<Cell>
  readonly #encoding: Encoding<Cell>
  readonly #id: string | undefined
  /** The call of each shard that has room left; under 0 for all shards if they need not be separate. */
  readonly #open = new Map<number, OpenCall<Cell>>()
  readonly #intervals = new Map<string, IntervalPlaces<Cell>>()
  #name = shardedName('', { shards: 1 })
  #interval: IntervalPlaces<Cell> | undefined
  #index = ''
  /** The call that has steps of this name; undefined before the first. */
  #call: OpenCall<Cell> | undefined
  /** Where in its steps the number of chunks of this name is. */
  #countAt = 0
  /** Whether the call declares the keys that lead to the chunks of this name and interval. */
  #declared = false
  /** The chunk whose cells are collected, and its score if only that makes its name. */
  #chunk: Chunk<Cell> | undefined
  #score = Number.NaN
  /** Whether each shard has calls of its own. */
  readonly #apart: boolean
  /** Whether a call is never full. */
  readonly #whole: boolean
  /** A cluster must know all keys, so that it can refuse a call before it has done a part; a server by itself only reads each of them. */
  readonly #declares: boolean
  /** The number of calls of each shard. */
  readonly #counts = new Map<number, number>()

  constructor(
    context: StoreContext,
    batch: Batch<Cell>,
    encoding: Encoding<Cell>,
    id: string | undefined,
    apart: boolean,
  ) {
    this.#context = context
    this.#batch = batch
    this.#encoding = encoding
    this.#id = id
    this.#declares = context.runner.client.cluster
    this.#apart = this.#declares || apart
    this.#whole = id?.startsWith('key:') === true
  }

  finish(): readonly ScriptCall<Cell>[] {
    this.#endChunk()
    const { root } = this.#context.keys
    return this.#calls.map(({ keys, places, steps, chunks }) => ({
      keys,
      parameters: parametersOf(root, places, steps),
      steps,
      chunks,
    }))
  }

  add(cell: Cell): void {
    const interval = this.#intervalOf(cell)
    const { layout, offsets, schema } = interval
    const offset = schema.hasResolution ? cell.resolutionBucket - offsets.first(cell.bucket) : 0
    const score = layout.score(cell.bucket)
    let field: number
    if (layout.packed && !layout.pieces && offset < layout.fanOut) {
      field = (cell.bucket - score * layout.buckets) * layout.fanOut + offset
      if (score !== this.#score) {
        this.#beginChunk(interval, interval.ofScore(score))
        this.#score = score
      }
    } else {
      const place = layout.place(cell.bucket, offset)
      field = place.field
      if (place.chunk !== this.#chunk?.name) this.#beginChunk(interval, interval.placeOf(place.chunk, score))
      this.#score = Number.NaN
    }
    this.#chunk!.cells.push(cell)
    this.#chunk!.fields.push(field)
  }

  #intervalOf({ name, interval }: CellToChange): IntervalPlaces<Cell> {
    const current = this.#interval
    const isSameName = this.#name.name === name
    if (isSameName && current?.name === interval) return current
    this.#endChunk()
    const { keys, intervals } = this.#context
    if (!isSameName) {
      this.#name = shardedName(name, keys)
      this.#call = undefined
    }
    let next = this.#intervals.get(interval)
    if (next === undefined) {
      next = new IntervalPlaces(interval, intervals.get(interval)!, this.#batch.oldestLive[interval]!)
      this.#intervals.set(interval, next)
    }
    this.#interval = next
    this.#index = keys.index(this.#name.shard, next.part, this.#name.part)
    this.#declared = false
    return next
  }

  #beginChunk(interval: IntervalPlaces<Cell>, place: ChunkPlace<Cell>): void {
    this.#endChunk()
    let call = this.#call
    if (call === undefined || this.#isFull(call)) call = this.#beginName(interval)
    const { steps, chunks } = call
    steps[this.#countAt] = (steps[this.#countAt] as number) + 1
    if (place.call !== call) {
      place.call = call
      place.ordinal = call.places.push([interval.part, interval.shape, place.chunk, place.expiry, interval.live])
    }
    steps.push(place.ordinal, 0)
    this.#chunk = { index: this.#index, name: place.chunk, start: steps.length, fields: [], cells: [] }
    chunks.push(this.#chunk)
    if (this.#declares) this.#declare(call, interval, this.#chunk)
  }

  /** Appends the elements of the chunk that has been collected. */
  #endChunk(): void {
    if (this.#chunk === undefined) return
    const { start, fields, cells } = this.#chunk
    const call = this.#call!
    const { steps } = call
    call.weight += this.#encoding(steps, this.#interval!.layout, fields, cells) + CHUNK_WEIGHT
    steps[start - 1] = steps.length - start
    this.#chunk = undefined
    this.#score = Number.NaN
  }

  #isFull({ weight }: OpenCall<Cell>): boolean {
    return !this.#whole && weight >= MOST_WEIGHT
  }

  #beginName({ part }: IntervalPlaces<Cell>): OpenCall<Cell> {
    const name = this.#name
    const group = this.#apart ? name.shard : 0
    let call = this.#open.get(group)
    if (call === undefined || this.#isFull(call)) {
      call = { keys: this.#firstKeys(group, name, part), places: [], steps: [], chunks: [], weight: 0 }
      this.#open.set(group, call)
      this.#calls.push(call)
    }
    call.steps.push(name.part, String(name.shard), 0)
    this.#countAt = call.steps.length - 1
    this.#call = call
    this.#declared = false
    return call
  }

  /** The marker, or where it is not a cluster any key of the call, so that it has one. */
  #firstKeys(group: number, { shard }: ShardedName, part: string): string[] {
    const ordinal = this.#counts.get(group) ?? 0
    this.#counts.set(group, ordinal + 1)
    const { keys } = this.#context
    if (this.#id !== undefined) return [keys.marker(shard, `${this.#id}.${ordinal}`)]
    return this.#declares ? [] : [keys.registry(shard, part)]
  }

  #declare({ keys }: OpenCall<Cell>, { part }: IntervalPlaces<Cell>, chunk: Chunk<Cell>): void {
    if (!this.#declared) keys.push(this.#context.keys.registry(this.#name.shard, part), this.#index)
    this.#declared = true
    keys.push(keyOfChunk(chunk))
  }
}

interface OpenCall<Cell> {
  readonly keys: string[]
  readonly places: PlaceParameters[]
  readonly steps: Steps
  readonly chunks: Chunk<Cell>[]
  /** How long it takes, counted in elements. */
  weight: number
}

/** What scripts must know of the chunks at one place: see `writing`. */
type PlaceParameters = readonly [
  part: string,
  shape: string | number,
  chunk: string,
  expiry: number | false,
  live: string,
]

/** Where chunks of any name are: mostly many names are written at the same few places. */
interface ChunkPlace<Cell> {
  readonly chunk: string
  /** Unix seconds; false: never. */
  readonly expiry: number | false
  /** The call that knows it last, and under which number. */
  call: OpenCall<Cell> | undefined
  ordinal: number
}

/** An interval, and the places in it that a batch writes to. */
class IntervalPlaces<Cell> {
  readonly name: string
  readonly part: string
  readonly layout: Layout
  readonly schema: IntervalSchema
  readonly offsets: Offsets
  /** The score of the oldest live chunk. */
  readonly live: string
  readonly shape: string | number
  readonly #places = new Map<string, ChunkPlace<Cell>>()
  #score = Number.NaN
  #last: ChunkPlace<Cell> | undefined

  constructor(
    name: string,
    { part, layout, schema }: { readonly part: string; readonly layout: Layout; readonly schema: IntervalSchema },
    oldestLive: number,
  ) {
    this.name = name
    this.part = part
    this.layout = layout
    this.schema = schema
    this.offsets = new Offsets(schema)
    this.live = String(layout.score(oldestLive))
    this.shape = layout.packed ? layout.fields : layout.hasResolution ? '1' : '0'
  }

  /** The place of a chunk whose score is its name. */
  ofScore(score: number): ChunkPlace<Cell> {
    if (score !== this.#score) {
      this.#last = this.placeOf(String(score), score)
      this.#score = score
    }
    return this.#last!
  }

  placeOf(chunk: string, score: number): ChunkPlace<Cell> {
    const known = this.#places.get(chunk)
    if (known !== undefined) return known
    const expiry = this.schema.expiresAt(this.layout.lastBucket(score)) ?? false
    const place: ChunkPlace<Cell> = { chunk, expiry, call: undefined, ordinal: 0 }
    this.#places.set(chunk, place)
    return place
  }
}

/** The texts and numbers of a call as one JSON text, which a server takes apart far faster than arguments; then what is left. */
function parametersOf(root: string, places: readonly PlaceParameters[], steps: Steps): Argument[] {
  const apart: number[] = []
  const parameters: Element[] = []
  let texts = steps
  for (let at = 0; at < steps.length; at++) {
    const step = steps[at]!
    if (typeof step === 'number' || (typeof step === 'string' && step.length <= LONGEST_TEXT)) continue
    if (texts === steps) texts = [...steps]
    texts[at] = 0
    // Lua counts from 1.
    apart.push(at + 1)
    parameters.push(step)
  }
  return [JSON.stringify([root, places, apart, texts]), ...parameters]
}
