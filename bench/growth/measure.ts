import { createTimeseries } from '@kairos/core'
import type { StorageDriver } from '@kairos/core/driver'
import type { Report } from '../harness.ts'
import { ownTime, preciseTimeOfFamily, processListeningOn } from '../processor-time.ts'

/** A store, and how much is put into it. */
export interface GrowingStore {
  readonly name: string
  readonly driver: StorageDriver
  /** How many buckets one name gets, and how many names with one bucket there are, in one timeseries each. */
  readonly sizes: readonly number[]
  /** How many calls a run makes, enough for some milliseconds; of those that take longer, a fifth. */
  readonly calls: number
  /** Where it listens, if it is a server. */
  readonly url?: string
}

/** From ten to this many, or to what the environment says. */
export function sizesTo(largest: number): number[] {
  const most = Number(process.env.KAIROS_BENCH_GROWTH ?? largest)
  return [10, 1_000, 100_000, 1_000_000].filter((size) => size <= most)
}

/** What client and server have computed: on a machine that does other things too, it is steadier than the time that passes. */
function clockOf({ url }: GrowingStore): () => number {
  if (url === undefined) return ownTime
  const pid = processListeningOn(Number(/:(\d+)(?:[/,?]|$)/.exec(url)![1]))
  return () => preciseTimeOfFamily(pid) + ownTime()
}

/** A minute. */
const FIRST = 1_699_999_980
/** From this size on, a range or a page of a hundred is full. */
const HUNDREDS = 1_000

/** Milliseconds for a request: the machine may be busy. */
export const TIMEOUT = 120_000

const countsOf = (driver: StorageDriver, name: string) =>
  createTimeseries(driver, {
    type: 'count',
    name,
    intervals: { minute: { step: 60 } },
    now: () => FIRST + 1e9,
    patience: TIMEOUT,
  })
type Counts = ReturnType<typeof countsOf>

/** One of the timeseries that are compared. */
interface Grown {
  readonly size: number
  readonly counts: Counts
  readonly place: string
}

/** What is asked of each size. */
interface Question {
  readonly title: string
  readonly calls: number
  /** Of smaller ones it is not asked. */
  readonly least?: number
  ask(grown: Grown, call: number): Promise<unknown>
  /** Before each run, not timed. */
  prepare?(grown: Grown): Promise<unknown>
}

/** What a range, a page and single buckets cost among ever more of them: no more among a million than among ten. Closes the driver. */
export async function measureGrowth(report: Report, store: GrowingStore): Promise<void> {
  try {
    await compareSizes(report, store, 'buckets of one name', pointsOfOneName, questionsAboutBuckets(store))
    await compareSizes(report, store, 'names with one bucket', pointsOfManyNames, questionsAboutNames(store))
  } finally {
    await store.driver.close()
  }
}

async function compareSizes(
  report: Report,
  store: GrowingStore,
  what: string,
  points: (size: number) => Iterable<Point>,
  questions: readonly Question[],
): Promise<void> {
  const { name, driver, sizes } = store
  const clock = clockOf(store)
  const all: Grown[] = []
  try {
    for (const size of sizes) {
      const place = `${what.replaceAll(' ', '-')}-${size}`
      const counts = countsOf(driver, place)
      all.push({ size, counts, place })
      const started = performance.now()
      await counts.bulkInsert(points(size))
      const rate = (size / (performance.now() - started)) * 1_000
      if (size === sizes.at(-1)) report.figure(`${name}: ${spelled(size)} ${what} inserted`, rate, 'a second')
    }
    for (const { title, calls, least = 0, ask, prepare } of questions) {
      const asked = all.filter(({ size }) => size >= least)
      const [first, ...others] = asked.map((grown) => ({
        name: `among ${spelled(grown.size)} ${what}`,
        ...(prepare && { prepare: () => prepare(grown) }),
        async run() {
          for (let call = 0; call < calls; call++) await ask(grown, call)
        },
      }))
      if (first === undefined) continue
      const variants = [first, ...others] as const
      await report.compare({
        title: `${name}: ${title}, by processor time`,
        amount: calls,
        unit: 'calls',
        target: { time: 2 },
        rounds: 15,
        clock,
        variants,
      })
    }
  } finally {
    for (const { counts } of all) {
      await counts.drop()
      await counts.close()
    }
  }
}

function spelled(size: number): string {
  return size.toLocaleString('en')
}

/** As a user of the library would write it. */
interface Point {
  readonly name: string
  readonly value: number
  readonly timestamp: number
}

const minute = (bucket: number): number => FIRST + bucket * 60
const pointOf = (bucket: number): Point => ({ name: 'a', value: 1 + (bucket % 100), timestamp: minute(bucket) })

function* pointsOfOneName(size: number): Generator<Point> {
  for (let bucket = 0; bucket < size; bucket++) yield pointOf(bucket)
}

