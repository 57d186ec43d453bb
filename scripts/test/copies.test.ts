import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTimeseries } from '@kairos/core'
import { afterAll, describe, expect, it } from 'vitest'
import { copied } from './copied.ts'

const folder = mkdtempSync(join(tmpdir(), 'kairos-copies-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Two files, and every server whose variable is set: `npm run servers -- up redis mongo` prints them. */
const stores: Readonly<Record<string, string>> = {
  'one file': `sqlite:${join(folder, 'one.db')}`,
  'another file': `sqlite:${join(folder, 'another.db')}`,
  ...Object.fromEntries(
    ['REDIS', 'POSTGRES', 'MYSQL', 'MONGO', 'CASSANDRA'].flatMap((server) => {
      const url = process.env[`KAIROS_TEST_${server}_URL`]
      // Its keyspace may be missing.
      const options = server === 'CASSANDRA' ? '?replication=1' : ''
      return url === undefined ? [] : [[server, `${url}${options}`]]
    }),
  ),
}
const pairs = Object.keys(stores).flatMap((from) =>
  Object.keys(stores).flatMap((to) => (from === to ? [] : [[from, to] as const])),
)

describe('a timeseries is copied', () => {
  it.for(pairs)('from %s to %s by a process that is killed and begun again', async ([from, to]) => {
    const [source, target] = [from, to].map((store) => createTimeseries(stores[store]!, copied))
    await Promise.all([source!.deleteAll(), target!.deleteAll()])
    await source!.bulkInsert(
      Array.from({ length: 6_000 }, (_, index) => ({
        name: `name ${index % 50}`,
        value: `value ${index % 7}`,
        timestamp: Math.floor(index / 50) * 720,
      })),
    )
    for (const parts of [1, 4]) await copyUntil(stores[from]!, stores[to]!, parts)
    expect(await copyUntil(stores[from]!, stores[to]!, Number.POSITIVE_INFINITY)).toBe(0)
    const [cells, copies] = await Promise.all([source!, target!].map((each) => allOf(each.cells())))
    expect(cells!.length).toBeGreaterThan(6_000)
    expect(copies).toEqual(cells)
    await Promise.all([source!.deleteAll(), target!.deleteAll()])
    await Promise.all([source!.close(), target!.close()])
  })
})

async function allOf<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

/** Kills the process when this many parts were written; resolves to its code, null for one that was killed. */
async function copyUntil(from: string, to: string, parts: number): Promise<number | null> {
  const script = join(import.meta.dirname, 'copy-process.ts')
  const copying = spawn(process.execPath, ['--conditions=@kairos/source', script, from, to], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let written = 0
  copying.stdout.on('data', (data: Buffer) => {
    written += String(data).split('written').length - 1
    if (written >= parts) copying.kill('SIGKILL')
  })
  const [code] = (await once(copying, 'exit')) as [number | null]
  return code
}
