import type { CellStore } from '../contract.ts'
import { KairosError } from '../errors.ts'
import { describe } from '../internal/describe.ts'
import { isMap, isObject } from '../internal/kinds.ts'
import { types } from '../types/index.ts'
import { MOST_CELLS, MOST_VALUES } from './batches.ts'
import type { Context } from './context.ts'
import { flush, referencesTo, type Tally } from './flush.ts'
import { checkName } from './limits.ts'
import { createMerger, type Merger, type PendingCell } from './merge.ts'
import { driverOptionsOf, type Fields, invalidOption, optionsOf, signalOf } from './options.ts'
import { fileEntry, fileMap, filePoint, isList, momentOf } from './points.ts'
import { aborted } from './retry.ts'

/** How many (value, bucket) pairs went in, and how many fell into expired buckets; summed over intervals and rolling copies. */
export interface WriteResult {
  stored: number
  expired: number
}

const BULK_OPTIONS = ['intervals', 'delivery', 'signal']
const INSERT_OPTIONS = ['timestamp', ...BULK_OPTIONS]

/** So that a stream into few hot cells is written too, and `now` is never far behind. */
const MOST_POINTS = 100_000

/** What a write's options mean. */
interface WritePlan {
  readonly rolling: number
  readonly once: boolean
  readonly signal: AbortSignal | undefined
  readonly driverOptions: Fields | undefined
}

export async function insert(context: Context, name: unknown, value: unknown, options: unknown): Promise<WriteResult> {
  const fields = optionsOf(options, INSERT_OPTIONS, context.driver.capabilities.writeOptions)
  const plan = planWrite(context, fields)
  const now = context.retention.now()
  const seconds = momentOf(fields.timestamp, now, name)
  const written = value === undefined ? defaultValue(context) : value
  const tally: Tally = { stored: 0, expired: 0 }
  if (plan.rolling === 0 && !isList(written)) {
    await flushCells(context, plan, cellsOfOne(context, name, written, seconds, now, tally), now, tally)
  } else {
    const merger = mergerAt(context, now)
    filePoint(merger, name, written, seconds, plan.rolling)
    await flushMerged(context, plan, merger, now, tally)
  }
  return tally
}

/** The cells of one value, without a merger: a single insert is the most frequent call of all. */
function cellsOfOne(
  context: Context,
  name: unknown,
  value: unknown,
  seconds: number,
  now: number,
  tally: Tally,
): PendingCell[] {
  const { settings, driver, retention, normalise } = context
  const scalar = normalise(value, name)
  checkName(name, driver.capabilities)
  const rules = types[settings.type]
  const oldestLive = retention.oldestLive(now)
  const cells: PendingCell[] = []
  for (const { name: interval, buckets, resolution } of settings.intervals) {
    const bucket = buckets.bucketOf(seconds)
    if (bucket < oldestLive[interval]!) {
      tally.expired++
      continue
    }
    const resolutionBucket = resolution === null ? 0 : resolution.bucketOf(seconds)
    cells.push({ name, interval, bucket, resolutionBucket, change: rules.accumulate(undefined, scalar), pairs: 1 })
  }
  return cells
}

/** Lists and maps are checked whole before anything is written; other iterables in chunks, each read only when the one before is stored. */
export async function bulkInsert(context: Context, points: unknown, options: unknown): Promise<WriteResult> {
  const fields = optionsOf(options, BULK_OPTIONS, context.driver.capabilities.writeOptions)
  const plan = planWrite(context, fields)
  if (isMap(points) || Array.isArray(points)) return insertWhole(context, points, plan)
  if (isObject(points) && Symbol.asyncIterator in points)
    return insertAsync(context, points as AsyncIterable<unknown>, plan)
  if (isObject(points) && Symbol.iterator in points) return insertChunks(context, points as Iterable<unknown>, plan)
  throw new KairosError(
    'KAIROS_INVALID_VALUE',
    `${describe(points)} holds no points: want a Map, or an iterable of { name, value, timestamp? }`,
    {
      value: points,
    },
  )
}

async function insertWhole(
  context: Context,
  points: ReadonlyMap<unknown, unknown> | readonly unknown[],
  plan: WritePlan,
): Promise<WriteResult> {
  const now = context.retention.now()
  const merger = mergerAt(context, now)
  if (isMap(points)) fileMap(merger, points, now, plan.rolling)
  else for (const point of points) fileEntry(merger, point, now, plan.rolling, defaultValue(context))
  const tally: Tally = { stored: 0, expired: 0 }
  await flushMerged(context, plan, merger, now, tally)
  return tally
}

async function insertChunks(context: Context, points: Iterable<unknown>, plan: WritePlan): Promise<WriteResult> {
  const chunks = new Chunks(context, plan)
  for (const point of points) {
    if (chunks.add(point)) await chunks.flush()
  }
  return chunks.finish()
}

