import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTimeseries, KairosError } from '@kairos/core'
import { describe, expect, it } from 'vitest'
import { mongo, startSecantus } from '../../../scripts/servers/mongo.ts'
import { freePorts, stopProcesses } from '../../../scripts/servers/processes.ts'
import { mongoDriver } from '../src/index.ts'
import { servers } from './servers.ts'

const NOW = 1_700_000_000

// A server of its own, which writes each commit to disk before it answers: SecantusDB, even where the other tests talk to a MongoDB.
describe.skipIf(servers[0]!.url === undefined)('a server that is killed and comes back', () => {
  it('holds everything that was acknowledged, and nothing beyond what may have been stored', {
    timeout: 180_000,
  }, async (context) => {
    if ((await mongo.prepare()) !== null) return context.skip()
    const folder = mkdtempSync(join(tmpdir(), 'kairos-mongo-crash-'))
    const [port] = await freePorts(1)
    let pid = await startSecantus(folder, port!, { sync: true })
    const driver = mongoDriver(`mongodb://127.0.0.1:${port}/?directConnection=true&serverSelectionTimeoutMS=1000`)
    const counts = createTimeseries(driver, { type: 'count', intervals: { minute: { step: 60 } }, now: () => NOW })
    await counts.open()
    const bounds = { acknowledged: 0, maybe: 0 }
    let ending = false
    const writers = Array.from({ length: 4 }, async (_, writer) => {
      while (!ending) {
        try {
          const { stored } = await counts.bulkInsert(
            Array.from({ length: 20 }, (_, index) => ({ name: `${writer}/${index}`, value: 1 })),
          )
          bounds.acknowledged += stored
        } catch (error) {
          if (!KairosError.is(error)) throw error
          bounds.acknowledged += error.stored!
          bounds.maybe += error.maybeApplied!.length
        }
      }
    })
    /** Waits for this many more points. */
    const written = (more: number) => {
      const goal = bounds.acknowledged + more
      return expect.poll(() => bounds.acknowledged, { interval: 10 }).toBeGreaterThanOrEqual(goal)
    }
    for (let crash = 0; crash < 3; crash++) {
      await written(200)
      process.kill(pid, 'SIGKILL')
      pid = await startSecantus(folder, port!, { sync: true })
    }
    await written(200)
    ending = true
    await Promise.all(writers)
    let stored = 0
    for (let writer = 0; writer < 4; writer++) {
      for (let index = 0; index < 20; index++)
        stored += [...(await counts.get(`${writer}/${index}`, 'minute')).values()][0]!
    }
    expect(stored).toBeGreaterThanOrEqual(bounds.acknowledged)
    expect(stored).toBeLessThanOrEqual(bounds.acknowledged + bounds.maybe)
    await driver.close()
    await stopProcesses([pid], folder)
    rmSync(folder, { recursive: true })
  })
})
