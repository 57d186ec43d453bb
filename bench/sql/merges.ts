import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createTimeseries } from '@kairos/core'
import type { StorageDriver } from '@kairos/core/driver'
import { sqlDriver } from '@kairos/sql'
import type { Report } from '../harness.ts'
import { medianOf } from '../median.ts'
import { processorTimeOf } from '../processor-time.ts'

const NAMES = Array.from({ length: 1_000 }, (_, index) => `name ${String(index).padStart(4, '0')}`)
const FIRST = 1_735_689_600
const DAY = 86_400
const MINUTES = 1_440
const DAYS = 365
const ROUNDS = 5

setFlagsFromString('--expose-gc')
/** What one read leaves behind is not to be cleared at the cost of the next. */
const collectGarbage: () => void = runInNewContext('gc')

/** Where to merge. */
export interface MergeTarget {
  readonly database: string
  readonly url: string
  /** The milliseconds that the server has used so far; 0 if there is none. */
  readonly server: () => number
  /** Does what the database does by itself once tables have grown: rows that were just written are planned for, and read, otherwise. */
  readonly settle?: () => Promise<unknown>
  /** The project's own targets: how many times less processor time than without merging in the store. */
  readonly join: number
  readonly collapse: number
}

/**
 * The same reads where the database merges and where core merges what the database sends, by processor time of server and client: what is paid for, and steadier on a
 * machine that does other things too. A database uses several processors for one statement.
 */
export async function compareMerges(report: Report, target: MergeTarget): Promise<void> {
  const day = { start: FIRST, end: FIRST + DAY - 60 }
  await compare(
    report,
    target,
    NAMES.map((name) => [name, 0]),
    [
      {
        title: `${NAMES.length.toLocaleString('en')} names joined over a day of minutes`,
        least: target.join,
        ask: (counts) => counts.series(NAMES, 'minute', day),
      },
    ],
  )
  const year = { start: FIRST, end: FIRST + DAYS * DAY - 60 }
  await compare(
    report,
    target,
    Array.from({ length: DAYS }, (_, index) => ['year', index]),
    [
      {
        title: 'a year of minutes collapsed',
        least: target.collapse,
        ask: (counts) => counts.series('year', 'minute', { ...year, collapse: true }),
      },
      {
        title: 'a year of minutes in days',
        least: target.collapse,
        ask: (counts) => counts.series('year', 'minute', { ...year, every: '1d' }),
      },
    ],
  )
}

/** Asks about names, each with the minutes of a day, in a table of their own. */
async function compare(
  report: Report,
  { database, url, server, settle }: MergeTarget,
  days: readonly (readonly [name: string, day: number])[],
  questions: readonly Question[],
): Promise<void> {
  const driver = sqlDriver(url, { tableName: 'bench_merges' })
  const { merges: _, ...capabilities } = driver.capabilities
  const merging = countsIn(driver)
  // Core asks only for what a driver lists.
  const reading = countsIn({ ...driver, capabilities })
  try {
    for (const [name, day] of days) await merging.bulkInsert(dayOf(name, day))
    await settle?.()
    for (const { title, least, ask } of questions) {
      const times: (readonly [number, number])[] = []
      for (let round = -1; round < ROUNDS; round++) {
        const [without, merged] = [await timeOf(server, () => ask(reading)), await timeOf(server, () => ask(merging))]
        if (round >= 0) times.push([without, merged])
      }
      const ratio = medianOf(times.map(([without, merged]) => without / merged))
      const [without, merged] = [0, 1].map((index) => medianOf(times.map((pair) => pair[index]!)).toFixed(0))
      const note = `${without} and ${merged} ms; at least ${least}: ${ratio >= least ? 'met' : 'MISSED'}`
      report.figure(`${database}: ${title}, processor time without and with merging there`, ratio, 'times', note)
    }
  } finally {
    await reading.close()
    await merging.drop()
    await merging.close()
    await driver.close()
  }
}

async function timeOf(server: () => number, ask: () => Promise<unknown>): Promise<number> {
  collectGarbage()
  const time = await processorTimeOf(server, ask, { runs: 1 })
  return time.server + time.client
}

interface Question {
  readonly title: string
  readonly least: number
  ask(counts: ReturnType<typeof countsIn>): Promise<unknown>
}

function countsIn(driver: StorageDriver) {
  return createTimeseries(driver, {
    type: 'count',
    intervals: { minute: { step: 60 } },
    now: () => FIRST + DAYS * DAY,
    patience: 60_000,
  })
}

function dayOf(name: string, day: number) {
  return Array.from({ length: MINUTES }, (_, minute) => ({
    name,
    value: minute % 7,
    timestamp: FIRST + day * DAY + minute * 60,
  }))
}