/** Opening, which reads what is recorded and nothing else. */
const opening = (driver: StorageDriver, calls: number): Question => ({
  title: 'opening',
  calls: calls / 5,
  async ask({ place }) {
    const counts = await countsOf(driver, place).open()
    await counts.close()
  },
})

function questionsAboutBuckets({ driver, calls }: GrowingStore): readonly Question[] {
  /** Where the range of one of several calls begins: all over the buckets. */
  const startOf = (size: number, call: number, buckets: number): number =>
    Math.floor(((size - buckets) * ((call * 7) % calls)) / calls)
  const range = (buckets: number): Question => ({
    title: `a range of ${buckets} buckets`,
    calls,
    least: buckets === 100 ? HUNDREDS : 0,
    ask({ size, counts }, call) {
      const start = startOf(size, call, buckets)
      return counts.series('a', 'minute', { start: minute(start), end: minute(start + buckets - 1) })
    },
  })
  /** Ranges that do not touch. */
  const deleted = (size: number, call: number): number => Math.floor(size / 5) * call
  return [
    opening(driver, calls),
    {
      title: 'one bucket',
      calls,
      ask: ({ size, counts }, call) => counts.get('a', 'minute', { timestamp: minute(startOf(size, call, 1)) }),
    },
    range(10),
    range(100),
    {
      title: 'an insert into a bucket',
      calls,
      ask: ({ size, counts }, call) => counts.insert('a', 1, { timestamp: minute(startOf(size, call, 1)) }),
    },
    {
      title: 'a deletion of 100 buckets',
      calls: 5,
      least: HUNDREDS,
      ask({ size, counts }, call) {
        const start = deleted(size, call)
        return counts.delete('a', { start: minute(start), end: minute(start + 99) })
      },
      prepare: ({ size, counts }) =>
        counts.bulkInsert(
          [0, 1, 2, 3, 4].flatMap((call) =>
            Array.from({ length: 100 }, (_, index) => pointOf(deleted(size, call) + index)),
          ),
        ),
    },
  ]
}

/** Names of a hundred hosts in each group. */
const nameOf = (index: number): string => `group-${Math.floor(index / 100)}.host-${index % 100}`

function* pointsOfManyNames(size: number): Generator<Point> {
  for (let index = 0; index < size; index++) yield { name: nameOf(index), value: 1, timestamp: FIRST }
}

function questionsAboutNames({ driver, calls }: GrowingStore): readonly Question[] {
  const pages = calls / 5
  /** One of them, all over the names. */
  const oneOf = (size: number, call: number): string => nameOf(Math.floor((size * ((call * 7) % calls)) / calls))
  /** A group, of several calls: the ten names have one. */
  const groupOf = (size: number, call: number): number => Math.floor((size * call) / pages / 100)
  const isFull = (names: readonly string[], wanted: number): void => {
    if (names.length !== wanted) throw new Error(`a page has ${names.length} names, not ${wanted}`)
  }
  return [
    opening(driver, calls),
    {
      title: 'the bucket of a name',
      calls,
      ask: ({ size, counts }, call) => counts.get(oneOf(size, call), 'minute', { timestamp: FIRST }),
    },
    {
      title: 'a page of 10 names with a prefix',
      calls: pages,
      async ask({ size, counts }, call) {
        isFull(await counts.list({ prefix: `group-${groupOf(size, call)}.`, limit: 10 }), 10)
      },
    },
    {
      title: 'the 100 names with a prefix',
      calls: pages,
      least: HUNDREDS,
      async ask({ size, counts }, call) {
        isFull(await counts.list({ prefix: `group-${groupOf(size, call)}.` }), 100)
      },
    },
    {
      title: 'the 100 names after a name',
      calls: pages,
      least: HUNDREDS,
      async ask({ size, counts }, call) {
        isFull(await counts.list({ after: `group-${groupOf(size / 2, call)}.host-5`, limit: 100 }), 100)
      },
    },
    {
      title: 'an insert into the bucket of a name',
      calls,
      ask: ({ size, counts }, call) => counts.insert(oneOf(size, call), 1, { timestamp: FIRST }),
    },
    {
      title: 'an insert of a new name',
      calls,
      ask: ({ counts }, call) => counts.insert(`new ${call}`, 1, { timestamp: FIRST }),
      async prepare({ counts }) {
        for (let call = 0; call < calls; call++) await counts.delete(`new ${call}`)
      },
    },
    {
      title: 'a deletion of a name',
      calls,
      ask: ({ counts }, call) => counts.delete(`new ${call}`),
      async prepare({ counts }) {
        for (let call = 0; call < calls; call++) await counts.insert(`new ${call}`, 1, { timestamp: FIRST })
      },
    },
  ]
}