async function insertAsync(context: Context, points: AsyncIterable<unknown>, plan: WritePlan): Promise<WriteResult> {
  const chunks = new Chunks(context, plan)
  for await (const point of points) {
    if (chunks.add(point)) await chunks.flush()
  }
  return chunks.finish()
}

/** An iterable's points, on their way into the store chunk by chunk. */
class Chunks {
  readonly #context: Context
  readonly #plan: WritePlan
  readonly #tally: Tally = { stored: 0, expired: 0 }
  readonly #default: unknown
  #merger: Merger | undefined
  #now = 0
  #points = 0
  #storedPoints = 0

  constructor(context: Context, plan: WritePlan) {
    this.#context = context
    this.#plan = plan
    this.#default = defaultValue(context)
  }

  /** Whether the chunk is full now. */
  add(point: unknown): boolean {
    if (this.#plan.signal?.aborted) throw abortedWrite(this.#plan.signal, this.#tally)
    const merger = this.#open()
    try {
      fileEntry(merger, point, this.#now, this.#plan.rolling, this.#default)
    } catch (error) {
      throw KairosError.is(error) ? Object.assign(error, { stored: this.#storedPoints }) : error
    }
    this.#points++
    return merger.cells >= MOST_CELLS || merger.values >= MOST_VALUES || this.#points >= MOST_POINTS
  }

  async flush(): Promise<void> {
    if (this.#merger === undefined) return
    await flushMerged(this.#context, this.#plan, this.#merger, this.#now, this.#tally)
    this.#storedPoints += this.#points
    this.#points = 0
    this.#merger = undefined
  }

  async finish(): Promise<WriteResult> {
    await this.flush()
    return this.#tally
  }

  #open(): Merger {
    if (this.#merger === undefined) {
      this.#now = this.#context.retention.now()
      this.#merger = mergerAt(this.#context, this.#now)
    }
    return this.#merger
  }
}

function mergerAt({ settings, driver, retention, normalise }: Context, now: number): Merger {
  return createMerger(settings, driver.capabilities, normalise, retention.oldestLive(now))
}

function flushMerged(context: Context, plan: WritePlan, merger: Merger, now: number, tally: Tally): Promise<void> {
  const cells = merger.take()
  tally.expired += merger.expired
  return flushCells(context, plan, cells, now, tally)
}

/** Only now does a call meet the store: what it was given has been checked whole. */
async function flushCells(
  context: Context,
  plan: WritePlan,
  cells: readonly PendingCell[],
  now: number,
  tally: Tally,
): Promise<void> {
  if (cells.length === 0) return
  const { settings, driver, retention } = context
  const store = context.opened ?? (await openFor(context, plan, cells, tally))
  await flush({ settings, driver: driver.id, store, oldestLive: retention.oldestLive(now), ...plan }, cells, tally)
}

/** A store that cannot be opened has certainly applied nothing: the error says so, as that of any other write. */
async function openFor(
  context: Context,
  plan: WritePlan,
  cells: readonly PendingCell[],
  tally: Tally,
): Promise<CellStore> {
  try {
    return await context.open(plan.signal)
  } catch (error) {
    if (KairosError.is(error))
      Object.assign(error, { ...tally, notApplied: referencesTo(context.settings, cells), maybeApplied: [] })
    throw error
  }
}

/** Only a count counts without being told how many. */
function defaultValue({ settings }: Context): 1 | undefined {
  return settings.type === 'count' ? 1 : undefined
}

function planWrite({ driver }: Context, fields: Fields): WritePlan {
  const { intervals: rolling = 0, delivery } = fields
  if (!Number.isSafeInteger(rolling))
    throw invalidOption('intervals', `intervals must be an integer, not ${describe(rolling)}`)
  if (delivery !== undefined && delivery !== 'once')
    throw invalidOption('delivery', `delivery can only be 'once', not ${describe(delivery)}`)
  if (delivery === 'once' && !driver.capabilities.exactlyOnce) {
    throw new KairosError(
      'KAIROS_UNSUPPORTED',
      `the ${driver.id} store cannot tell a repeated write from a new one: delivery 'once' is not to be had`,
      {
        driver: driver.id,
        feature: 'exactlyOnce',
      },
    )
  }
  const signal = signalOf(fields)
  if (signal?.aborted) throw abortedWrite(signal, { stored: 0, expired: 0 })
  return {
    rolling: rolling as number,
    once: delivery === 'once',
    signal,
    driverOptions: driverOptionsOf(fields, driver.capabilities.writeOptions),
  }
}

function abortedWrite(signal: AbortSignal, tally: Tally): KairosError {
  return Object.assign(aborted(signal), { ...tally, notApplied: [], maybeApplied: [] })
}
