import {
  type CellReplacement,
  failedWrite,
  type ReplaceBatch,
  type ReplaceReceipt,
  type StoreFailure,
  worstRetry,
} from '@kairos/core/driver'
import { isConfigChanged } from '../connection/failures.ts'
import { diagnose } from '../connection/lost-answers.ts'
import type { Kind } from '../kinds/kind.ts'
import { LATE } from '../scripts/script.ts'
import { appendReplacement, type ElementsOf, elementsFor } from '../values/encode-change.ts'
import { replaceScriptOf, type StoreContext } from './context.ts'
import { cellsOf } from './rejected-cells.ts'
import { cellByCell, keyOfChunk, type ScriptCall, scriptCallsOf } from './script-calls.ts'
import { guardOf, headOf, type Marker } from './write.ts'

/**
 * Sets cells to values, those of a chunk in one step.
 * @throws WriteFailure
 */
export async function replaceCells(context: StoreContext, batch: ReplaceBatch): Promise<ReplaceReceipt> {
  const { type, codec, kind, runner } = context
  const elements = kind === undefined ? elementsFor(type, codec) : encodedBy(kind)
  const marker = guardOf(runner)
  const calls = scriptCallsOf(
    context,
    batch,
    cellByCell((steps, mark, cell) => appendReplacement(steps, mark, cell, elements)),
    { id: marker?.writer },
  )
  const outcomes = await Promise.all(calls.map((call) => runCall(context, call, marker)))
  const failed = outcomes.filter((outcome) => 'message' in outcome)
  if (failed.length === 0) return { unexpected: outcomes.flatMap((outcome) => ('message' in outcome ? [] : outcome)) }
  const [first] = failed
  const failure = failedWrite<CellReplacement>(first!.message, {
    retry: worstRetry(failed.map(({ retry }) => retry)),
    // Cells that held something else are not replaced either; those of calls that succeeded are asked for again with the others.
    notApplied: outcomes.flatMap((outcome) => ('message' in outcome ? outcome.notApplied : outcome)),
    maybeApplied: failed.flatMap(({ maybeApplied }) => maybeApplied),
    cause: first!.cause,
  })
  throw Object.assign(failure, failed.some(({ cause }) => isConfigChanged(cause)) && { configChanged: true })
}

function encodedBy(kind: Kind): ElementsOf {
  return (_mark, value) => [kind.encode(value)]
}

interface FailedCall {
  readonly message: string
  readonly retry: StoreFailure['retry']
  readonly notApplied: readonly CellReplacement[]
  readonly maybeApplied: readonly CellReplacement[]
  readonly cause: unknown
}

/** Resolves to the cells that held something else. */
async function runCall(
  context: StoreContext,
  call: ScriptCall<CellReplacement>,
  marker: Marker | undefined,
): Promise<FailedCall | readonly CellReplacement[]> {
  const { runner, lease, clock } = context
  let reply: readonly [readonly unknown[] | Buffer | null, readonly number[]]
  try {
    const parameters = [...headOf({ runner, clock }, marker), '', ...call.parameters]
    reply = (await runner.run(replaceScriptOf(context), call.keys, parameters, lease)) as typeof reply
  } catch (error) {
    const { notApplied, ...diagnosis } = diagnose(error)
    const cells = cellsOf(call)
    return { ...diagnosis, notApplied: notApplied ? cells : [], maybeApplied: notApplied ? [] : cells }
  }
  const [report, places] = reply
  if (Buffer.isBuffer(report)) {
    clock.set(Number(String(places)))
    const cause = new Error(`the replacement arrived ${LATE}, by the server's clock`)
    return { message: cause.message, retry: 'now', notApplied: cellsOf(call), maybeApplied: [], cause }
  }
  const unexpected = pairsOf(places).map(([chunk, cell]) => call.chunks[chunk - 1]!.cells[cell - 1]!)
  if (report === null) return unexpected
  const [message, ...marks] = report as readonly Buffer[]
  const cause = new Error(message!.toString())
  const faulty = new Set(marks.map((mark) => mark.toString()))
  const untouched = call.chunks.flatMap((chunk) => (faulty.has(keyOfChunk(chunk)) ? chunk.cells : []))
  const { retry } = diagnose(cause)
  return { message: cause.message, retry, notApplied: [...untouched, ...unexpected], maybeApplied: [], cause }
}

function pairsOf(numbers: readonly number[]): [number, number][] {
  return Array.from({ length: numbers.length / 2 }, (_, index) => [numbers[index * 2]!, numbers[index * 2 + 1]!])
}
