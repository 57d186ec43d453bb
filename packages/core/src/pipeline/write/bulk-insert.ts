import type { WriteResult } from '../../api/writes.ts'
import { KairosError } from '../../errors.ts'
import { isMap } from '../../internal/collections.ts'
import { describe } from '../../internal/describe.ts'
import { invalidOption } from '../../internal/invalid-option.ts'
import { isObject } from '../../internal/kinds.ts'
import type { Context } from '../context.ts'
import { Chunks } from './chunks.ts'
import { fileEntry, fileMap, pointForm } from './points.ts'
import { Source } from './source.ts'
import { planBulkInsert, type WritePlan } from './write-plan.ts'
import { writeWhole } from './write-whole.ts'

/** Arrays and maps are checked whole before anything is written; other iterables chunk by chunk, each read when the previous one is stored. */
export function bulkInsert(context: Context, points: unknown, options: unknown): Promise<WriteResult> {
  const plan = planBulkInsert(context, options)
  if (isMap(points) || Array.isArray(points)) return insertWhole(context, points, plan)
  const isAsync = isObject(points) && Symbol.asyncIterator in points
  if (!isAsync && !(isObject(points) && Symbol.iterator in points)) {
    throw new KairosError(
      'KAIROS_INVALID_VALUE',
      `points must be a Map, or an iterable of { name, value, timestamp? }, not ${describe(points)}`,
      { value: points },
    )
  }
  if (plan.once?.key !== undefined) {
    throw invalidOption(
      'once',
      'once must be used with an array or a Map, not with an iterable, which is written in several batches',
    )
  }
  return isAsync
    ? insertAsync(context, points as AsyncIterable<unknown>, plan)
    : insertChunks(context, points as Iterable<unknown>, plan)
}

function insertWhole(
  context: Context,
  points: ReadonlyMap<unknown, unknown> | readonly unknown[],
  plan: WritePlan,
): Promise<WriteResult> {
  const form = pointForm(context)
  return writeWhole(context, plan, (sink, now) => {
    if (isMap(points)) fileMap(sink, points, now, plan.rolling)
    else for (const point of points) fileEntry(sink, point, () => now, plan.rolling, form)
  })
}

async function insertChunks(context: Context, points: Iterable<unknown>, plan: WritePlan): Promise<WriteResult> {
  const chunks = new Chunks(context, plan, () => {})
  try {
    for (const point of points) {
      if (!chunks.add(point)) continue
      await chunks.flush()
      if (context.calls.closing.aborted) throw await chunks.close()
    }
    return await chunks.finish()
  } catch (error) {
    throw await chunks.explained(error)
  } finally {
    chunks.stop()
  }
}

/**
 * Written by hand rather than with `for await`, because neither an abort nor a close may wait for a silent source, and whatever has arrived
 * is written after a second.
 */
async function insertAsync(context: Context, points: AsyncIterable<unknown>, plan: WritePlan): Promise<WriteResult> {
  const wake = (): void => source.wake()
  const chunks = new Chunks(context, plan, wake)
  const source = new Source(points)
  const { closing } = context.calls
  const ends = [closing, ...(plan.signal === undefined ? [] : [plan.signal])]
  for (const end of ends) end.addEventListener('abort', wake)
  const take = (point: unknown): boolean => chunks.add(point)
  try {
    for (;;) {
      // At first too: closed before the listeners were there, a silent source would never wake.
      chunks.checkSignal()
      if (closing.aborted) throw await chunks.close()
      const pause = await source.read(take)
      if (pause === 'ended') return await chunks.finish()
      if (pause === 'enough' || chunks.isDue) await chunks.flush()
    }
  } catch (error) {
    const explained = await chunks.explained(error)
    await source.leave()
    throw explained
  } finally {
    chunks.stop()
    for (const end of ends) end.removeEventListener('abort', wake)
  }
}
