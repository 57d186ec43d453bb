import { createTimeseries, KairosError } from '@kairos/core'
import { createDriver } from '../../src/driver.ts'
import { TIMINGS, type Timings } from '../../src/timings.ts'

/** The task of a process, as JSON in its first argument. It works until its standard input ends, and prints the outcome of each call, then all calls. */
export interface WriterRequest {
  readonly url: string
  readonly place: { readonly keyspace: string; readonly tableName: string; readonly replication: number }
  readonly writer: number
  /** Of the timeseries. A write adds its value to a count, and as many numbers to the other types. */
  readonly type: WrittenType
  /** Writes go to these names in turn, deletes at random. */
  readonly names: readonly string[]
  readonly work: 'write' | 'delete'
  readonly delivery?: 'once'
  /** Mean pause between two calls, in milliseconds. */
  readonly pause: number
  readonly readTimeout?: number
  readonly timings?: Timings
}

export type WrittenType = 'count' | 'summary' | 'distribution'

export type Outcome = 'done' | 'maybeApplied' | 'notApplied'

/** One call and its outcome; times in milliseconds since the epoch. */
export interface Call {
  readonly name: string
  readonly begun: number
  readonly ended: number
  readonly outcome: Outcome
  /** The value that a write added. */
  readonly value: number
}

/** A day is one cell: all processes write into it, and it is folded all the time. */
export const INTERVALS = { day: { step: 'daily' } } as const
/** Noon of a fixed day, so that no run crosses midnight. */
export const MOMENT = 1_700_000_000 - (1_700_000_000 % 86_400) + 43_200
/** Many folds, since folding is what could lose something. */
export const BUSY_TIMINGS: Timings = { ...TIMINGS, foldEntries: 8 }

const now = (): number => performance.timeOrigin + performance.now()

if (process.argv[1]?.endsWith('writer-process.ts')) await run(JSON.parse(process.argv[2] ?? '') as WriterRequest)

async function run(request: WriterRequest): Promise<void> {
  const {
    url,
    place,
    writer,
    type,
    names,
    work,
    delivery,
    pause,
    readTimeout = 3_000,
    timings = BUSY_TIMINGS,
  } = request
  const driver = createDriver(
    url,
    {
      ...place,
      consistency: 'quorum',
      // Leaves time to try a second node.
      timeout: 2 * readTimeout,
      clientConfig: { socketOptions: { readTimeout } },
    },
    timings,
  )
  const counts = createTimeseries(driver, { type, intervals: INTERVALS, patience: 60_000 })
  await counts.open()
  process.stdout.write('ready\n')
  const calls: Call[] = []
  let ended = false
  process.stdin.on('end', () => {
    ended = true
  })
  process.stdin.resume()
  for (let turn = 0; !ended; turn++) {
    const name = names[(work === 'write' ? turn : Math.floor(Math.random() * names.length)) % names.length]!
    const value = 1 + ((turn + writer) % 3)
    const begun = now()
    const call =
      work === 'write'
        ? counts.insert(name, type === 'count' ? value : new Array<number>(value).fill(turn), {
            timestamp: MOMENT,
            ...(delivery !== undefined && { delivery }),
          })
        : counts.delete(name)
    const outcome = await call.then(
      (): Outcome => 'done',
      (error: unknown): Outcome => {
        if (!KairosError.is(error) || error.code !== 'KAIROS_STORE_FAILED') throw error
        return error.maybeApplied?.length === 0 ? 'notApplied' : 'maybeApplied'
      },
    )
    calls.push({ name, begun, ended: now(), outcome, value })
    process.stdout.write(`${outcome}\n`)
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 2 * pause))
  }
  await counts.close()
  await driver.close()
  process.stdout.write(`${JSON.stringify(calls)}\n`)
}
