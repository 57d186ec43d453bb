import type { Target } from '../listen/line-intake.ts'
import type { StreamTaker } from '../listen/paced-stream.ts'
import { faultOf } from '../write/fault-of.ts'
import { parseDecimal } from '../write/number.ts'
import { FAULTS, type Fault } from '../write/reasons.ts'
import type { Source } from '../write/source.ts'
import { isMoment } from './moment.ts'
import { readPickle, type Unpickled } from './pickle-reader.ts'

/** Bytes before each message: its length, the largest byte first. */
const HEADER = 4

/** Bytes that a point takes at least, even if its path is that of one before. A pickle can also repeat whole points, by two bytes each. */
const LEAST_POINT = 8
const REPEATED: Fault = { reason: 'malformed', message: 'a pickle must not repeat its points' }

/** What all connections hold of messages that are not whole. */
export class HeldPickles {
  bytes = 0
  /** Those that hold anything, with the one first whose message began first. */
  readonly streams: Set<PickleStream> = new Set()
}

/** Takes Carbon's pickles: each is a list of `(path, (time, value))`. */
export class PickleStream implements StreamTaker {
  readonly #target: Target
  readonly #source: Source
  readonly #held: HeldPickles
  readonly #close: () => void
  /** What has come of messages that are not whole: one piece, as a client may send bytes one by one. */
  #bytes: Buffer = Buffer.alloc(0)
  #length = 0
  /** Nothing that comes later can be read: it is not known where a message begins. */
  #isCut = false

  constructor(target: Target, source: Source, held: HeldPickles, close: () => void) {
    this.#target = target
    this.#source = source
    this.#held = held
    this.#close = close
  }

  take(chunk: Buffer): boolean {
    if (this.#isCut) return false
    const { maxPickleBytes, maxBufferedBytes } = this.#target.limits
    this.#append(chunk)
    let start = 0
    while (this.#length - start >= HEADER) {
      const length = this.#bytes.readUInt32BE(start)
      if (length > maxPickleBytes) {
        this.#drop(start)
        return this.#refuse({ reason: 'tooLong', message: `a pickle must be at most ${maxPickleBytes} bytes` })
      }
      const end = start + HEADER + length
      if (this.#length < end) break
      this.#message(this.#bytes.subarray(start + HEADER, end))
      start = end
    }
    this.#drop(start)
    const { streams } = this.#held
    if (start > 0) streams.delete(this)
    if (this.#length > 0) streams.add(this)
    // Not the one that came last: who sends no further would keep out all others.
    for (const oldest of streams) {
      if (this.#held.bytes <= maxBufferedBytes) break
      oldest.#cut()
    }
    return true
  }

  end(): void {
    if (this.#length > 0) this.#refuse(FAULTS.incomplete)
  }

  #append(chunk: Buffer): void {
    const length = this.#length + chunk.length
    if (length > this.#bytes.length) {
      const larger = Buffer.alloc(this.#length === 0 ? length : length * 2)
      this.#bytes.copy(larger, 0, 0, this.#length)
      this.#bytes = larger
    }
    chunk.copy(this.#bytes, this.#length)
    this.#length = length
    this.#held.bytes += chunk.length
  }

  /** Forgets the first bytes. */
  #drop(count: number): void {
    if (count === 0) return
    this.#bytes = Buffer.from(this.#bytes.subarray(count, this.#length))
    this.#length -= count
    this.#held.bytes -= count
  }

  #cut(): void {
    this.#refuse({ reason: 'overload', message: 'too many pickles are being read' })
    this.#close()
  }

  #refuse(fault: Fault): false {
    this.#reject(fault, this.#bytes.toString('latin1', 0, Math.min(100, this.#length)))
    this.#drop(this.#length)
    this.#held.streams.delete(this)
    this.#isCut = true
    return false
  }

  #message(bytes: Buffer): void {
    let list: Unpickled
    try {
      list = readPickle(bytes)
    } catch (error) {
      this.#reject(faultOf('malformed', error), bytes.toString('latin1', 0, 100))
      return
    }
    if (!Array.isArray(list)) this.#reject(FAULTS.malformed, bytes.toString('latin1', 0, 100))
    else if (list.length > bytes.length / LEAST_POINT) this.#reject(REPEATED, bytes.toString('latin1', 0, 100))
    else for (const item of list as readonly Unpickled[]) this.#item(item)
  }

  #item(item: Unpickled): void {
    const [path, point] = Array.isArray(item) ? (item as readonly Unpickled[]) : []
    const [time, value] = Array.isArray(point) ? (point as readonly Unpickled[]) : []
    const fault =
      typeof path !== 'string' || time === undefined || value === undefined
        ? FAULTS.malformed
        : this.#point(path, numberOf(time), numberOf(value))
    if (fault === undefined) this.#source.stats.accepted++
    else this.#reject(fault, spelled(path, time, value))
  }

  #point(path: string, time: number, value: number): Fault | undefined {
    if (!Number.isFinite(value)) return FAULTS.value
    if (time !== -1 && !isMoment(time)) return FAULTS.time
    const { writer } = this.#target
    return writer.add(writer.route(path), 'value', value, time === -1 ? undefined : time, undefined, false)
  }

  #reject(fault: Fault, text: string): void {
    this.#source.stats.rejected++
    this.#target.deadLetters.add(fault, `${this.#source.listener} ${this.#source.peer}`, text)
  }
}

function numberOf(value: Unpickled): number {
  if (typeof value === 'string') return parseDecimal(value)
  return typeof value === 'number' ? value : Number.NaN
}

/** Not deeper than the point itself: a pickle may hold a list that holds itself. */
function spelled(...parts: (Unpickled | undefined)[]): string {
  return parts.map((part) => (Array.isArray(part) ? '(…)' : String(part).slice(0, 200))).join(' ')
}
