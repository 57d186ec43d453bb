import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { freePorts, stopProcesses } from '../../../scripts/servers/processes.ts'
import { redis, startRedis } from '../../../scripts/servers/redis.ts'

/** The URL of a server that only this test file talks to, so that what it counts is its own; undefined where Redis is not installed. */
export async function ownRedis(): Promise<string | undefined> {
  if ((await redis.prepare()) !== null) return undefined
  const folder = mkdtempSync(join(tmpdir(), 'kairos-redis-own-'))
  const [port] = await freePorts(1)
  const pid = await startRedis(folder, port!)
  afterAll(async () => {
    await stopProcesses([pid], folder)
    rmSync(folder, { recursive: true, force: true })
  })
  return `redis://127.0.0.1:${port}`
}
