import { describe, expect, it } from 'vitest'
import { describeMigrating } from './support/describe-migrating.ts'
import { findingsOf } from './support/findings.ts'

const url = process.env.KAIROS_TEST_POSTGRES_URL

describe.skipIf(!url)('on PostgreSQL', () => {
  describeMigrating('PostgreSQL', url!)

  it('doctor finds nothing wrong with the server', async () => {
    const { code, states } = await findingsOf(url!)
    expect(code).toBe(0)
    expect(states).toMatchObject({ version: 'ok', clock: 'ok', permissions: 'ok', role: 'ok', autovacuum: 'ok' })
  })
})
