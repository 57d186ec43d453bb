import { KairosError } from '@kairos/core'
import {
  type CellWrite,
  failedWrite,
  monotonicNow,
  type Scalar,
  type StoreFailure,
  type WriteBatch,
  type WriteReceipt,
  worstRetry,
} from '@kairos/core/driver'
import { adaptPipeline } from '../connection/adapt-client.ts'
import type { ScriptPipeline } from '../connection/client.ts'
import { isConfigChanged } from '../connection/failures.ts'
import { diagnose } from '../connection/lost-answers.ts'
import type { ScriptRunner } from '../connection/script-runner.ts'
import { deadlineOf } from '../connection/server-clock.ts'
import { LATE } from '../scripts/script.ts'
import { packsOf, toNumber } from '../values/codecs.ts'
import { appendChange } from '../values/encode-change.ts'
import { PACKED_FROM, packChunk } from '../values/packed-chunk.ts'
import { type StoreContext, writeScriptOf } from './context.ts'
import { onceSeconds } from './once-seconds.ts'
import { cellsOf, rejectedCells } from './rejected-cells.ts'
import { cellByCell, type Encoding, type ScriptCall, scriptCallsOf } from './script-calls.ts'

/** How many numbers of a packed chunk take as long as an element. */
const NUMBERS_A_WEIGHT = 8

/** Allows for clocks of servers that differ, and for a process that stops between reading its clock and writing; in milliseconds. */
const CLOCK_MARGIN = 60_000

/**
 * Marks a batch so that it is written once, however often its commands arrive: the first leaves a marker, which later ones find. A command that arrives
 * after its deadline does nothing, and the marker outlasts the deadline, so a client may resend a command at any time.
 */
export interface Marker {
  readonly writer: string
  readonly seconds: number
}

/** The clock on the wall: the monotonic one stops while the machine sleeps. Captured as the module loads, as that one is. */
const wallNow: () => number = Date.now

/** A moment by both clocks, in milliseconds. */
interface Moment {
  readonly monotonic: number
  readonly wall: number
}

const thisMoment = (): Moment => ({ monotonic: monotonicNow(), wall: wallNow() })

/** For batches with an id: the writer in the marker, and when it first wrote the batch. */
const attempted = new WeakMap<WriteBatch, { readonly writer: string; readonly since: Moment }>()

/**
 * Writes a batch, with all its script calls at once.
 * @throws WriteFailure
 */
export async function writeCells(context: StoreContext, batch: WriteBatch): Promise<WriteReceipt> {
  const { timeout } = context.runner
  let marker = guardOf(context.runner)
  let id = marker?.writer
  if (batch.id !== undefined) {
    const { writer, since } = attempted.get(batch) ?? { writer: crypto.randomUUID(), since: thisMoment() }
    attempted.set(batch, { writer, since })
    checkAge(batch, since, timeout)
    marker = { writer, seconds: onceSeconds(timeout) + beyond(timeout) }
    id = batch.id
  }
  const calls = scriptCallsOf(context, batch, encodingOf(context), { id, apart: batch.id !== undefined })
  const wants = batch.returning === true ? 'counts' : ''
  const outcomes = await Promise.all(calls.map((call) => runCall(context, call, marker, wants)))
  const failed = outcomes.filter((outcome) => typeof outcome === 'object' && 'notApplied' in outcome)
  if (failed.length === 0) {
    if (outcomes.every((outcome) => outcome === 'repeated')) return { repeated: true }
    return wants === '' ? {} : { counts: countsOf(batch, calls, outcomes as (readonly number[])[]) }
  }
  const [first] = failed
  const failure = failedWrite(first!.message, {
    retry: worstRetry(failed.map(({ retry }) => retry)),
    notApplied: failed.flatMap(({ notApplied }) => notApplied),
    maybeApplied: failed.flatMap(({ maybeApplied }) => maybeApplied),
    cause: first!.cause,
  })
  throw Object.assign(failure, failed.some(({ cause }) => isConfigChanged(cause)) && { configChanged: true })
}

/** The counts of each call, in the order of the batch. */
function countsOf(
  { cells }: WriteBatch,
  calls: readonly ScriptCall<CellWrite>[],
  outcomes: readonly (readonly number[])[],
): readonly number[] {
  const counts = new Map<CellWrite, number>()
  for (const [index, { chunks }] of calls.entries())
    for (const [ordinal, cell] of chunks.flatMap(({ cells }) => cells).entries())
      counts.set(cell, outcomes[index]![ordinal]!)
  return cells.map((cell) => counts.get(cell)!)
}

function encodingOf({ type, codec, kind, schema }: StoreContext): Encoding<CellWrite> {
  if (kind !== undefined) {
    return (steps, { fields: size }, fields, cells) => {
      const { bytes, weight, isLarge } = kind.pack(
        size,
        fields,
        cells.map(({ change }) => change),
      )
      steps.push(bytes)
      if (isLarge) steps.push('large')
      return weight + 1
    }
  }
  const append = appendChange[type]
  const apart = cellByCell<CellWrite>((steps, mark, { change }) => append(steps, mark, change as never, codec))
  const packs = packsOf(schema)
  if (packs === undefined) return apart
  return (steps, layout, fields, cells) => {
    if (fields.length < PACKED_FROM || fields.at(-1)! >= layout.fields) return apart(steps, layout, fields, cells)
    const numbers = cells.map(({ change }) => packs.toNumber(change as Scalar))
    steps.push(packChunk(layout.fields, fields, numbers))
    return layout.fields / NUMBERS_A_WEIGHT + 1
  }
}

