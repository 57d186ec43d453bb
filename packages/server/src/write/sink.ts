import type { BufferFailure, BufferOptions, BufferStats, KairosError } from '@kairos/core'
import type { Intake } from '../mapping/mapping.ts'
import type { Served } from '../timeseries/registry.ts'
import { faultOf } from './fault-of.ts'
import { parseDecimal } from './number.ts'
import { FAULTS, type Fault } from './reasons.ts'

/** A buffer, whatever its timeseries holds. */
interface AnyBuffer {
  add(name: string, value: unknown, timestamp?: number, times?: number): boolean
  ready(): Promise<void>
  flush(): Promise<void>
  close(): Promise<void>
  stats(): BufferStats
}

/** How a buffer is made; the rest follows from the timeseries. */
export type SinkOptions = Pick<BufferOptions, 'interval' | 'maxCells' | 'maxPending'>

const COUNTING: readonly string[] = ['count', 'histogram', 'distribution']
const TEXTS: readonly unknown[] = ['string', 'text', 'decimal', 'inet']
const NUMBERS: readonly unknown[] = ['float', 'int']
/** How often a sampled value is added where the type cannot take it several times at once. */
const MOST_TIMES = 1_000

/** A timeseries that is written through a buffer. */
export class Sink {
  readonly served: Served
  readonly intake: Intake
  /** The buffer holds as much as it may, until `ready`. */
  isFull = false
  readonly #buffer: AnyBuffer
  readonly #counts: boolean
  readonly #takesTexts: boolean
  readonly #takesNumbers: boolean

  constructor(
    served: Served,
    intake: Intake,
    options: SinkOptions,
    onError: (error: KairosError, cells: BufferFailure) => void,
  ) {
    const { type, valueType = type === 'unique' ? 'string' : 'float' } = served.config
    this.served = served
    this.intake = intake
    this.#counts = COUNTING.includes(type)
    this.#takesTexts = TEXTS.includes(valueType)
    this.#takesNumbers = NUMBERS.includes(valueType)
    const all: BufferOptions = { ...options, onError, ...(intake.rolling !== 0 && { intervals: intake.rolling }) }
    this.#buffer = (served.timeseries as unknown as { buffer(options: BufferOptions): AnyBuffer }).buffer(all)
  }

  /** Adds a value, this many times. What is wrong with it, if it is not added. */
  add(
    name: string,
    value: number | string,
    timestamp: number | undefined,
    times: number | undefined,
  ): Fault | undefined {
    const { map } = this.intake
    if (map === undefined) return this.#add(name, value, timestamp, times)
    try {
      const mapped = map(name, value)
      return mapped === null ? undefined : this.#add(mapped[0], mapped[1], timestamp, times)
    } catch (error) {
      return faultOf('map', error)
    }
  }

  async ready(): Promise<void> {
    await this.#buffer.ready()
    this.isFull = false
  }

  flush(): Promise<void> {
    return this.#buffer.flush()
  }

  close(): Promise<void> {
    return this.#buffer.close()
  }

  stats(): BufferStats {
    return this.#buffer.stats()
  }

  #add(name: string, given: unknown, timestamp: number | undefined, times: number | undefined): Fault | undefined {
    const value = this.#fitting(given)
    try {
      if (times === undefined || this.#counts) this.#note(this.#buffer.add(name, value, timestamp, times))
      else if (times > MOST_TIMES) return FAULTS.value
      else for (let time = 0; time < times; time++) this.#note(this.#buffer.add(name, value, timestamp))
    } catch (error) {
      return faultOf('refused', error)
    }
    return undefined
  }

  #note(hasRoom: boolean): void {
    if (hasRoom !== this.isFull) return
    this.isFull = !hasRoom
    // What comes over UDP is dropped meanwhile, and waits for nothing.
    if (this.isFull) void this.ready()
  }

  /** Numbers are sent to timeseries of texts, and texts to timeseries of numbers: a set's members are both. */
  #fitting(value: unknown): unknown {
    if (typeof value === 'number') return this.#takesTexts ? String(value) : value
    if (typeof value !== 'string' || !this.#takesNumbers) return value
    const number = parseDecimal(value.trim())
    return Number.isNaN(number) ? value : number
  }
}
