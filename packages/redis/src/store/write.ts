import { KairosError } from '@kairos/core'
import {
  type CellWrite,
  failedWrite,
  monotonicNow,
  type StoreFailure,
  type WriteBatch,
  type WriteReceipt,
  worstRetry,
} from '@kairos/core/driver'
import { adaptPipeline } from '../connection/adapt-client.ts'
import type { ScriptPipeline } from '../connection/client.ts'
import { diagnose, isConfigChanged } from '../connection/failures.ts'
import { LATE, writeScripts } from '../scripts/write.ts'
import type { StoreContext } from './context.ts'
import { cellsOf, rejectedCells } from './rejected-cells.ts'
import { type ScriptCall, scriptCallsOf } from './script-calls.ts'

/** Allows for clocks of servers that differ, and for a process that stops between reading its clock and writing; in milliseconds. */
const CLOCK_MARGIN = 60_000

/** For how many seconds a batch with an id is not stored again. Longer than two calls may take. */
export function onceSeconds(timeout: number): number {
  return Math.max(600, Math.ceil((2 * timeout) / 1000))
}

/**
 * Marks a batch so that it is written once, however often its commands arrive: the first leaves a marker, which later ones find. A command that arrives
 * after its deadline does nothing, and the marker outlasts the deadline, so a client may resend a command at any time.
 */
interface Marker {
  readonly writer: string
  readonly seconds: number
}

/** For batches with an id: the writer in the marker, and when it first wrote the batch. */
const attempted = new WeakMap<WriteBatch, { readonly writer: string; readonly since: number }>()

/**
 * Writes a batch, with all its script calls at once.
 * @throws WriteFailure
 */
export async function writeCells(context: StoreContext, batch: WriteBatch): Promise<WriteReceipt> {
  const { client, timeout } = context.runner
  const beyond = Math.ceil((timeout + 2 * CLOCK_MARGIN) / 1000)
  let marker: Marker | undefined
  let id: string | undefined
  if (batch.id !== undefined) {
    const { writer, since } = attempted.get(batch) ?? { writer: crypto.randomUUID(), since: monotonicNow() }
    attempted.set(batch, { writer, since })
    checkAge(batch, since, timeout)
    marker = { writer, seconds: onceSeconds(timeout) + beyond }
    id = batch.id
  } else if (client.resends) {
    id = crypto.randomUUID()
    marker = { writer: id, seconds: beyond }
  }
  const calls = scriptCallsOf(context, batch, id)
  const outcomes = await Promise.all(calls.map((call) => runCall(context, call, marker)))
  const failed = outcomes.filter((outcome) => typeof outcome === 'object')
  if (failed.length === 0) return outcomes.every((outcome) => outcome === 'repeated') ? { repeated: true } : {}
  const [first] = failed
  const failure = failedWrite(first!.message, {
    retry: worstRetry(failed.map(({ retry }) => retry)),
    notApplied: failed.flatMap(({ notApplied }) => notApplied),
    maybeApplied: failed.flatMap(({ maybeApplied }) => maybeApplied),
    cause: first!.cause,
  })
  throw Object.assign(failure, failed.some(({ cause }) => isConfigChanged(cause)) && { configChanged: true })
}

/** A batch whose markers may have expired must not be repeated, since it may be stored already. */
function checkAge(batch: WriteBatch, since: number, timeout: number): void {
  const age = monotonicNow() - since
  if (age < onceSeconds(timeout) * 1000) return
  throw failedWrite(
    `cannot repeat a write from ${Math.round(age / 1000)} seconds ago, since its marker lasts ${onceSeconds(timeout)} seconds`,
    { retry: 'never', maybeApplied: batch.cells },
  )
}

/** Queues a batch on a pipeline of the application. An error inside the script is then the reply. */
export async function queueCells(context: StoreContext, batch: WriteBatch, pipeline: unknown): Promise<void> {
  const { text } = writeScripts[context.type]
  const target = await pipelineFor(context, batch, pipeline)
  const marker = batch.id === undefined ? ['', ''] : [crypto.randomUUID(), String(onceSeconds(context.runner.timeout))]
  for (const { keys, parameters } of scriptCallsOf(context, batch))
    target.evaluate(text, keys, [...marker, '', '1', ...parameters])
}

async function pipelineFor({ lease }: StoreContext, { cells }: WriteBatch, pipeline: unknown): Promise<ScriptPipeline> {
  try {
    const target = adaptPipeline(pipeline)
    await lease.check()
    return target
  } catch (cause) {
    const { message, retry = 'never', configChanged } = cause as Partial<StoreFailure> & Error
    throw Object.assign(failedWrite(message, { retry, notApplied: cells, cause }), configChanged && { configChanged })
  }
}

/** Refuses a pipeline for a delete, whose number of steps depends on what the server holds. */
export function refusePipeline(driverOptions: Readonly<Record<string, unknown>> | undefined): void {
  if (driverOptions?.pipeline === undefined) return
  throw new KairosError(
    'KAIROS_UNSUPPORTED',
    'pipeline must be left out of a delete, which takes as many steps as there are data',
    { driver: 'redis', feature: 'pipeline' },
  )
}

/** A call that failed, in whole or in part. */
interface FailedCall {
  readonly message: string
  readonly retry: StoreFailure['retry']
  readonly notApplied: readonly CellWrite[]
  readonly maybeApplied: readonly CellWrite[]
  readonly cause: unknown
}

async function runCall(
  { runner, lease, clock, type }: StoreContext,
  call: ScriptCall,
  marker: Marker | undefined,
): Promise<FailedCall | 'stored' | 'repeated'> {
  const head =
    marker === undefined
      ? ['', '', '']
      : [marker.writer, String(marker.seconds), String(Math.ceil(clock.now() + runner.timeout + CLOCK_MARGIN))]
  let reply: unknown
  try {
    reply = await runner.run(writeScripts[type], call.keys, [...head, '', ...call.parameters], lease)
  } catch (error) {
    const { notApplied, ...diagnosis } = diagnose(error)
    const cells = cellsOf(call)
    return { ...diagnosis, notApplied: notApplied ? cells : [], maybeApplied: notApplied ? [] : cells }
  }
  if (reply === null || reply === 0) return 'stored'
  if (reply === 1) return 'repeated'
  const [message, ...rejected] = reply as [Buffer, ...Buffer[]]
  if (message.toString() === LATE) {
    clock.set(Number(String(rejected[0])))
    const cause = new Error("the write arrived after its deadline, by the server's clock")
    return { message: cause.message, retry: 'now', notApplied: cellsOf(call), maybeApplied: [], cause }
  }
  const cause = new Error(message.toString())
  const { retry } = diagnose(cause)
  return { message: cause.message, retry, notApplied: rejectedCells(call, rejected), maybeApplied: [], cause }
}
