import { KairosError } from '@kairos/core'
import type { StoredEvent } from '@kairos/core/driver'
import { checkStream } from '../event.ts'
import { keyOfId, timeOfKey } from '../ids.ts'
import { JsonScanner } from '../json/scanner.ts'
import { isEventTime, timeOutOfRange } from '../time.ts'
import type { EventFault } from './envelope.ts'
import { textOf } from './faults.ts'

/** A put as its body says it: what is valid of it, and what is not. */
export interface PutRequest {
  /** undefined: the default one. */
  readonly namespace: unknown
  /** Only streams with a valid name and at least one event, valid or not. */
  readonly streams: ReadonlyMap<string, readonly StoredEvent[]>
  readonly faults: readonly EventFault[]
}

interface Clock {
  readonly now: bigint
  newKey(time: bigint): string
}

/**
 * Reads a put in one pass. A stream's name or an event that is not valid is a fault of its own; what is no request at all is thrown.
 * @throws KAIROS_INVALID_VALUE
 */
export function readPut(body: string, clock: Clock): PutRequest {
  const scanner = new JsonScanner(body)
  const streams = new Map<string, StoredEvent[]>()
  const faults: EventFault[] = []
  let namespace: unknown
  expectObject(scanner, 'the body')
  scanner.members((key) => {
    if (key === 'events') readStreams(scanner, streams, faults, clock)
    else if (key === 'namespace') namespace = JSON.parse(scanner.value(1)) ?? undefined
    else scanner.value(1)
  })
  scanner.end()
  return { namespace, streams, faults }
}

function readStreams(
  scanner: JsonScanner,
  streams: Map<string, StoredEvent[]>,
  faults: EventFault[],
  clock: Clock,
): void {
  expectObject(scanner, 'events')
  scanner.members((stream) => {
    if (scanner.kind() !== 'array') throw invalid(`the events of stream ${JSON.stringify(stream)} must be a list`)
    const nameFault = faultOf(stream)
    const events: StoredEvent[] = []
    let count = 0
    scanner.items((index) => {
      count++
      const event = readEvent(scanner, clock)
      if (typeof event === 'string') {
        if (nameFault === null) faults.push(faultAt(stream, index, event))
      } else events.push(event)
    })
    if (nameFault !== null) faults.push(nameFault)
    else if (count > 0) streams.set(stream, events)
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
  const given = id.startsWith('"') ? keyOfId(JSON.parse(id) as string) : null
  if (time === 'null') return given ?? newKey(now)
  if (!/^-?\d+$/.test(time)) return { message: `@time must be an integer of 100 ns ticks, not ${time.slice(0, 40)}` }
  const ticks = BigInt(time)
  if (!isEventTime(ticks)) return timeOutOfRange(ticks, '@time')
  return given !== null && timeOfKey(given) === ticks ? given : newKey(ticks)
}

function faultOf(stream: string): EventFault | null {
  try {
    checkStream(stream)
    return null
  } catch (error) {
    return { code: 'KAIROS_INVALID_VALUE', stream, message: textOf(error) }
  }
}

function faultAt(stream: string, index: number, message: string): EventFault {
  return { code: 'KAIROS_INVALID_VALUE', stream, index, message: `stream ${stream}, event ${index}: ${message}` }
}

function expectObject(scanner: JsonScanner, what: string): void {
  if (scanner.kind() !== 'object') throw invalid(`${what} must be an object, not ${scanner.value(1).slice(0, 40)}`)
}

function invalid(message: string): KairosError {
  return new KairosError('KAIROS_INVALID_VALUE', message)
}
