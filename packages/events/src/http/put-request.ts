import type { StoredEvent } from '@kairos/core/driver'
import { explain, invalidValue } from '../checks/errors.ts'
import { idToKey, keyToTime } from '../event/keys.ts'
import { explainStreamName, isStreamName } from '../event/stream-name.ts'
import { isEventTime, timeOutOfRange } from '../event/time.ts'
import { JsonScanner } from '../json/json-scanner.ts'
import { type PutError, PutErrors, shortened } from './put-errors.ts'
import { RequestError } from './request-error.ts'
import type { RequestLimits } from './request-limits.ts'

/** A parsed put: its valid events, and the errors of the others. */
export interface PutRequest {
  /** undefined: the default namespace. */
  readonly namespace: unknown
  /** Only streams with a valid name and at least one event, valid or not. */
  readonly streams: ReadonlyMap<string, readonly StoredEvent[]>
  readonly errors: PutErrors
}

type Limits = Pick<RequestLimits, 'maxStreams' | 'maxEvents' | 'maxErrors'>

interface KeySource {
  readonly now: bigint
  newKey(time: bigint): string
}

/**
 * Parses a put in one pass. An invalid stream name or event becomes an error of its own; a body that is not a put is thrown.
 * @throws KAIROS_INVALID_VALUE; 413 if it exceeds a limit
 */
export function parsePut(body: string, keys: KeySource, limits: Limits): PutRequest {
  const scanner = new JsonScanner(body)
  const streams = new Map<string, StoredEvent[]>()
  const errors = new PutErrors(limits.maxErrors)
  let namespace: unknown
  let hasEvents = false
  expectObject(scanner, 'the body')
  scanner.members((key) => {
    if (key === 'events') {
      hasEvents = true
      readStreams(scanner, streams, errors, keys, limits)
    } else if (key === 'namespace') namespace = JSON.parse(scanner.value(1)) ?? undefined
    else scanner.value(1)
  })
  scanner.end()
  // Its events may be in a member with another name.
  if (!hasEvents) throw invalidValue({ path: 'events', expected: 'an object', found: 'missing' })
  return { namespace, streams, errors }
}

function readStreams(
  scanner: JsonScanner,
  streams: Map<string, StoredEvent[]>,
  errors: PutErrors,
  keys: KeySource,
  { maxStreams, maxEvents }: Limits,
): void {
  let [named, count] = [0, 0]
  expectObject(scanner, 'events')
  scanner.members((stream) => {
    if (++named > maxStreams) throw tooLarge(`${maxStreams} streams`)
    if (scanner.kind() !== 'array') {
      throw invalidValue({ path: `events[${JSON.stringify(shortened(stream))}]`, expected: 'a list' })
    }
    const isValid = isStreamName(stream)
    const events: StoredEvent[] = []
    let isEmpty = true
    scanner.items((index) => {
      if (++count > maxEvents) throw tooLarge(`${maxEvents} events`)
      isEmpty = false
      const event = readEvent(scanner, keys)
      if (typeof event !== 'string') events.push(event)
      else if (isValid) errors.add(() => eventError(stream, index, event))
    })
    if (!isValid) errors.add(() => streamNameError(stream))
    else if (!isEmpty) streams.set(stream, events)
  })
}

/** The next event, or what is wrong with it. */
function readEvent(scanner: JsonScanner, keys: KeySource): StoredEvent | string {
  if (scanner.kind() !== 'object') {
    return explain({ path: 'event', expected: 'an object', found: scanner.value(3).slice(0, 40) })
  }
  let [id, time] = ['null', 'null']
  const parts = ['{']
  scanner.members((key, keyText) => {
    // The levels count from the event, as they do for every other way to put it.
    const value = scanner.value(1)
    if (key === '@id') id = value
    else if (key === '@time') time = value
    else parts.push(parts.length === 1 ? '' : ',', keyText, ':', value)
  })
  const key = keyOf(id, time, keys)
  if (typeof key !== 'string') return key.problem
  parts.push('}')
  // Joining makes a new text. Concatenation would keep the whole request alive: a store in memory took twice as much.
  return { key, body: parts.join('') }
}

/**
 * Keeps the caller's id if it is a version-1 UUID with the event's time, so that a put that is sent again stores nothing twice. Silently replaces
 * any other, as the original replaces all: programs put events that they have read, with other times.
 */
function keyOf(id: string, time: string, { now, newKey }: KeySource): string | { readonly problem: string } {
  const given = id.startsWith('"') ? idToKey(JSON.parse(id) as string) : null
  if (time === 'null') return given ?? newKey(now)
  if (!/^-?\d+$/.test(time)) {
    return { problem: explain({ path: '@time', expected: 'an integer of 100 ns ticks', found: time.slice(0, 40) }) }
  }
  const ticks = BigInt(time)
  if (!isEventTime(ticks)) return { problem: explain(timeOutOfRange(ticks, '@time')) }
  return given !== null && keyToTime(given) === ticks ? given : newKey(ticks)
}

function streamNameError(stream: string): PutError {
  return { code: 'KAIROS_INVALID_VALUE', stream: shortened(stream), message: explainStreamName(stream) }
}

function eventError(stream: string, index: number, problem: string): PutError {
  const message = `stream ${shortened(stream)}, event ${index}: ${problem}`
  return { code: 'KAIROS_INVALID_VALUE', stream, index, message }
}

function tooLarge(limit: string): RequestError {
  return new RequestError(413, `a put must have at most ${limit}; send fewer at a time`)
}

function expectObject(scanner: JsonScanner, path: string): void {
  if (scanner.kind() === 'object') return
  throw invalidValue({ path, expected: 'an object', found: scanner.value(1).slice(0, 40) })
}
