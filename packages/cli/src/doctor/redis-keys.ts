import { type Finding, finding, type ProbedPlace } from './finding.ts'
import type { RedisClient } from './redis-client.ts'

/** How the keys of Kairos begin. */
export const PREFIX = 'kairos:'
/** Keys that are looked at: a part of a large database. */
const LOOKED_AT = 20_000
/** A key with data: place, shard, interval, name, and mostly a bucket. */
const DATA = /^kairos:([^:{]+):\{\d+\}:([^:/]+):[^:]+(?::\d+)?$/
/** A mark of a batch that must not be stored twice. */
const MARK = /^kairos:[^:{]+:\{?\d+\}?!/

/** Keys of intervals that keep some buckets and yet never expire, and marks of clients that resend. */
export async function* keyFindings(client: RedisClient, { kept }: ProbedPlace): AsyncGenerator<Finding> {
  const endless = new Map<string, number>()
  let [cursor, looked, marks] = ['0', 0, 0]
  do {
    const [next, page] = (await client.call('SCAN', cursor, 'MATCH', `${PREFIX}*`, 'COUNT', 1000)) as [string, string[]]
    cursor = next
    looked += page.length
    marks += page.filter((key) => MARK.test(key)).length
    const data = page.flatMap((key) => intervalOf(key, kept) ?? [])
    const lives = await Promise.all(data.map(({ key }) => client.call('PTTL', key)))
    for (const [index, { place }] of data.entries())
      if (lives[index] === -1) endless.set(place, (endless.get(place) ?? 0) + 1)
  } while (cursor !== '0' && looked < LOOKED_AT)
  const part = cursor === '0' ? `all ${looked} keys` : `the first ${looked} keys`
  const found = Array.from(endless, ([place, count]) => `${count} of ${place}`).join(', ')
  yield finding(
    'keys without TTL',
    endless.size === 0,
    found === '' ? `none among ${part} that should have one` : found,
    'these keys were written before steps was set: new data deletes them step by step, or delete old names',
  )
  yield finding(
    'clients that resend',
    marks === 0,
    marks === 0 ? `no marks among ${part}` : `${marks} marks among ${part}`,
    'fine for writes with once; otherwise set autoResendUnfulfilledCommands: false and maxRetriesPerRequest: 0 in your own ioredis client',
  )
}

function intervalOf(key: string, kept: ProbedPlace['kept']): { key: string; place: string } | undefined {
  const [, place = '', interval = ''] = DATA.exec(key) ?? []
  const steps = kept.get(place)?.[decoded(interval)]
  return steps === undefined || steps === null ? undefined : { key, place: `${place} ${interval}` }
}

/** `%` and four hexadecimal digits are a character. */
function decoded(interval: string): string {
  return interval.replace(/%([0-9a-f]{4})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)))
}
