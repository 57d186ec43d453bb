import type { CellPosition, IntervalSchema, OldestLive } from '@kairos/core/driver'
import type { Argument } from '../connection/client.ts'
import { type Layout, Offsets } from '../schema/layout.ts'
import { expiryOf } from '../scripts/expiry.ts'
import type { Element } from '../values/codecs.ts'
import { type StoreContext, shardedName } from './context.ts'

/** A cell to write or to replace. */
interface CellToChange extends CellPosition {
  readonly interval: string
}

interface Batch<Cell> {
  readonly cells: readonly Cell[]
  readonly oldestLive: OldestLive
}

/** Appends the arguments of the cells of a chunk. Returns their weight: how many usual arguments take the script as long. */
export type Encoding<Cell> = (
  parameters: Element[],
  layout: Layout,
  fields: readonly number[],
  cells: readonly Cell[],
) => number

/** Encodes cells one by one. `mark` is the field of a cell in a hash, or the offset before its elements. */
export function cellByCell<Cell>(append: (parameters: Element[], mark: string, cell: Cell) => void): Encoding<Cell> {
  return (parameters, layout, fields, cells) => {
    const start = parameters.length
    for (const [index, cell] of cells.entries()) {
      const field = fields[index]!
      append(parameters, layout.packed ? String(field) : layout.hasResolution ? `${field}:` : '', cell)
    }
    return parameters.length - start
  }
}

/** One call of a script that changes cells. */
export interface ScriptCall<Cell> {
  /** The key of the marker comes first, if there is one. */
  readonly keys: string[]
  readonly parameters: Argument[]
  /** In the order of their keys. */
  readonly chunks: Chunk<Cell>[]
}

/** The cells of one call that share a key. */
export interface Chunk<Cell> {
  readonly key: string
  /** Where in the call's parameters the arguments of its cells begin. */
  readonly start: number
  /** Their fields, if they are numbers. */
  readonly fields: number[]
  readonly cells: Cell[]
}

/**
 * The most arguments in one call, so that the script blocks the server only for a few milliseconds. A single cell may have more, since its change is
 * made in one step.
 */
const MOST_WEIGHT = 4_000
/** A new chunk has to be added to the index and to be given an expiry, which takes as long as that many arguments. */
const CHUNK_WEIGHT = 12

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

