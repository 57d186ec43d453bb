import type { CellPosition, IntervalSchema, OldestLive } from '@kairos/core/driver'
import type { Argument } from '../connection/client.ts'
import { type Layout, Offsets } from '../schema/layout.ts'
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

/** Appends the arguments of a cell. `mark` is its field in a hash, or the offset before its elements. */
type Append<Cell> = (parameters: Element[], mark: string, cell: Cell) => void

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
  append: Append<Cell>,
  { id, apart = false }: { readonly id?: string | undefined; readonly apart?: boolean } = {},
): readonly ScriptCall<Cell>[] {
  const builder = new ScriptCallBuilder(context, batch, append, id, apart)
  for (const cell of batch.cells) builder.add(cell)
  return builder.calls
}

/** Cells come sorted by name, interval and bucket: those of a name and interval are a run, in which those of a chunk are consecutive. */
class ScriptCallBuilder<Cell extends CellToChange> {
  readonly calls: ScriptCall<Cell>[] = []
  readonly #context: StoreContext
  readonly #batch: Batch<Cell>
  readonly #append: Append<Cell>
  readonly #id: string | undefined
  /** The call of each shard that has room left; under 0 for all shards if they need not be separate. */
  readonly #open = new Map<number, ScriptCall<Cell>>()
  #name = shardedName('', { shards: 1 })
  #run: Run | undefined
  #call: ScriptCall<Cell> | undefined
  /** Where in the parameters the run's number of chunks and the chunk's number of arguments are. */
  #runAt = 0
  #chunkAt = 0
  #chunk = ''
  /** Whether each shard has calls of its own. */
  readonly #apart: boolean
  /** Whether a call is never full. */
  readonly #whole: boolean
  /** The number of calls of each shard. */
  readonly #counts = new Map<number, number>()

  constructor(context: StoreContext, batch: Batch<Cell>, append: Append<Cell>, id: string | undefined, apart: boolean) {
    this.#context = context
    this.#batch = batch
    this.#append = append
    this.#id = id
    this.#apart = context.runner.client.cluster || apart
    this.#whole = id?.startsWith('key:') === true
  }

  #isFull({ parameters, chunks }: ScriptCall<Cell>): boolean {
    return !this.#whole && parameters.length + chunks.length * CHUNK_WEIGHT >= MOST_WEIGHT
  }

  add(cell: Cell): void {
    const run = this.#runOf(cell)
    const { layout, offsets, schema } = run
    const offset = schema.hasResolution ? cell.resolutionBucket - offsets.first(cell.bucket) : 0
    const { chunk, field } = layout.place(cell.bucket, offset)
    if (chunk !== this.#chunk) this.#beginChunk(run, chunk, layout.lastBucket(layout.score(cell.bucket)))
    const { parameters, chunks } = this.#call!
    const before = parameters.length
    const mark = layout.packed ? String(field) : layout.hasResolution ? `${offset}:` : ''
    this.#append(parameters, mark, cell)
    parameters[this.#chunkAt] = String(Number(parameters[this.#chunkAt]) + parameters.length - before)
    chunks.at(-1)!.cells.push(cell)
  }

  #runOf(cell: CellToChange): Run {
    const current = this.#run
    if (current?.name === cell.name && current.interval === cell.interval) return current
    const { keys, intervals } = this.#context
    if (this.#name.name !== cell.name) this.#name = shardedName(cell.name, keys)
    const { part, layout, schema } = intervals.get(cell.interval)!
    this.#run = {
      name: cell.name,
      interval: cell.interval,
      registry: keys.registry(this.#name.shard, part),
      index: keys.index(this.#name.shard, part, this.#name.part),
      live: String(layout.score(this.#batch.oldestLive[cell.interval]!)),
      layout,
      schema,
      offsets: new Offsets(schema),
    }
    this.#call = undefined
    this.#chunk = ''
    return this.#run
  }

  #beginChunk(run: Run, chunk: string, lastBucket: number): void {
    if (this.#call === undefined || this.#isFull(this.#call)) this.#beginRun(run)
    const { keys, parameters, chunks } = this.#call!
    parameters[this.#runAt] = String(Number(parameters[this.#runAt]) + 1)
    const key = `${run.index}:${chunk}`
    keys.push(key)
    parameters.push(String(run.schema.expiresAt(lastBucket) ?? ''), '0')
    this.#chunkAt = parameters.length - 1
    this.#chunk = chunk
    chunks.push({ key, start: parameters.length, cells: [] })
  }

  #beginRun({ registry, index, live, layout }: Run): void {
    const { shard, part } = this.#name
    const group = this.#apart ? shard : 0
    let call = this.#open.get(group)
    if (call === undefined || this.#isFull(call)) {
      const ordinal = this.#counts.get(group) ?? 0
      this.#counts.set(group, ordinal + 1)
      const marker = this.#id === undefined ? [] : [this.#context.keys.marker(shard, `${this.#id}.${ordinal}`)]
      call = { keys: marker, parameters: [], chunks: [] }
      this.#open.set(group, call)
      this.calls.push(call)
    }
    call.keys.push(registry, index)
    call.parameters.push(part, live, layout.hasResolution && !layout.packed ? '1' : '0', '0')
    this.#runAt = call.parameters.length - 1
    this.#call = call
  }
}

interface Run {
  readonly name: string
  readonly interval: string
  readonly registry: string
  readonly index: string
  readonly live: string
  readonly layout: Layout
  readonly schema: IntervalSchema
  readonly offsets: Offsets
}
