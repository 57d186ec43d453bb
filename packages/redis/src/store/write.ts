import { type CellWrite, failedWrite, type StoreFailure, type WriteBatch } from '@kairos/core/driver'
import { adaptPipeline } from '../connection/adapt-client.ts'
import type { CallerPipeline } from '../connection/client.ts'
import { faultOf } from '../connection/failures.ts'
import { writeScripts } from '../scripts/write.ts'
import type { OpenedPlace } from './context.ts'
import { refusedCells } from './rejected-cells.ts'
import { type Flight, flightsOf } from './script-calls.ts'

/** How long a marker stays, in seconds: longer than anybody goes on repeating a batch. */
const ONCE_SECONDS = '600'
/** Of a client that may send a command again after it has reconnected. */
const RESENT_SECONDS = '60'

/**
 * Writes a batch, one script call a flight, all at once.
 * @throws WriteFailure
 */
export async function writeCells(place: OpenedPlace, batch: WriteBatch): Promise<void> {
  const { resends } = place.calls.client
  // A command that the client sends again finds the marker of the first time, and does nothing.
  const id = batch.id ?? (resends ? crypto.randomUUID() : undefined)
  const seconds = batch.id === undefined ? RESENT_SECONDS : ONCE_SECONDS
  const flights = flightsOf(place, batch, id)
  const outcomes = await Promise.all(flights.map((flight) => writeFlight(place, flight, seconds)))
  const failed = outcomes.filter((outcome) => outcome !== null)
  if (failed.length === 0) return
  const [first] = failed
  throw failedWrite(first!.message, {
    retry: leastHopeful(failed.map(({ retry }) => retry)),
    notApplied: failed.flatMap(({ notApplied }) => notApplied),
    maybeApplied: failed.flatMap(({ maybeApplied }) => maybeApplied),
    cause: first!.cause,
  })
}

/** Puts a batch on a pipeline of the caller's, where an error inside a script is the script's reply. */
export function queueCells(place: OpenedPlace, batch: WriteBatch, pipeline: unknown): void {
  const { text } = writeScripts[place.type]
  const target = pipelineFor(batch, pipeline)
  for (const { key, marker, parameters } of flightsOf(place, batch, batch.id))
    target.evaluate(text, key, [marker, ONCE_SECONDS, '1', ...parameters])
}

function pipelineFor({ cells }: WriteBatch, pipeline: unknown): CallerPipeline {
  try {
    return adaptPipeline(pipeline)
  } catch (cause) {
    throw failedWrite((cause as Error).message, { retry: 'never', notApplied: cells, cause })
  }
}

interface Outcome {
  readonly message: string
  readonly retry: StoreFailure['retry']
  readonly notApplied: readonly CellWrite[]
  readonly maybeApplied: readonly CellWrite[]
  readonly cause: unknown
}

async function writeFlight(
  { calls, type }: OpenedPlace,
  flight: Flight,
  markerSeconds: string,
): Promise<Outcome | null> {
  let reply: unknown
  try {
    reply = await calls.run(writeScripts[type], flight.key, [flight.marker, markerSeconds, '', ...flight.parameters])
  } catch (error) {
    const { undone, ...fault } = faultOf(error)
    const cells = flight.chunks.flat()
    return { ...fault, notApplied: undone ? cells : [], maybeApplied: undone ? [] : cells }
  }
  if (reply === null) return null
  const [message, ...refused] = reply as [Buffer, ...number[]]
  const cause = new Error(message.toString())
  const { retry } = faultOf(cause)
  return { message: cause.message, retry, notApplied: refusedCells(flight, refused), maybeApplied: [], cause }
}

const HOPES: readonly StoreFailure['retry'][] = ['never', 'later', 'now']

function leastHopeful(retries: readonly StoreFailure['retry'][]): StoreFailure['retry'] {
  return HOPES.find((hope) => retries.includes(hope))!
}