/** A batch whose markers may have expired must not be repeated, since it may be stored already. */
function checkAge(batch: WriteBatch, since: Moment, timeout: number): void {
  const now = thisMoment()
  const age = Math.max(now.monotonic - since.monotonic, now.wall - since.wall)
  if (age < onceSeconds(timeout) * 1000) return
  throw failedWrite(
    `cannot repeat a write from ${Math.round(age / 1000)} seconds ago, since its marker lasts ${onceSeconds(timeout)} seconds`,
    { retry: 'never', maybeApplied: batch.cells },
  )
}

/** Queues a batch on a pipeline of the application. An error inside the script is then the reply. */
export async function queueCells(context: StoreContext, batch: WriteBatch, pipeline: unknown): Promise<void> {
  if (batch.returning === true) {
    throw new KairosError(
      'KAIROS_UNSUPPORTED',
      'returning must be left out with a pipeline, which answers only when you run it',
      { driver: 'redis', feature: 'returning' },
    )
  }
  const { text } = writeScriptOf(context)
  const target = await pipelineFor(context, batch, pipeline)
  const marker = batch.id === undefined ? ['', ''] : [crypto.randomUUID(), String(onceSeconds(context.runner.timeout))]
  const apart = batch.id !== undefined
  for (const { keys, parameters } of scriptCallsOf(context, batch, encodingOf(context), { id: batch.id, apart }))
    target.evaluate(text, keys, [...marker, '', 'raise', ...parameters])
}

async function pipelineFor({ lease }: StoreContext, { cells }: WriteBatch, pipeline: unknown): Promise<ScriptPipeline> {
  const target = adaptPipeline(pipeline)
  try {
    await lease.check()
    return target
  } catch (cause) {
    const { message, retry = 'never', configChanged } = cause as Partial<StoreFailure> & Error
    throw Object.assign(failedWrite(message, { retry, notApplied: cells, cause }), configChanged && { configChanged })
  }
}

/** Refuses a pipeline for what takes more steps, depending on what the server holds, or must read the answer. */
export function refusePipeline(driverOptions: Readonly<Record<string, unknown>> | undefined): void {
  if (driverOptions?.pipeline === undefined) return
  throw new KairosError(
    'KAIROS_UNSUPPORTED',
    'pipeline must be left out of a delete, which takes as many steps as there are data, and of a replacement',
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
  context: StoreContext,
  call: ScriptCall<CellWrite>,
  marker: Marker | undefined,
  wants: 'counts' | '',
): Promise<FailedCall | 'stored' | 'repeated' | readonly number[]> {
  const { runner, lease, clock } = context
  let reply: unknown
  try {
    const parameters = [...headOf({ runner, clock }, marker), wants, ...call.parameters]
    reply = await runner.run(writeScriptOf(context), call.keys, parameters, lease)
  } catch (error) {
    const { notApplied, ...diagnosis } = diagnose(error)
    const cells = cellsOf(call)
    return { ...diagnosis, notApplied: notApplied ? cells : [], maybeApplied: notApplied ? [] : cells }
  }
  if (reply === null || reply === 0) return 'stored'
  if (reply === 1) return 'repeated'
  const [message, ...rejected] = reply as [Buffer, ...Buffer[]]
  if (wants === 'counts' && isNumber(message)) return (reply as Buffer[]).map(toNumber)
  if (message.toString() === LATE) {
    clock.set(Number(String(rejected[0])))
    const cause = new Error("the write arrived after its deadline, by the server's clock")
    return { message: cause.message, retry: 'now', notApplied: cellsOf(call), maybeApplied: [], cause }
  }
  const cause = new Error(message.toString())
  const { retry } = diagnose(cause)
  return {
    message: cause.message,
    retry,
    notApplied: rejectedCells(call, rejected, context.kind !== undefined),
    maybeApplied: [],
    cause,
  }
}

function isNumber(text: Buffer): boolean {
  return /^-?\d/.test(text.toString('latin1'))
}

/** The first arguments of a script that changes cells. */
export function headOf(
  { runner, clock }: Pick<StoreContext, 'runner' | 'clock'>,
  marker: Marker | undefined,
): string[] {
  if (marker === undefined) return ['', '', deadlineOf({ runner, clock })]
  return [marker.writer, String(marker.seconds), String(Math.ceil(clock.now() + runner.timeout + CLOCK_MARGIN))]
}

/** A marker for a write without an id, if the client may send it twice. */
export function guardOf({ client, timeout }: ScriptRunner): Marker | undefined {
  return client.resends ? { writer: crypto.randomUUID(), seconds: beyond(timeout) } : undefined
}

/** For how many seconds after its timeout a command may still arrive. */
function beyond(timeout: number): number {
  return Math.ceil((timeout + 2 * CLOCK_MARGIN) / 1000)
}
