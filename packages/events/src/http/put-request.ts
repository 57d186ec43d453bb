import { KairosError } from '@kairos/core'
import type { StoredEvent } from '@kairos/core/driver'
import { describe } from '@kairos/core/driver'
import { invalidStreamName, isStreamName } from '../event/event-codec.ts'
import { idToKey, keyToTime } from '../event/keys.ts'
import { isEventTime, timeOutOfRange } from '../event/time.ts'
import { JsonScanner } from '../json/json-scanner.ts'
import { type PutError, PutErrors, shortened } from './put-errors.ts'
import { RequestError } from './request-error.ts'
import type { RequestLimits } from './request-limits.ts'

/** A put as its body says it: what is valid of it, and what is not. */
export interface PutRequest {
  /** undefined: the default one. */
  readonly namespace: unknown
  /** Only streams with a valid name and at least one event, valid or not. */
  readonly streams: ReadonlyMap<string, readonly StoredEvent[]>
  readonly faults: PutErrors
}

type Limits = Pick<RequestLimits, 'maxStreams' | 'maxEvents' | 'maxErrors'>

interface Clock {
  readonly now: bigint
  newKey(time: bigint): string
}

/**
 * Reads a put in one pass. A stream's name or an event that is not valid is a fault of its own; what is no request at all is thrown.
 * @throws KAIROS_INVALID_VALUE; 413 where there is too much in it
 */
export function parsePut(body: string, clock: Clock, limits: Limits): PutRequest {
  const scanner = new JsonScanner(body)
  const streams = new Map<string, StoredEvent[]>()
  const faults = new PutErrors(limits.maxErrors)
  let namespace: unknown
  expectObject(scanner, 'the body')
  scanner.members((key) => {
    if (key === 'events') readStreams(scanner, streams, faults, clock, limits)
    else if (key === 'namespace') namespace = JSON.parse(scanner.value(1)) ?? undefined
    else scanner.value(1)
  })
  scanner.end()
  return { namespace, streams, faults }
}

function readStreams(
  scanner: JsonScanner,
  streams: Map<string, StoredEvent[]>,
  faults: PutErrors,
  clock: Clock,
  { maxStreams, maxEvents }: Limits,
): void {
  let [named, count] = [0, 0]
  expectObject(scanner, 'events')
  scanner.members((stream) => {
    if (++named > maxStreams) throw tooMuch(`${maxStreams} streams`)
    if (scanner.kind() !== 'array') throw invalid(`the events of stream ${describe(stream)} must be a list`)
    const isValid = isStreamName(stream)
    const events: StoredEvent[] = []
    let isEmpty = true
    scanner.items((index) => {
      if (++count > maxEvents) throw tooMuch(`${maxEvents} events`)
      isEmpty = false
      const event = readEvent(scanner, clock)
      if (typeof event !== 'string') events.push(event)
      else if (isValid) faults.add(() => faultAt(stream, index, event))
    })
    if (!isValid) faults.add(() => faultOf(stream))
    else if (!isEmpty) streams.set(stream, events)
  })
}

/** The next event, or what is wrong with it. */
function readEvent(scanner: JsonScanner, clock: Clock): StoredEvent | string {
  if (scanner.kind() !== 'object') return `an event must be an object, not ${scanner.value(3).slice(0, 40)}`
  let [id, time] = ['null', 'null']
  const parts = ['{']
  scanner.members((key, keyText) => {
    const value = scanner.value(4)
    if (key === '@id') id = value
    else if (key === '@time') time = value
    else parts.push(parts.length === 1 ? '' : ',', keyText, ':', value)
  })
  const key = keyOf(id, time, clock)
  if (typeof key !== 'string') return key.message
  parts.push('}')
  // Joined, it is a text of its own; added up, it would hold on to the whole request: a store in memory took twice the room.
  return { key, body: parts.join('') }
}

/**
 * The caller's own id holds where it is a UUID of version 1 with the event's time, so that a put sent again stores nothing twice. Any other is
 * replaced without a word, as the original replaces all: programs put events again that they have read, with other times.
 */
function keyOf(id: string, time: string, { now, newKey }: Clock): string | { readonly message: string } {
  const given = id.startsWith('"') ? idToKey(JSON.parse(id) as string) : null
  if (time === 'null') return given ?? newKey(now)
  if (!/^-?\d+$/.test(time)) return { message: `@time must be an integer of 100 ns ticks, not ${time.slice(0, 40)}` }
  const ticks = BigInt(time)
  if (!isEventTime(ticks)) return timeOutOfRange(ticks, '@time')
  return given !== null && keyToTime(given) === ticks ? given : newKey(ticks)
}

function faultOf(stream: string): PutError {
  return { code: 'KAIROS_INVALID_VALUE', stream: shortened(stream), message: invalidStreamName(stream) }
}

function faultAt(stream: string, index: number, message: string): PutError {
  const text = `stream ${shortened(stream)}, event ${index}: ${message}`
  return { code: 'KAIROS_INVALID_VALUE', stream, index, message: text }
}

function tooMuch(limit: string): RequestError {
  return new RequestError(413, `a put takes at most ${limit}; send fewer at a time`)
}

function expectObject(scanner: JsonScanner, what: string): void {
  if (scanner.kind() !== 'object') throw invalid(`${what} must be an object, not ${scanner.value(1).slice(0, 40)}`)
}

function invalid(message: string): KairosError {
  return new KairosError('KAIROS_INVALID_VALUE', message)
}
