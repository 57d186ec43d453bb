import { createTimeseries } from '@kairos/core'
import { describe, expect, it } from 'vitest'
import { findingsOf } from './support/findings.ts'

const url = process.env.KAIROS_TEST_MARIADB_URL

describe.skipIf(!url)('on MariaDB', () => {
  it('doctor finds nothing wrong with the server', async () => {
    const kept = createTimeseries(url!, { name: 'examined', type: 'count', intervals: { hour: { step: '1h' } } })
    await kept.open()
    await kept.close()
    const { states } = await findingsOf(url!)
    expect(states).toMatchObject({ 'timeseries examined': 'ok', version: 'ok', clock: 'ok', role: 'ok' })
  })
})
