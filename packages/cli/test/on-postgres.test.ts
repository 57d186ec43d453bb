import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { describeMigrating } from './support/describe-migrating.ts'
import { findingsOf } from './support/findings.ts'

const url = process.env.KAIROS_TEST_POSTGRES_URL
/** A database of its own: discover shows what everyone has written. */
const database = `kairos_cli_${randomUUID().replaceAll('-', '')}`
const own = url?.replace(/\/[^/]*$/, `/${database}`)

describe.skipIf(!url)('on PostgreSQL', () => {
  beforeAll(() => query(`create database ${database}`))
  afterAll(() => query(`drop database ${database} with (force)`))

  describeMigrating('PostgreSQL', own!)

  it('doctor finds nothing wrong with the server', async () => {
    const { code, states } = await findingsOf(own!)
    expect(code).toBe(0)
    expect(states).toMatchObject({ version: 'ok', clock: 'ok', permissions: 'ok', role: 'ok', autovacuum: 'ok' })
  })
})

async function query(sql: string): Promise<void> {
  const client = new pg.Client(url)
  await client.connect()
  await client.query(sql)
  await client.end()
}
