import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import pg from 'pg'

/** An empty place at each server that runs: a database, a keyspace, of its own. */
export async function ownPlaces(): Promise<string[]> {
  const name = `kairos_cli_${randomUUID().replaceAll('-', '')}`
  const places: string[] = []
  const { KAIROS_TEST_POSTGRES_URL: postgres, KAIROS_TEST_REDIS_URL: redis } = process.env
  const { KAIROS_TEST_MONGO_URL: mongo, KAIROS_TEST_CASSANDRA_URL: cassandra } = process.env
  if (postgres !== undefined) {
    const client = new pg.Client(postgres)
    await client.connect()
    await client.query(`create database ${name}`)
    await client.end()
    places.push(postgres.replace(/\/[^/]*$/, `/${name}`))
  }
  if (redis !== undefined) {
    const client = new Redis(`${redis}/12`)
    await client.flushdb()
    client.disconnect()
    places.push(`${redis}/12`)
  }
  if (mongo !== undefined) places.push(`${mongo}${name}`)
  if (cassandra !== undefined) places.push(`${cassandra}/${name}?replication=1`)
  return places
}
