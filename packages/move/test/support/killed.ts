import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type Digest, digest } from '../../src/index.ts'
import { killedTimeseries } from './killed-timeseries.ts'

/** Migrates in processes that are killed at random moments, until one is let through. */
export async function killedAndResumed(
  [from, to]: readonly [string, string],
  state: string,
  { kills, cells }: { readonly kills: number; readonly cells: number },
): Promise<{ readonly killed: number; readonly digests: readonly Digest[] }> {
  const [source, target] = [from, to].map(killedTimeseries)
  await source!.bulkInsert(
    Array.from({ length: cells / 2 }, (_, index) => ({
      name: `name ${index % 700}`,
      value: index,
      timestamp: Math.floor(index / 700) * 60,
    })),
  )
  let killed = 0
  for (let kill = 0; kill < kills; kill++)
    if (await isKilled([from, to, state], kill === 0 ? 0 : Math.random() * 250)) killed++
  if (await isKilled([from, to, state], Number.POSITIVE_INFINITY)) throw new Error('the last process was killed')
  const digests = [await digest(source!), await digest(target!)]
  await Promise.all([source!.close(), target!.close()])
  return { killed, digests }
}

/** Whether it was killed before it was done: this many milliseconds after it has begun to write. */
async function isKilled(stores: readonly string[], after: number): Promise<boolean> {
  const script = join(import.meta.dirname, '../fixtures/migrate-process.ts')
  const moving = spawn(process.execPath, ['--conditions=@kairos/source', script, ...stores], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(moving, 'exit') as Promise<[number | null]>
  await once(moving.stdout, 'data')
  if (Number.isFinite(after)) {
    await pause(after)
    moving.kill('SIGKILL')
  }
  const [code] = await ended
  if (code !== null && code !== 0) throw new Error(`the migration ended with ${code}`)
  return code === null
}
