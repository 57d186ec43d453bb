import { createTimeseries } from '@kairos/core'
import type { StorageDriver } from '@kairos/core/driver'

/** What is counted, in the three intervals of these figures. */
export interface BenchEvent {
  readonly name: string
  /** Unix seconds. */
  readonly timestamp: number
}

/** The same work, written by hand against the store, as one would without Kairos. What is left out is not compared. */
export interface BenchByHand {
  /** Before each run, not timed: an empty table. */
  prepare?(): Promise<unknown>
  /** Counts all of these by minute, hour and day, as fast as possible. */
  bulk?(events: readonly BenchEvent[]): Promise<unknown>
  /** Counts one event, and waits for it. */
  insert?(event: BenchEvent): Promise<unknown>
  /** The counts of a name's minutes, from the first to the last, both included; Unix seconds of their starts. */
  read?(name: string, first: number, last: number): Promise<unknown>
  /** The names that hold counts. */
  names?(): Promise<unknown>
}

/** Options of `benchDriver`. */
export interface BenchOptions {
  /** An empty place. */
  create(): StorageDriver | Promise<StorageDriver>
  readonly byHand?: BenchByHand
  /** How often each is run, in alternation, after a run to warm up; default 9. */
  readonly rounds?: number
  /** Events of the first figure; default 100,000. The others are a hundredth of it, and 1,440 minutes. */
  readonly events?: number
}

/** One of the figures. */
export interface BenchFigure {
  readonly title: string
  /** Events, inserts, buckets or names. */
  readonly unit: string
  /** Of Kairos, from the median of its runs. */
  readonly perSecond: number
  /** Speed of Kairos divided by that of the hand-written code, above 1 is faster: the median of paired runs. Null without hand-written code. */
  readonly speed: number | null
}

const FIRST = 1_700_000_000 - (1_700_000_000 % 86_400)
const MINUTES = 1_440
const NAMES = 50

/**
 * Compares a driver with hand-written code, like the figures of docs/benchmarks.md: events into counts of three intervals, single inserts, reading a day of
 * minutes, listing names. What counts is the ratio, since machines are shared and noisy.
 * @throws what the driver or the hand-written code throws
 * @example
 * ```ts
 * console.table(await benchDriver({ create: () => myDriver(url), byHand: { bulk, insert, read, names } }))
 * ```
 */
export async function benchDriver({
  create,
  byHand = {},
  rounds = 9,
  events = 100_000,
}: BenchOptions): Promise<BenchFigure[]> {
  const driver = await create()
  const intervals = { minute: { step: 60 }, hour: { step: 3600 }, day: { step: 'daily' } } as const
  const counts = createTimeseries(driver, { type: 'count', intervals })
  const points = eventsOf(events)
  const few = points.slice(0, Math.ceil(events / 100))
  const range = { start: FIRST, end: FIRST + (MINUTES - 1) * 60 }
  const { prepare = async () => {}, bulk, insert, read, names } = byHand
  const empty = async (): Promise<void> => {
    await counts.deleteAll()
    await prepare()
  }
  const filled = async (): Promise<void> => {
    await empty()
    await counts.bulkInsert(points)
    await bulk?.(points)
  }
  try {
    return [
      await figureOf('writing events into counts of three intervals', 'events', events, rounds, {
        prepare: empty,
        kairos: () => counts.bulkInsert(points),
        ...(bulk && { byHand: () => bulk(points) }),
      }),
      await figureOf('single inserts, one after another', 'inserts', few.length, rounds, {
        prepare: empty,
        kairos: () => oneByOne(few, ({ name, timestamp }) => counts.insert(name, 1, { timestamp })),
        ...(insert && { byHand: () => oneByOne(few, insert) }),
      }),
      await figureOf(`reading ${MINUTES.toLocaleString('en')} buckets`, 'buckets', MINUTES, rounds, {
        once: filled,
        kairos: () => counts.series('series-0', 'minute', range),
        ...(read && { byHand: () => read('series-0', range.start, range.end) }),
      }),
      await figureOf(`listing ${NAMES} names`, 'names', NAMES, rounds, {
        kairos: () => counts.list(),
        ...(names && { byHand: () => names() }),
      }),
    ]
  } finally {
    await empty()
    await counts.close()
    await driver.close()
  }
}

interface Work {
  /** Before all runs. */
  once?(): Promise<unknown>
  /** Before each run. */
  prepare?(): Promise<unknown>
  kairos(): Promise<unknown>
  byHand?(): Promise<unknown>
}

/** Alternates between both, a different one first in each round: only runs at about the same time can be compared. */
async function figureOf(title: string, unit: string, amount: number, rounds: number, work: Work): Promise<BenchFigure> {
  await work.once?.()
  const times: number[] = []
  const ratios: number[] = []
  for (let round = -1; round < rounds; round++) {
    const taken = { kairos: 0, byHand: 0 }
    for (const which of round % 2 === 0 ? (['kairos', 'byHand'] as const) : (['byHand', 'kairos'] as const)) {
      const run = work[which]
      if (run === undefined) continue
      await work.prepare?.()
      const began = performance.now()
      await run()
      taken[which] = performance.now() - began
    }
    // The first one warms up.
    if (round < 0) continue
    times.push(taken.kairos)
    if (work.byHand !== undefined) ratios.push(taken.byHand / taken.kairos)
  }
  const perSecond = Math.round((amount / medianOf(times)) * 1_000)
  return { title, unit, perSecond, speed: ratios.length === 0 ? null : medianOf(ratios) }
}

async function oneByOne(events: readonly BenchEvent[], insert: (event: BenchEvent) => Promise<unknown>): Promise<void> {
  for (const event of events) await insert(event)
}

function medianOf(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b)
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2
}

/** The same in each process: ordered by time, with a little disorder, as in a log. */
function eventsOf(amount: number): BenchEvent[] {
  return Array.from({ length: amount }, (_, index) => ({
    name: `series-${(index * 7_919) % NAMES}`,
    timestamp: FIRST + Math.floor(((index + ((index * 31) % 17)) / (amount + 17)) * MINUTES * 60),
  }))
}
