import { randomUUID } from 'node:crypto'
import { createTimeseries } from '@kairos/core'
import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeMongoSamples } from '../../move/test/support/legacy-stores.ts'
import { describeLegacy } from './support/describe-legacy.ts'
import { findingsOf } from './support/findings.ts'
import { isLong } from './support/kairos.ts'

const server = process.env.KAIROS_TEST_MONGO_URL
/** A database of its own: discover shows what everyone has written. */
const url = `${server}kairos_cli_${randomUUID()}`

describe.skipIf(!server)('on MongoDB', () => {
  afterAll(async () => {
    const client = new MongoClient(url)
    await client.db().dropDatabase()
    await client.close()
  })

  it('doctor finds nothing wrong with the server', async () => {
    const views = createTimeseries(url, { name: 'views', type: 'count', intervals: { hour: { step: '1h' } } })
    await views.insert('home')
    await views.close()
    const { code, findings, states } = await findingsOf(url)
    const [check = ''] = Object.keys(states).filter((each) => each.startsWith('indexes of '))
    expect([code, states.version, states.clock, states.role, states[check]]).toEqual([0, 'ok', 'ok', 'ok', 'ok'])
    expect(findings['lost answers']).toBeDefined()
  })

  if (isLong)
    describe('of Python kairos', () => {
      beforeAll(async () => {
        const client = new MongoClient(server!)
        await writeMongoSamples(client)
        await client.close()
      })

      describeLegacy('mongo', () => server!)
    })
})