/** Cells come sorted by name, interval and bucket: those of a name and interval are a run, in which those of a chunk are consecutive. */
class ScriptCallBuilder<Cell extends CellToChange> {
  readonly #calls: WeighedCall<Cell>[] = []
  readonly #context: StoreContext
  readonly #batch: Batch<Cell>
  readonly #encoding: Encoding<Cell>
  readonly #id: string | undefined
  /** The call of each shard that has room left; under 0 for all shards if they need not be separate. */
  readonly #open = new Map<number, WeighedCall<Cell>>()
  #name = shardedName('', { shards: 1 })
  #run: Run | undefined
  /** What the runs of an interval share. */
  readonly #intervals = new Map<string, IntervalRuns>()
  #call: WeighedCall<Cell> | undefined
  /** Where in the parameters the run's number of chunks is. */
  #runAt = 0
  /** The chunk whose cells are collected, and its score if only that makes its name. */
  #chunk: Chunk<Cell> | undefined
  #chunkName = ''
  #score = Number.NaN
  /** Whether each shard has calls of its own. */
  readonly #apart: boolean
  /** Whether a call is never full. */
  readonly #whole: boolean
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
    this.#apart = context.runner.client.cluster || apart
    this.#whole = id?.startsWith('key:') === true
  }

  finish(): readonly ScriptCall<Cell>[] {
    this.#endChunk()
    return this.#calls
  }

  add(cell: Cell): void {
    const run = this.#runOf(cell)
    const { layout, offsets, schema } = run.of
    const offset = schema.hasResolution ? cell.resolutionBucket - offsets.first(cell.bucket) : 0
    const score = layout.score(cell.bucket)
    const simple = layout.packed && !layout.pieces && offset < layout.fanOut
    let field: number
    if (simple && score === this.#score && this.#chunk !== undefined) {
      field = (cell.bucket - score * layout.buckets) * layout.fanOut + offset
    } else {
      const place = layout.place(cell.bucket, offset)
      field = place.field
      if (place.chunk !== this.#chunkName) this.#beginChunk(run, place.chunk, layout.lastBucket(score))
      this.#score = simple ? score : Number.NaN
    }
    this.#chunk!.cells.push(cell)
    this.#chunk!.fields.push(field)
  }

  #runOf(cell: CellToChange): Run {
    const current = this.#run
    if (current?.name === cell.name && current.of.interval === cell.interval) return current
    this.#endChunk()
    const { keys } = this.#context
    if (this.#name.name !== cell.name) this.#name = shardedName(cell.name, keys)
    const { shard, part } = this.#name
    const of = this.#intervalOf(cell.interval)
    of.registries[shard] ??= keys.registry(shard, of.part)
    this.#run = { name: cell.name, of, registry: of.registries[shard], index: keys.index(shard, of.part, part) }
    this.#call = undefined
    return this.#run
  }

  #intervalOf(interval: string): IntervalRuns {
    const known = this.#intervals.get(interval)
    if (known !== undefined) return known
    const { part, layout, schema } = this.#context.intervals.get(interval)!
    const live = String(layout.score(this.#batch.oldestLive[interval]!))
    const runs = { interval, part, live, shape: shapeOf(layout), layout, schema, offsets: new Offsets(schema) }
    const made = { ...runs, registries: [], lastBucket: Number.NaN, expiry: '' }
    this.#intervals.set(interval, made)
    return made
  }

  #beginChunk(run: Run, chunk: string, lastBucket: number): void {
    this.#endChunk()
    if (this.#call === undefined || this.#isFull(this.#call)) this.#beginRun(run)
    const { keys, parameters, chunks } = this.#call!
    parameters[this.#runAt] = String(Number(parameters[this.#runAt]) + 1)
    const key = `${run.index}:${chunk}`
    keys.push(key)
    const { of } = run
    if (lastBucket !== of.lastBucket) {
      of.lastBucket = lastBucket
      of.expiry = expiryOf(of.schema, lastBucket)
    }
    parameters.push(of.expiry, '0')
    this.#chunk = { key, start: parameters.length, fields: [], cells: [] }
    this.#chunkName = chunk
    chunks.push(this.#chunk)
  }

  /** Appends the arguments of the chunk that has been collected. */
  #endChunk(): void {
    if (this.#chunk === undefined) return
    const { start, fields, cells } = this.#chunk
    const call = this.#call!
    const { parameters } = call
    call.weight += this.#encoding(parameters, this.#run!.of.layout, fields, cells) + CHUNK_WEIGHT
    parameters[start - 1] = String(parameters.length - start)
    this.#chunk = undefined
    this.#chunkName = ''
    this.#score = Number.NaN
  }

  #isFull({ weight }: WeighedCall<Cell>): boolean {
    return !this.#whole && weight >= MOST_WEIGHT
  }

  #beginRun({ registry, index, of }: Run): void {
    const { shard, part } = this.#name
    const group = this.#apart ? shard : 0
    let call = this.#open.get(group)
    if (call === undefined || this.#isFull(call)) {
      const ordinal = this.#counts.get(group) ?? 0
      this.#counts.set(group, ordinal + 1)
      const marker = this.#id === undefined ? [] : [this.#context.keys.marker(shard, `${this.#id}.${ordinal}`)]
      call = { keys: marker, parameters: [], chunks: [], weight: 0 }
      this.#open.set(group, call)
      this.#calls.push(call)
    }
    call.keys.push(registry, index)
    call.parameters.push(part, of.live, of.shape, '0')
    this.#runAt = call.parameters.length - 1
    this.#call = call
  }
}

/** What the script must know of the elements: see `writeScripts`. */
function shapeOf(layout: Layout): string {
  if (layout.packed) return String(layout.fields)
  return layout.hasResolution ? '1' : '0'
}

interface WeighedCall<Cell> extends ScriptCall<Cell> {
  /** How long it takes, counted in arguments. */
  weight: number
}

/** The cells of a name in an interval. */
interface Run {
  readonly name: string
  readonly of: IntervalRuns
  readonly registry: string
  readonly index: string
}

interface IntervalRuns {
  readonly interval: string
  readonly part: string
  readonly live: string
  readonly shape: string
  readonly layout: Layout
  readonly schema: IntervalSchema
  readonly offsets: Offsets
  /** Keys, by shard. */
  readonly registries: string[]
  /** The newest bucket of the chunk before, and when that expires. */
  lastBucket: number
  expiry: string
}
