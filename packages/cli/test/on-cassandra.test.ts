import { randomUUID } from 'node:crypto'
import { Client } from 'cassandra-driver'
import { describe, expect, it } from 'vitest'
import { timeseriesOf } from '../../move/test/support/samples.ts'
import { findingsOf } from './support/findings.ts'
import { isLong } from './support/kairos.ts'

const server = process.env.KAIROS_TEST_CASSANDRA_URL
/** A keyspace of its own: discover shows what everyone has written. */
const keyspace = `kairos_cli_${randomUUID().replaceAll('-', '')}`
const url = `${server}/${keyspace}?replication=1`

describe.skipIf(!server)('on Cassandra', () => {
  it('doctor finds nothing wrong with the server, but that it is alone', async () => {
    await createKeyspace()
    // Tables take seconds.
    if (isLong) {
      const views = timeseriesOf({ name: 'views', type: 'count', intervals: { hour: { step: '1h' } } }, url)
      await views.insert('home', 1)
      await views.close()
    }
    const { code, findings, states } = await findingsOf(url)
    expect([code, states]).toMatchObject([
      0,
      { version: 'ok', nodes: 'ok', clock: 'ok', schema: 'ok', durability: 'ok', consistency: 'ok', expiry: 'ok' },
    ])
    expect(findings.replication).toMatchObject({ state: 'warn', found: '1 in datacenter1' })
    if (isLong) expect([states.deletes, states['timeseries views']]).toEqual(['ok', 'ok'])
  })
})

async function createKeyspace(): Promise<void> {
  const client = new Client({ contactPoints: [new URL(server!).host], localDataCenter: 'datacenter1' })
  await client.execute(
    `create keyspace ${keyspace} with replication = { 'class': 'NetworkTopologyStrategy', 'datacenter1': 1 }`,
  )
  await client.shutdown()
}
