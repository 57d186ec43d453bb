import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memoryDriver } from '@kairos/core'
import { describe, expect, it } from 'vitest'
import { type Forgets, logStore } from './log-store.ts'
import { messageOf, record } from './recorder.ts'

const together = 'concurrency: several processes write the same cells, and nothing is lost or doubled'
const killed = 'concurrency: what a process has acknowledged is visible to another, and survives a kill'
const execArgv = ['--conditions=@kairos/source']

async function failureWith(module: URL | string, title = together): Promise<string> {
  const processes = { module, execArgv, env: { KAIROS_TEST_SAYS: 'no store today' } }
  const results = await record({
    create: () => memoryDriver(),
    shared: false,
    processes,
    only: (each) => each === title,
  })
  return messageOf(results, title) ?? 'it passes'
}

it('writes from other processes, which this one then looks for', async () => {
  // Each process has a memory of its own, so that only what this one wrote is here.
  const message = await failureWith(new URL('fixtures/own-memory.ts', import.meta.url))
  expect(message).toMatch(
    /^the values in a cell of shared one in writers minute:\n {2}got {6}\[\] from \[(\d+)\] on, of \1\n/,
  )
})

it('looks for what another process has acknowledged while that one continues', async () => {
  const message = await failureWith(new URL('fixtures/own-memory.ts', import.meta.url), killed)
  expect(message).toMatch(/^\d+ writes were acknowledged to another process, and series in killed minute shows 0$/)
})

it('tells what a process said that failed', async () => {
  const message = await failureWith(new URL('fixtures/failing.ts', import.meta.url).href)
  expect(message).toMatch(/^the process of writer \d ended with 1:/)
  expect(message).toContain('no store today')
  const early = await failureWith(new URL('fixtures/failing.ts', import.meta.url).href, killed)
  expect(early).toMatch(/^the process that writes ended by itself with 1:\n.*no store today/s)
})

describe.concurrent('of a store that only one process may have open', () => {
  /** The failures, by title, of a store that forgets so much. */
  async function failuresOf(forgets: Forgets): Promise<Record<string, string>> {
    const folder = mkdtempSync(join(tmpdir(), 'kairos-log-'))
    const env = { KAIROS_TEST_FOLDER: folder, KAIROS_TEST_FORGETS: forgets }
    const processes = { module: new URL('fixtures/log-store.ts', import.meta.url), execArgv, env, exclusive: true }
    // How a process ends makes no difference to the ids that it remembers.
    const titles = forgets === 'ids' ? [together] : [together, killed]
    const only = (title: string) => titles.includes(title)
    const results = await record({ create: logStore(folder, forgets), processes, only })
    rmSync(folder, { recursive: true })
    expect([...results.keys()]).toEqual(titles)
    const failed = [...results].filter(([, result]) => result instanceof Error)
    return Object.fromEntries(failed.map(([title]) => [title, messageOf(results, title)!]))
  }

  it('one passes that keeps its data in a file', async ({ expect }) => {
    expect(await failuresOf('nothing')).toEqual({})
  })

  it('one is caught that keeps its data in the memory of its process', async ({ expect }) => {
    expect(await failuresOf('everything')).toEqual({
      [together]: expect.stringMatching(/^the values in a cell of shared one/),
      [killed]: expect.stringMatching(/^series in killed minute, after \d+ acknowledged writes and a kill/),
    })
  })

  it('one is caught that remembers keys in the memory of its process', async ({ expect }) => {
    expect(await failuresOf('ids')).toEqual({
      [together]: expect.stringMatching(/^a series that 3 processes wrote by one key:\n {2}got {6}\[ 7, 7, 7 \]/),
    })
  })
})
