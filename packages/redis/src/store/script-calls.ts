import type { CellWrite, WriteBatch } from '@kairos/core/driver'
import type { Argument } from '../connection/client.ts'
import { Offsets } from '../schema/layout.ts'
import { append } from '../values/encode-change.ts'
import { type OpenedPlace, shardedName } from './context.ts'

/** What one call of the write script carries. */
export interface Flight {
  /** The first one is that of the marker, if there is one. */
  readonly keys: string[]
  readonly parameters: Argument[]
  /** The cells of each chunk, in the order of the script's ordinals. */
  readonly chunks: CellWrite[][]
}

/**
 * What one flight may weigh in arguments, so that a script holds the server up for a few milliseconds only. A single cell may weigh more, as its
 * change is made in one step.
 */
const MOST_WEIGHT = 4_000
/** A chunk that is new has to be enlisted, and to be given an end: as much work as that many arguments. */
const CHUNK_WEIGHT = 12

function isFull({ parameters, chunks }: Flight): boolean {
  return parameters.length + chunks.length * CHUNK_WEIGHT >= MOST_WEIGHT
}

/**
 * The flights of a batch: in a cluster those of each shard by themselves, else over all shards, which saves round trips. Under an id each shard has
 * its own: whoever writes it again, maybe later when some of the cells have expired, has the same names in the same flights, and so under the
 * same markers.
 */
export function flightsOf(place: OpenedPlace, batch: WriteBatch, id: string | undefined = batch.id): readonly Flight[] {
  const builder = new FlightBuilder(place, batch, id)
  for (const cell of batch.cells) builder.add(cell)
  return builder.flights
}

/** Cells come sorted by name, interval and bucket: those of a name and interval make a run, and those of a chunk stand together in it. */
class FlightBuilder {
  readonly flights: Flight[] = []
  readonly #place: OpenedPlace
  readonly #batch: WriteBatch
  readonly #id: string | undefined
  /** The flight of each shard that still takes more; of all shards under 0 where they need not be kept apart. */
  readonly #open = new Map<number, Flight>()
  #name = shardedName('', { shards: 1 })
  #run: Run | undefined
  #flight: Flight | undefined
  /** Where the run's number of chunks stands, and the chunk's number of arguments. */
  #runAt = 0
  #chunkAt = 0
  #chunk = ''
  readonly #apart: boolean
  /** How many flights each shard has. */
  readonly #counts = new Map<number, number>()

  constructor(place: OpenedPlace, batch: WriteBatch, id: string | undefined) {
    this.#place = place
    this.#batch = batch
    this.#id = id
    this.#apart = place.runner.client.cluster || batch.id !== undefined
  }

  add(cell: CellWrite): void {
    const run = this.#runOf(cell)
    const { layout, offsets, schema } = run
    const offset = schema.hasResolution ? cell.resolutionBucket - offsets.first(cell.bucket) : 0
    const { chunk, field } = layout.place(cell.bucket, offset)
    if (chunk !== this.#chunk) this.#beginChunk(run, chunk, layout.lastBucket(layout.score(cell.bucket)))
    const { parameters, chunks } = this.#flight!
    const before = parameters.length
    const mark = layout.packed ? String(field) : layout.hasResolution ? `${offset}:` : ''
    append[this.#place.type](parameters, mark, cell.change as never, this.#place.codec)
    parameters[this.#chunkAt] = String(Number(parameters[this.#chunkAt]) + parameters.length - before)
    chunks.at(-1)!.push(cell)
  }

  #runOf(cell: CellWrite): Run {
    const current = this.#run
    if (current?.name === cell.name && current.interval === cell.interval) return current
    const { keys, intervals } = this.#place
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
    this.#flight = undefined
    this.#chunk = ''
    return this.#run
  }

  #beginChunk(run: Run, chunk: string, lastBucket: number): void {
    if (this.#flight === undefined || isFull(this.#flight)) this.#beginRun(run)
    const { keys, parameters, chunks } = this.#flight!
    parameters[this.#runAt] = String(Number(parameters[this.#runAt]) + 1)
    keys.push(`${run.index}:${chunk}`)
    parameters.push(String(run.schema.expiresAt(lastBucket) ?? ''), '0')
    this.#chunkAt = parameters.length - 1
    this.#chunk = chunk
    chunks.push([])
  }

  #beginRun({ registry, index, live }: Run): void {
    const { shard, part } = this.#name
    const group = this.#apart ? shard : 0
    let flight = this.#open.get(group)
    if (flight === undefined || isFull(flight)) {
      const ordinal = this.#counts.get(group) ?? 0
      this.#counts.set(group, ordinal + 1)
      const marker = this.#id === undefined ? [] : [this.#place.keys.marker(shard, `${this.#id}.${ordinal}`)]
      flight = { keys: marker, parameters: [], chunks: [] }
      this.#open.set(group, flight)
      this.flights.push(flight)
    }
    flight.keys.push(registry, index)
    flight.parameters.push(part, live, '0')
    this.#runAt = flight.parameters.length - 1
    this.#flight = flight
  }
}

interface Run {
  readonly name: string
  readonly interval: string
  readonly registry: string
  readonly index: string
  readonly live: string
  readonly layout: OpenedPlace['intervals'] extends ReadonlyMap<string, infer Place extends { layout: unknown }>
    ? Place['layout']
    : never
  readonly schema: OpenedPlace['schema']['intervals'][string]
  readonly offsets: Offsets
}
