import type { BufferFailure, KairosError } from '@kairos/core'
import { heapShare } from '../config/heap-share.ts'
import type { InputKind } from '../config/types.ts'
import { isAllowed } from '../mapping/aggregates.ts'
import { KINDS } from '../mapping/kinds.ts'
import type { Mapping } from '../mapping/mapping.ts'
import type { Registry } from '../timeseries/registry.ts'
import { cellText } from './cell-text.ts'
import type { DeadLetters } from './dead-letters.ts'
import type { Gauges } from './gauges.ts'
import { CONTROL, nameOf, TAGS, tooLongName } from './name-of.ts'
import { hashOf, NameTable } from './name-table.ts'
import { FAULTS, type Fault } from './reasons.ts'
import { Sink, type SinkOptions } from './sink.ts'

/** Bytes of names and of their routes that are remembered: some 200,000 names of usual length. */
const MOST_BYTES = 100_000_000 * heapShare()

/** From 0 it would be a wrong number, and so would all that follow. */
const UNREAD: Fault = { reason: 'store', message: 'the stored value that the gauge should change cannot be read' }

/** Where values of a name go. */
interface Destination {
  readonly sink: Sink
  readonly name: string
}

/** What is known of a name. */
export interface NameRoute {
  readonly name: string
  /** Why nothing can be stored under the name. */
  readonly fault: Fault | undefined
  readonly destinations: Readonly<Record<InputKind, readonly Destination[]>>
}

/** What a writer needs. */
export interface WriterOptions {
  readonly registry: Registry
  readonly mapping: Mapping
  readonly deadLetters: DeadLetters
  readonly gauges: Gauges
  readonly maxNameBytes: number
  readonly buffer: SinkOptions
}

/** Writes what comes in: into the timeseries that match its name, through their buffers. */
export class Writer {
  readonly sinks: readonly Sink[]
  /** The routes of names, by their bytes. */
  readonly names: NameTable<NameRoute>
  readonly #mapping: Mapping
  readonly #deadLetters: DeadLetters
  readonly #gauges: Gauges
  readonly maxNameBytes: number

