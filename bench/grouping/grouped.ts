import { createTimeseries, type StorageDriver } from '@kairos/core'
import type { Report } from '../harness.ts'
import { medianOf } from '../median.ts'
import { ownTime } from '../processor-time.ts'

const intervals = {
  minute: { step: 60, steps: 1440 },
  hour: { step: 3600, steps: 168 },
  day: { step: '1d', steps: 366 },
} as const
const INSERTS = 10_000

/** What is asked of a store. */
export interface Asked {
  /** At least this speed against separate calls, 100 at a time; at 1,000, twice that. Absent: nothing is asked. */
  readonly speed?: number
  /** At most this many microseconds of this process's time for an insert, 100 at a time. */
  readonly processorTime?: number
  /** How many come one after another; default 2,000. */
  readonly sequential?: number
}

/** Inserts that share batches, compared with as many bulk inserts of one point, which never do. */
export async function grouped(
  report: Report,
  store: string,
  target: StorageDriver | string,
  { speed, processorTime, sequential = 2_000 }: Asked = {},
): Promise<void> {
  const counts = await createTimeseries(target, { name: 'grouped', type: 'count', intervals, patience: 60_000 }).open()
  for (const [together, least] of [
    [1, 1],
    [100, speed],
    [1_000, speed && 2 * speed],
  ] as const) {
    const inserts = together === 1 ? sequential : INSERTS
    /** This many callers, each of which makes one call after the other. */
    const inserting = async (insert: (name: string) => Promise<unknown>): Promise<void> => {
      let made = 0
      const call = async (): Promise<void> => {
        while (made < inserts) await insert(`name ${made++ % 50}`)
      }
      await Promise.all(Array.from({ length: together }, call))
    }
    const inBulk = async (): Promise<void> => {
      for (let made = 0; made < inserts; made += together)
        await counts.bulkInsert(
          Array.from({ length: together }, (_, index) => ({ name: `name ${(made + index) % 50}`, value: 1 })),
        )
    }
    const used: number[] = []
    const times = together === 1 ? 'one after another' : `${together.toLocaleString('en')} at a time`
    await report.compare({
      title: `${store}: ${inserts.toLocaleString('en')} inserts into 50 names and three intervals, ${times}`,
      amount: inserts,
      unit: 'inserts',
      ...(least !== undefined && { target: { speed: least } }),
      rounds: 5,
      variants: [
        { name: 'a batch for each', run: () => inserting((name) => counts.bulkInsert([{ name, value: 1 }])) },
        {
          name: 'insert()',
          async run() {
            const before = ownTime()
            await inserting((name) => counts.insert(name))
            used.push(((ownTime() - before) * 1_000) / inserts)
          },
        },
        // What sharing could save at most: nobody waits for a value of its own.
        ...(together === 1 ? [] : [{ name: 'as many at once, by bulkInsert()', run: inBulk }]),
      ],
    })
    const note = `of this process${processorTime === undefined || together !== 100 ? '' : `; asked for: at most ${processorTime}`}`
    report.figure(`${store}: processor time of an insert, ${times}`, medianOf(used), 'µs', note)
  }
  await counts.deleteAll()
  await counts.close()
}
