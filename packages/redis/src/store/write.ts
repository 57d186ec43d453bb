import { KairosError } from '@kairos/core'
import { type CellWrite, failedWrite, type StoreFailure, type WriteBatch, type WriteReceipt } from '@kairos/core/driver'
import { adaptPipeline } from '../connection/adapt-client.ts'
import type { CallerPipeline } from '../connection/client.ts'
import { faultOf, isConfigChanged } from '../connection/failures.ts'
import { monotonicNow } from '../connection/server-clock.ts'
import { LATE, writeScripts } from '../scripts/write.ts'
import type { OpenedPlace } from './context.ts'
import { refusedCells } from './rejected-cells.ts'
import { type Flight, flightsOf } from './script-calls.ts'

/** By how much the clocks of servers may differ, and a process may stop between reading its clock and writing; in milliseconds. */
const CLOCK_MARGIN = 60_000

/** For so many seconds after a batch with an id was stored, nobody writes it again. Longer than two calls that wait as long as they may. */
export function onceSeconds(timeout: number): number {
  return Math.max(600, Math.ceil((2 * timeout) / 1000))
}

/**
 * How a batch is marked, so that it is written once, however often its commands arrive: the first one leaves a marker, which others find. One that
 * comes after its deadline does nothing, and the marker outlasts the deadline: so a client may send a command again after any time.
 */
interface Marking {
  readonly writer: string
  readonly seconds: number
}

/** Of batches with an id: by whom each is written, and since when. */
const written = new WeakMap<WriteBatch, { readonly writer: string; readonly since: number }>()

/**
 * Writes a batch, one script call a flight, all at once.
 * @throws WriteFailure
 */
export async function writeCells(place: OpenedPlace, batch: WriteBatch): Promise<WriteReceipt> {
  const { client, timeout } = place.runner
  const beyond = Math.ceil((timeout + 2 * CLOCK_MARGIN) / 1000)
  let marking: Marking | undefined
  let id: string | undefined
  if (batch.id !== undefined) {
    const { writer, since } = written.get(batch) ?? { writer: crypto.randomUUID(), since: monotonicNow() }
    written.set(batch, { writer, since })
    checkAge(batch, since, timeout)
    marking = { writer, seconds: onceSeconds(timeout) + beyond }
    id = batch.id
  } else if (client.resends) {
    id = crypto.randomUUID()
    marking = { writer: id, seconds: beyond }
  }
  const flights = flightsOf(place, batch, id)
  const outcomes = await Promise.all(flights.map((flight) => writeFlight(place, flight, marking)))
  const failed = outcomes.filter((outcome) => typeof outcome === 'object')
  if (failed.length === 0) return outcomes.every((outcome) => outcome === 'repeated') ? { repeated: true } : {}
  const [first] = failed
  const failure = failedWrite(first!.message, {
    retry: leastHopeful(failed.map(({ retry }) => retry)),
    notApplied: failed.flatMap(({ notApplied }) => notApplied),
    maybeApplied: failed.flatMap(({ maybeApplied }) => maybeApplied),
    cause: first!.cause,
  })
  throw Object.assign(failure, failed.some(({ cause }) => isConfigChanged(cause)) && { configChanged: true })
}

/** A batch whose markers may have ended must not be written again: nobody would see that it is stored. */
function checkAge(batch: WriteBatch, since: number, timeout: number): void {
  const age = monotonicNow() - since
  if (age < onceSeconds(timeout) * 1000) return
  throw failedWrite(
    `a write of ${Math.round(age / 1000)} seconds ago cannot be repeated: that it is stored is remembered for ${onceSeconds(timeout)} seconds`,
    { retry: 'never', maybeApplied: batch.cells },
  )
}

/** Puts a batch on a pipeline of the caller's, where an error inside a script is the script's reply. */
export async function queueCells(place: OpenedPlace, batch: WriteBatch, pipeline: unknown): Promise<void> {
  const { text } = writeScripts[place.type]
  const target = await pipelineFor(place, batch, pipeline)
  const marking = batch.id === undefined ? ['', ''] : [crypto.randomUUID(), String(onceSeconds(place.runner.timeout))]
  for (const { keys, parameters } of flightsOf(place, batch))
    target.evaluate(text, keys, [...marking, '', '1', ...parameters])
}

async function pipelineFor({ lease }: OpenedPlace, { cells }: WriteBatch, pipeline: unknown): Promise<CallerPipeline> {
  try {
    const target = adaptPipeline(pipeline)
    await lease.check()
    return target
  } catch (cause) {
    const { message, retry = 'never', configChanged } = cause as Partial<StoreFailure> & Error
    throw Object.assign(failedWrite(message, { retry, notApplied: cells, cause }), configChanged && { configChanged })
  }
}

/** Of work whose parts only the server knows: it cannot be put on a pipeline. */
export function refusePipeline(driverOptions: Readonly<Record<string, unknown>> | undefined): void {
  if (driverOptions?.pipeline === undefined) return
  throw new KairosError(
    'KAIROS_UNSUPPORTED',
    'option "pipeline" is for writes: the redis store deletes in as many steps as the data need, so leave it out here',
    { driver: 'redis', feature: 'pipeline' },
  )
}

interface Outcome {
  readonly message: string
  readonly retry: StoreFailure['retry']
  readonly notApplied: readonly CellWrite[]
  readonly maybeApplied: readonly CellWrite[]
  readonly cause: unknown
}

async function writeFlight(
  { runner, lease, clock, type }: OpenedPlace,
  flight: Flight,
  marking: Marking | undefined,
): Promise<Outcome | 'stored' | 'repeated'> {
  const head =
    marking === undefined
      ? ['', '', '']
      : [marking.writer, String(marking.seconds), String(Math.ceil(clock.now() + runner.timeout + CLOCK_MARGIN))]
  let reply: unknown
  try {
    reply = await runner.run(writeScripts[type], flight.keys, [...head, '', ...flight.parameters], lease)
  } catch (error) {
    const { undone, ...fault } = faultOf(error)
    const cells = flight.chunks.flat()
    return { ...fault, notApplied: undone ? cells : [], maybeApplied: undone ? [] : cells }
  }
  if (reply === null || reply === 0) return 'stored'
  if (reply === 1) return 'repeated'
  const [message, ...refused] = reply as [Buffer, ...number[]]
  if (message.toString() === LATE) {
    clock.set(Number(String(refused[0])))
    const cause = new Error("the write came after its deadline by the server's clock")
    return { message: cause.message, retry: 'now', notApplied: flight.chunks.flat(), maybeApplied: [], cause }
  }
  const cause = new Error(message.toString())
  const { retry } = faultOf(cause)
  return { message: cause.message, retry, notApplied: refusedCells(flight, refused), maybeApplied: [], cause }
}

const HOPES: readonly StoreFailure['retry'][] = ['never', 'later', 'now']

function leastHopeful(retries: readonly StoreFailure['retry'][]): StoreFailure['retry'] {
  return HOPES.find((hope) => retries.includes(hope))!
}