  constructor({ registry, mapping, deadLetters, gauges, maxNameBytes, buffer }: WriterOptions) {
    this.#mapping = mapping
    this.#deadLetters = deadLetters
    this.#gauges = gauges
    this.maxNameBytes = maxNameBytes
    this.sinks = mapping.intakes
      .filter(({ takesIn }) => takesIn)
      .map((intake) => {
        const { timeseries } = intake
        const onError = (error: KairosError, cells: BufferFailure): void => this.#failed(timeseries, error, cells)
        return new Sink(registry.served.get(timeseries)!, intake, buffer, onError)
      })
    this.names = new NameTable(MOST_BYTES, (bytes) => this.#routeOf(bytes))
  }

  /** The route of the name in these bytes; with its hash, as `mixed` makes it. */
  find(bytes: Buffer, start: number, end: number, hash: number): NameRoute {
    return this.names.find(bytes, start, end, hash).value
  }

  route(name: string): NameRoute {
    // Neither looked at byte by byte nor remembered: it may be as long as a request.
    if (name.length > this.maxNameBytes)
      return this.#faulty(tooLongName(`${name.length} characters`, this.maxNameBytes))
    const bytes = Buffer.from(name)
    // What is behind it would be taken for tags.
    if (bytes.includes(TAGS)) return this.#faulty(CONTROL)
    return this.find(bytes, 0, bytes.length, hashOf(bytes))
  }

  /** Adds a value wherever it belongs. What is wrong with it, if it is not added everywhere. */
  add(
    { fault, destinations }: NameRoute,
    kind: InputKind,
    value: number | string,
    timestamp: number | undefined,
    times: number | undefined,
    isLossy: boolean,
  ): Fault | undefined {
    if (fault !== undefined) return fault
    const { [kind]: all } = destinations
    if (all.length === 0) return FAULTS.unmatched
    let wrong: Fault | undefined
    for (const { sink, name } of all) {
      wrong = (isLossy && sink.isFull ? FAULTS.overload : sink.add(name, value, timestamp, times)) ?? wrong
    }
    return wrong
  }

  /** Sets a gauge, or changes it by a value. */
  addGauge(
    route: NameRoute,
    value: number,
    isChange: boolean,
    timestamp: number | undefined,
    isLossy: boolean,
  ): Fault | undefined {
    if (route.fault !== undefined) return route.fault
    const { gauge } = route.destinations
    if (gauge.length === 0) return FAULTS.unmatched
    let wrong: Fault | undefined
    let isLate = false
    const sink = gauge.find(({ sink, name }) => sink.served.config.type === 'gauge' && name === route.name)?.sink
    const take = (made: number | undefined): void => {
      wrong = made === undefined ? UNREAD : this.add(route, 'gauge', made, timestamp, undefined, isLossy)
      // A value that had to be read first: the sender has its answer.
      if (isLate && wrong !== undefined) this.#deadLetters.add(wrong, 'gauges', `${route.name} ${made ?? value}`)
    }
    const fits = this.#gauges.apply(route.name, { value, isChange, isLossy, take }, sink)
    isLate = true
    return fits ? wrong : FAULTS.overload
  }

  /** Whether senders must wait for `ready`. */
  get isFull(): boolean {
    for (const sink of this.sinks) if (sink.isFull) return true
    return this.#gauges.isFull
  }

  async ready(): Promise<void> {
    if (this.#gauges.isFull) await this.#gauges.settled()
    for (const sink of this.sinks) if (sink.isFull) await sink.ready()
  }

  /** Loads the buffers: until then they take what they refuse later, without a word to who sent it. */
  async open(): Promise<void> {
    await Promise.all(this.sinks.map((sink) => sink.ready()))
  }

  /** Resolves when all that was added has been written, or is a dead letter. */
  async flush(): Promise<void> {
    await this.#gauges.settled()
    await Promise.all(this.sinks.map((sink) => sink.flush()))
  }

  async close(): Promise<void> {
    await this.#gauges.settled()
    await Promise.all(this.sinks.map((sink) => sink.close()))
  }

  #routeOf(bytes: Buffer): NameRoute {
    const name = nameOf(bytes, this.maxNameBytes)
    if (typeof name !== 'string') return this.#faulty(name)
    return { name, fault: undefined, destinations: this.#destinationsOf(this.#namesOf(name)) }
  }

  #faulty(fault: Fault): NameRoute {
    return { name: '', fault, destinations: this.#destinationsOf([]) }
  }

  /** A name and all its aggregates, and theirs, each once. */
  #namesOf(name: string): ReadonlySet<string> {
    const names = new Set([name])
    for (const each of names) {
      for (const aggregate of this.#mapping.aggregates(each)) {
        if (names.has(aggregate)) continue
        if (!isAllowed(aggregate, names, this.maxNameBytes)) {
          this.#deadLetters.add(FAULTS.aggregates, 'aggregates', name)
          return names
        }
        names.add(aggregate)
      }
    }
    return names
  }

  #destinationsOf(names: Iterable<string>): NameRoute['destinations'] {
    const destinations: Record<InputKind, Destination[]> = { value: [], count: [], timing: [], gauge: [], member: [] }
    for (const name of names) {
      for (const sink of this.sinks) {
        if (!sink.intake.matches(name)) continue
        for (const kind of KINDS) if (sink.intake.takes.includes(kind)) destinations[kind].push({ sink, name })
      }
    }
    return destinations
  }

  #failed(timeseries: string, error: KairosError, { refused, inDoubt }: BufferFailure): void {
    const { message } = error
    for (const [reason, cells] of [
      ['store', refused],
      ['inDoubt', inDoubt],
    ] as const) {
      for (const cell of cells) this.#deadLetters.add({ reason, message }, 'store', cellText(timeseries, cell))
    }
  }
}
