import type { CellStore, CellWrite, StoreSchema, WriteFailure } from '@kairos/core/driver'
import { redisDriver } from '../src/index.ts'

/** What a writer is to do; a process that is forked with it as JSON does it by itself. */
export interface WriterTask {
  readonly url: string
  readonly prefix: string
  readonly seed: number
  readonly rounds: number
}

/** By bucket: how much was acknowledged, and how much more may be there. */
export interface Written {
  readonly acknowledged: number[]
  readonly maybe: number[]
}

export const BUCKETS = 232
const oldestLive = { minute: 0 }
export const schema: StoreSchema = {
  type: 'count',
  valueType: 'float',
  record: '',
  facts: '{}',
  intervals: {
    minute: {
      record: '',
      facts: '{}',
      hasResolution: false,
      fanOut: 1,
      resolutionRange: () => ({ first: 0, last: 0 }),
      expiresAt: () => null,
    },
  },
}

/** Adds ever larger numbers to the buckets of one chunk, so that it is packed and rewritten wider while others write. */
export async function writeWider({ url, prefix, seed, rounds }: WriterTask): Promise<Written> {
  const driver = redisDriver(url, { prefix, timeout: 2_000 })
  const store = await patiently(() => driver.open(schema).then((opened) => opened.store))
  const written: Written = { acknowledged: new Array(BUCKETS).fill(0), maybe: new Array(BUCKETS).fill(0) }
  let state = seed
  const random = (): number => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
  for (let round = 0; round < rounds; round++) {
    const largest = 2 ** (1 + (38 * round) / rounds)
    const wanted = random() < 0.5 ? 3 : 60
    const buckets = [...new Set(Array.from({ length: wanted }, () => Math.floor(random() * BUCKETS)))]
    const cells = buckets
      .sort((a, b) => a - b)
      .map((bucket) => ({
        name: 'a',
        interval: 'minute',
        bucket,
        resolutionBucket: 0,
        change: 1 + Math.floor(random() * largest),
      }))
    await writeOnce(store, cells, written)
  }
  await driver.close()
  return written
}

async function writeOnce(
  store: CellStore,
  cells: readonly CellWrite[],
  { acknowledged, maybe }: Written,
): Promise<void> {
  const missing = new Set<CellWrite>()
  try {
    await store.write({ cells, oldestLive })
  } catch (error) {
    const { notApplied, maybeApplied } = error as WriteFailure
    for (const cell of notApplied) missing.add(cell)
    for (const cell of maybeApplied) {
      missing.add(cell)
      maybe[cell.bucket]! += cell.change as number
    }
    // The server is away.
    if (notApplied.length > 0) await new Promise((resolve) => setTimeout(resolve, 20))
  }
  for (const cell of cells) if (!missing.has(cell)) acknowledged[cell.bucket]! += cell.change as number
}

async function patiently<T>(attempt: () => Promise<T>): Promise<T> {
  for (let turn = 0; ; turn++) {
    try {
      return await attempt()
    } catch (error) {
      if (turn > 200) throw error
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}

const [task] = process.argv.slice(2)
if (process.send !== undefined && task !== undefined && import.meta.url.endsWith(process.argv[1]!)) {
  process.send(await writeWider(JSON.parse(task) as WriterTask))
  process.disconnect()
}
