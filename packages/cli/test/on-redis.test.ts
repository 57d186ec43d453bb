import { createTimeseries } from '@kairos/core'
import { Redis } from 'ioredis'
import { describe, expect, it } from 'vitest'
import { describeMigrating } from './support/describe-migrating.ts'
import { describeReading } from './support/describe-reading.ts'
import { describeWriting } from './support/describe-writing.ts'
import { findingsOf } from './support/findings.ts'
import { kairos } from './support/kairos.ts'

const url = process.env.KAIROS_TEST_REDIS_URL

describe.skipIf(!url)('on Redis', () => {
  // Databases of their own: discover shows what everyone has written.
  describeReading('Redis', `${url}/7`)
  describeWriting('Redis', `${url}/8`)
  describeMigrating('Redis', `${url}/9`)

  it('import reads counters of a program', async () => {
    const client = new Redis(`${url}/11`)
    await client.mset({ 'hits:home:2024022913': '7', 'hits:home:2024022914': '2' })
    const views = createTimeseries(`${url}/11`, { name: 'counted', type: 'count', intervals: { hour: { step: '1h' } } })
    await views.deleteAll()
    const line = ['import', `${url}/11`, '--redis-keys', 'hits:{name}:{yyyy}{MM}{dd}{HH}', '--store', `${url}/11`]
    for (let time = 0; time < 2; time++) expect(await kairos(line)).toMatchObject({ code: 0, err: '' })
    expect([...(await views.get('home', 'hour', { timestamp: new Date('2024-02-29T13:30Z') })).values()]).toEqual([7])
    await views.close()
    client.disconnect()
  })

  it('doctor finds keys that should expire', async () => {
    const store = `${url}/10`
    const config = { name: 'kept', type: 'count', intervals: { hour: { step: '1h', steps: 24 } } } as const
    const endless = createTimeseries(store, { ...config, intervals: { hour: { step: '1h' } } })
    await endless.insert('home')
    await endless.close()
    const kept = createTimeseries(store, config)
    await kept.open()
    const { states, findings } = await findingsOf(store)
    expect(states).toMatchObject({
      'timeseries kept': 'ok',
      version: 'ok',
      permissions: 'ok',
      role: 'ok',
    })
    expect(findings['keys without TTL']).toMatchObject({
      state: 'warn',
      found: expect.stringContaining('count.kept hour'),
    })
    await kept.deleteAll()
    await kept.close()
    expect((await findingsOf(store)).states['keys without TTL']).toBe('ok')
  })
})
